package store

import (
	"context"
	"strings"

	"balancelink/store/phone"
)

// Logins are what a customer may type to sign in with, beside their password. What is
// empty they have not, or another customer signs in with it.
type Logins struct {
	Email     string // in lower case
	Phone     string // as E.164 has it
	Reference string
}

// None says that there is nothing to sign in with.
func (l Logins) None() bool { return l == Logins{} }

// CustomerByLogin returns the customer with a password whose e-mail address, reference or
// telephone number that is. A number may be written as people do, and so may the letters of a
// reference, as a keyboard has them: in other capitals it is that of the one who has it so. Where
// a text is the number of one and the reference of another it is the reference: that is the
// business's own, and the number has other forms.
func (s *Store) CustomerByLogin(ctx context.Context, login string) (Customer, error) {
	return customerByLogin(ctx, s.read, login, "TRUE")
}

// customerByLogin is the customer of a login of whom an SQL condition holds, too.
func customerByLogin(ctx context.Context, q querier, login, also string) (Customer, error) {
	number, _ := phone.Parse(login)
	c, err := one(ctx, q, scanCustomer, `
		SELECT `+customerColumns+`
		FROM customers
		WHERE password_hash <> '' AND (
			login_email = LOWER($1) AND login_email <> ''
			OR reference = $1 AND reference <> ''
			OR LOWER(reference) = LOWER($1) AND reference <> '' AND NOT EXISTS (
				SELECT 1
				FROM customers AS other
				WHERE LOWER(other.reference) = LOWER($1) AND other.reference <> '' AND other.password_hash <> ''
				AND other.id <> customers.id)
			OR login_phone = $2 AND login_phone <> '')
		AND `+also+`
		ORDER BY CASE
			WHEN login_email = LOWER($1) THEN 0
			WHEN reference = $1 THEN 1
			WHEN LOWER(reference) = LOWER($1) THEN 2
			ELSE 3 END
		LIMIT 1`, login, number)
	if err == nil && !c.hasLogin(login, number) {
		return Customer{}, ErrNotFound
	}
	return c, err
}

// hasLogin says whether what somebody typed is a customer's still. An instance of the release
// before corrects a number and leaves the one of before as the login.
func (c Customer) hasLogin(typed, number string) bool {
	now, _ := phone.Parse(c.Phone)
	return strings.EqualFold(c.Reference, typed) || strings.EqualFold(c.Email, typed) || number != "" && now == number
}

// loginEmail is SQL over customers for the e-mail address with which a customer
// who has a password signs in: none when another one signs in with it already.
const loginEmail = `CASE
		WHEN EXISTS (
			SELECT 1
			FROM customers AS other
			WHERE other.id <> customers.id AND (
				other.login_email <> '' AND other.login_email = LOWER(customers.email)
				OR other.reference <> '' AND other.reference = customers.email))
		THEN ''
		ELSE LOWER(customers.email) END`

// loginPhone is the same for the telephone number $2, of which $3 to $6 are the forms that
// may be another's reference.
const loginPhone = `CASE
		WHEN EXISTS (
			SELECT 1
			FROM customers AS other
			WHERE other.id <> customers.id AND (
				other.login_phone <> '' AND other.login_phone = $2
				OR other.reference <> '' AND other.reference IN ($3, $4, $5, $6)))
		THEN ''
		ELSE $2 END`

// numberForms are the arguments of [loginPhone].
func numberForms(text string) []any {
	number, ok := phone.Parse(text)
	args := []any{number, "", "", "", ""}
	if ok {
		for i, form := range phone.Starts(number) {
			args[1+i] = form
		}
	}
	return args
}

// LoginsToBe are what a customer signs in with once they set a password now.
func (s *Store) LoginsToBe(ctx context.Context, c Customer) (Logins, error) {
	l := Logins{Reference: c.Reference}
	err := s.read.QueryRowContext(
		ctx, `SELECT `+loginEmail+`, `+loginPhone+` FROM customers WHERE id = $1`,
		append([]any{c.ID}, numberForms(c.Phone)...)...,
	).Scan(&l.Email, &l.Phone)
	return l, orNoRows(err)
}

// renewLogins makes the address and the number that a customer has now their logins, if they
// have a password and these are nobody else's.
func (tx *tx) renewLogins(ctx context.Context, c Customer) error {
	return tx.exec(ctx, `
		UPDATE customers
		SET login_email = `+loginEmail+`, login_phone = `+loginPhone+`
		WHERE id = $1 AND password_hash <> ''`, append([]any{c.ID}, numberForms(c.Phone)...)...)
}
