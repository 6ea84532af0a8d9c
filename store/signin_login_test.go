package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"balancelink/store"
)

// forms are some in which people write one number.
var forms = []string{
	"08031001001", "0803 100 1001", "0803-100-1001", "(0803) 100 1001", "803 100 1001", "+2348031001001", "+234 803 100 1001", "2348031001001", "00234 803 100 1001",
	"+234 (0) 803 100 1001", "０８０３ 100 1001", " 0803\u00a0100\u00a01001 ",
}

// signsIn is the customer whom each of some logins signs in, by name; empty: nobody.
func (d *db) signsIn(what, want string, logins ...string) {
	d.t.Helper()
	for _, login := range logins {
		got, err := d.CustomerByLogin(d.t.Context(), login)
		if err != nil && !errors.Is(err, store.ErrNotFound) || got.Name != want {
			d.t.Errorf("%s: %q signs in %q, %v; want %q", what, login, got.Name, err, want)
		}
	}
}

// known adds a customer, with a password if that is not empty.
func (d *db) known(password string, c store.Customer) store.Customer {
	d.t.Helper()
	c = must(d.AddCustomer(d.t.Context(), store.Program, c))
	if password != "" {
		d.ok(d.SetCustomerPassword(d.t.Context(), store.OfCustomer(c.ID), "", password))
	}
	return c
}

func TestACustomerSignsInByTheirNumberInAnyForm(t *testing.T) {
	d := newDB(t)
	d.known("", store.Customer{Name: "Without a password", Phone: "+2348031001001"})
	d.signsIn("nobody has a password", "", forms...)
	d.known("hash", store.Customer{Name: "Amina", Phone: "+2348031001001"})
	d.known("hash", store.Customer{Name: "From before", Phone: "0805 100 1001"})
	d.known("hash", store.Customer{Name: "No number", Phone: "office"})
	d.known("hash", store.Customer{Name: "Ngozi", Phone: "+447700900123"})
	d.signsIn("a number", "Amina", forms...)
	d.signsIn("as it was typed once", "From before", "0805 100 1001", "+2348051001001")
	d.signsIn("abroad", "Ngozi", "+44 7700 900123", "0044 7700-900123")
	d.signsIn("what is none", "", "office", "", "803100100", "08031001002", "+44 803 100 1001", "0803 100 1001 x")
}

func TestOfThoseWhoShareANumberWhoeverSetAPasswordFirstSignsInByIt(t *testing.T) {
	d := newDB(t)
	ctx := t.Context()
	ada := d.known("", store.Customer{Name: "Ada", Phone: "+2348031001001", Reference: "LN-1"})
	amina := d.known("hash", store.Customer{Name: "Amina", Phone: "+2348031001001", Reference: "LN-2"})
	if got := must(d.LoginsToBe(ctx, ada)); got != (store.Logins{Reference: "LN-1"}) {
		t.Errorf("Ada is told %+v", got)
	}
	if got := must(d.LoginsToBe(ctx, amina)); got != (store.Logins{Phone: "+2348031001001", Reference: "LN-2"}) {
		t.Errorf("Amina is told %+v", got)
	}
	d.ok(d.SetCustomerPassword(ctx, store.OfCustomer(ada.ID), "", "hash"))
	d.signsIn("both have a password", "Amina", forms...)
	d.signsIn("her reference", "Ada", "LN-1")
	d.ok(d.SetCustomerPassword(ctx, store.OfCustomer(amina.ID), "hash", "another"))
	d.signsIn("another password", "Amina", forms...)
	d.ok(d.RemoveCustomerPassword(ctx, store.Program, amina.ID))
	d.signsIn("whose it was has no password", "", forms...)
	d.ok(d.SetCustomerPassword(ctx, store.OfCustomer(ada.ID), "hash", "another"))
	d.signsIn("it is free", "Ada", forms...)
	if p := must(d.CustomerPassword(ctx, ada.ID)); p.Logins != (store.Logins{Phone: "+2348031001001", Reference: "LN-1"}) {
		t.Errorf("Ada signs in with %+v", p.Logins)
	}
	if p := must(d.CustomerPassword(ctx, amina.ID)); p.Logins != (store.Logins{}) {
		t.Errorf("Amina, without a password, signs in with %+v", p.Logins)
	}
}

func TestANumberThatIsCorrectedSignsInByTheNewOneAlone(t *testing.T) {
	d := newDB(t)
	amina := d.known("hash", store.Customer{Name: "Amina", Phone: "+2348031001001"})
	bola := d.known("hash", store.Customer{Name: "Bola", Phone: "+2348051001001"})
	amina.Phone = "+2348061001001"
	d.ok(d.correct(amina))
	d.signsIn("the number of before", "", forms...)
	d.signsIn("the new one", "Amina", "0806 100 1001")
	bola.Phone = "+2348061001001"
	d.ok(d.correct(bola))
	d.signsIn("the number of another", "Amina", "0806 100 1001")
	d.signsIn("the number of before", "", "0805 100 1001")
	amina.Phone = ""
	d.ok(d.correct(amina))
	d.signsIn("no number", "", "0806 100 1001")
	d.ok(d.Erase(t.Context(), store.Program, bola.ID, "asked"))
	d.known("hash", store.Customer{Name: "Chidi", Phone: "+2348061001001"})
	d.signsIn("of who was erased", "Chidi", "0806 100 1001")
}

// An instance of the release before knows nothing of the number as a login.
func TestANumberThatTheReleaseBeforeCorrectedSignsNobodyIn(t *testing.T) {
	d := newDB(t)
	amina := d.known("hash", store.Customer{Name: "Amina", Phone: "+2348031001001", Reference: "LN-1"})
	d.Exec(t, `UPDATE customers SET phone = '+2348061001001' WHERE id = $1`, amina.ID)
	d.signsIn("the number of before", "", forms...)
	d.signsIn("her reference", "Amina", "LN-1")
}

func TestAReferenceThatReadsAsANumberIsTheReference(t *testing.T) {
	d := newDB(t)
	amina := d.known("hash", store.Customer{Name: "Amina", Phone: "+2348031001001"})
	d.known("hash", store.Customer{Name: "Bola", Reference: "08031001001"})
	d.signsIn("the reference as it is", "Bola", "08031001001")
	d.signsIn("the number in other forms", "Amina", "0803 100 1001", "+2348031001001")
	for _, reference := range []string{"08051001001", "2348061001001", "+2348071001001", "8081001001"} {
		d.known("", store.Customer{Name: "Whose reference it is", Reference: reference})
		c := d.known("hash", store.Customer{Name: "Chidi", Phone: "+234" + reference[len(reference)-10:]})
		if got := must(d.LoginsToBe(t.Context(), c)); !got.None() {
			t.Errorf("%s is another's reference, and they are told %+v", reference, got)
		}
		d.signsIn("a number that is a reference", "", reference, c.Phone)
	}
	d.known("hash", store.Customer{Name: "Dayo", Reference: "08091001001", Phone: "+2348091001001"})
	d.signsIn("their own reference", "Dayo", "08091001001", "+234 809 100 1001")
	if got := must(d.LoginsToBe(t.Context(), amina)); !got.None() {
		t.Errorf("Amina is told %+v, and in one form it is Bola's reference", got)
	}
}

func TestOfThoseWhoSharedANumberBeforeTheFirstKeepsItAsLogin(t *testing.T) {
	d := newDB(t)
	d.MigrateTo(t, 97)
	for i, row := range []struct{ name, phone, hash string }{
		{"later", "+2348031001001", "hash"}, {"first", "+2348031001001", "hash"}, {"before", "+2348031001001", ""}, {"raw", "0805 100 1001", "hash"}, {"taken", "+2348061001001", "hash"},
	} {
		d.Exec(t, `
			INSERT INTO customers (id, name, reference, email, phone, sort_name, created_at, password_hash, password_set_at)
			VALUES ($1, $1, $1, '', $2, '', 0, $3, $4)`, row.name, row.phone, row.hash, 10-i)
	}
	d.Exec(t, `UPDATE customers SET reference = '08061001001' WHERE id = 'before'`)
	d.reopen()
	d.signsIn("shared", "first", forms...)
	d.signsIn("as it was typed once", "", "0805 100 1001")
	d.signsIn("another's reference", "", "08061001001", "+2348061001001")
	d.signsIn("a reference", "later", "later")
	raw := must(d.CustomerByID(t.Context(), "raw"))
	raw.Phone = "+2348051001001"
	d.ok(d.correct(raw))
	d.signsIn("saved anew", "raw", "0805 100 1001")
}

func TestACodeGoesToTheAddressOfWhoTypedTheirNumber(t *testing.T) {
	d := newDB(t)
	c := store.Customer{Name: "Amina", Email: "amina@example.com", Phone: "+2348031001001", Reference: "LN-1"}
	amina := d.known("hash", c)
	d.known("hash", store.Customer{Name: "Bola", Email: "amina@example.com", Phone: "+2348051001001", Reference: "LN-2"})
	d.known("", store.Customer{Name: "Chidi", Email: "chidi@example.com", Phone: "+2348061001001"})
	for _, login := range slices.Concat(forms, []string{"amina@example.com", "LN-1"}) {
		if got, err := d.CustomerByMail(t.Context(), login); err != nil || got.ID != amina.ID {
			t.Errorf("%q: a code goes to %q, %v", login, got.Name, err)
		}
	}
	for _, login := range []string{"0805 100 1001", "LN-2", "0806 100 1001", "0807 100 1001"} { // another's address, no password, nobody
		if got, err := d.CustomerByMail(t.Context(), login); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: a code goes to %q, %v", login, fmt.Sprint(got.Name), err)
		}
	}
}
