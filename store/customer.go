package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"balancelink/store/fold"
)

// Kind is whether a customer is a person or a business.
type Kind string

// The kinds. A business' bank window is that of corporate accounts, and the holder's name
// is compared with theirs as a firm's.
const (
	Person   Kind = "person"
	Business Kind = "business"
)

// Known says whether there is such a kind.
func (k Kind) Known() bool { return k == Person || k == Business }

// Customer is a person or firm whose accounts are linked here.
type Customer struct {
	ID        string
	Name      string
	Kind      Kind   // empty where one is stored: what they are already, and a person if they are new
	Reference string // the business's own number; empty: none; unique otherwise
	Email     string
	Phone     string // as E.164 has it, if it was given since that is asked for
	Language  string // code of the language to write to them in; empty: not known
	Note      string // what staff should know of them
	CreatedAt time.Time

	AskedLinkAt time.Time // when they asked for a new personal link; zero: they have one since, or did not

	ContactedAt time.Time // when staff last said that they spoke to them; zero: never
	ContactedBy string    // staff.id
	PutOffUntil time.Time // staff have put them off until then; zero: they have not

	SeenAt time.Time // when they last looked at their balances themselves, to the hour; zero: never
}

const customerColumns = `customers.id, customers.name, customers.kind, customers.reference, customers.email, customers.phone, customers.language, customers.note,
		customers.created_at, customers.asked_link_at, customers.contacted_at, customers.contacted_by, customers.put_off_until,
		customers.seen_at`

func scanCustomer(row scanner) (c Customer, err error) {
	err = row.Scan(c.columns()...)
	return c, err
}

// columns are where [customerColumns] are scanned to.
func (c *Customer) columns() []any {
	return []any{
		&c.ID, &c.Name, &c.Kind, &c.Reference, &c.Email, &c.Phone, &c.Language, &c.Note, timeOf{&c.CreatedAt},
		timeOf{&c.AskedLinkAt}, timeOf{&c.ContactedAt}, &c.ContactedBy, timeOf{&c.PutOffUntil},
		timeOf{&c.SeenAt},
	}
}

// AddCustomer stores a new customer and gives it its id. A reference that
// another customer has is [ErrConflict].
func (s *Store) AddCustomer(ctx context.Context, actor string, c Customer) (Customer, error) {
	err := s.inTx(ctx, func(tx *tx) (err error) {
		c, err = tx.addCustomer(ctx, actor, "", c)
		return err
	})
	return c, err
}

// AddCustomerByForm is [Store.AddCustomer] for a form, which holds what no other does: sent
// again as it was, as two presses do, it brings the customer of before. Who goes back to it
// and types another adds that one. Empty: nothing is known of the form.
func (s *Store) AddCustomerByForm(ctx context.Context, actor, form string, c Customer) (Customer, error) {
	err := s.inTx(ctx, func(tx *tx) error {
		by := form
		was, err := one(ctx, tx, scanCustomer, `
			SELECT `+customerColumns+`
			FROM customers
			WHERE form = $1 AND form <> ''`, form)
		switch {
		case err == nil && was.typedAs(c):
			c = was
			return nil
		case err == nil:
			by = ""
		case !errors.Is(err, ErrNotFound):
			return err
		}
		c, err = tx.addCustomer(ctx, actor, by, c)
		return err
	})
	return c, err
}

// typedAs says that a customer is as somebody types them who adds them.
func (c Customer) typedAs(new Customer) bool {
	return c.Name == new.Name && c.Kind == cmp.Or(new.Kind, Person) && c.Reference == new.Reference &&
		c.Email == new.Email && c.Phone == new.Phone && c.Language == new.Language && c.Note == new.Note
}

func (tx *tx) addCustomer(ctx context.Context, actor, form string, c Customer) (Customer, error) {
	c.ID, c.CreatedAt, c.Kind = newID(), tx.now, cmp.Or(c.Kind, Person)
	changed, err := tx.changes(ctx, `
		INSERT INTO customers (id, name, reference, email, phone, language, note, sort_name, name_words, created_at, kind, form)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT DO NOTHING`,
		c.ID, c.Name, c.Reference, c.Email, c.Phone, c.Language, c.Note, fold.Text(c.Name), fold.Words(c.Name),
		unixMS(c.CreatedAt), c.Kind, form)
	if err != nil || !changed {
		return c, cmp.Or(err, ErrConflict)
	}
	if err := tx.indexCustomer(ctx, c); err != nil {
		return c, err
	}
	return c, tx.audit(ctx, Act{Actor: actor, Action: ActCustomerAdded, Customer: c.ID, Subject: c.ID})
}

// PutCustomer makes the customer with a reference, or corrects the one that there is, and
// says which. The note that staff wrote stays.
func (s *Store) PutCustomer(
	ctx context.Context, actor string, c Customer, again Comparing,
) (put Customer, added bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		was, err := tx.customerBefore(ctx, c.Reference)
		if err != nil {
			return err
		}
		added = was.ID == ""
		put, err = tx.put(ctx, actor, was, c, again)
		return err
	})
	return put, added, err
}

// customerBefore is the customer of a reference, without an id when there is none.
func (tx *tx) customerBefore(ctx context.Context, reference string) (Customer, error) {
	was, err := customerByReference(ctx, tx, reference)
	if errors.Is(err, ErrNotFound) {
		return Customer{}, nil
	}
	return was, err
}

// put makes a customer, or corrects the one who was there.
func (tx *tx) put(ctx context.Context, actor string, was, c Customer, again Comparing) (Customer, error) {
	if was.ID == "" {
		return tx.addCustomer(ctx, actor, "", c)
	}
	c.ID, c.Note, c.CreatedAt, c.Kind = was.ID, was.Note, was.CreatedAt, cmp.Or(c.Kind, was.Kind)
	return c, tx.correct(ctx, actor, was, c, "", again)
}

// CustomerByReference returns the customer whom the business calls so.
func (s *Store) CustomerByReference(ctx context.Context, reference string) (Customer, error) {
	return customerByReference(ctx, s.read, reference)
}

func customerByReference(ctx context.Context, q querier, reference string) (Customer, error) {
	return one(ctx, q, scanCustomer, `
		SELECT `+customerColumns+`
		FROM customers
		WHERE reference = $1 AND reference <> ''`, reference)
}

// CustomerByID returns one customer.
func (s *Store) CustomerByID(ctx context.Context, id string) (Customer, error) {
	return findCustomer(ctx, s.read, id)
}

func findCustomer(ctx context.Context, q querier, id string) (Customer, error) {
	return one(ctx, q, scanCustomer, `SELECT `+customerColumns+` FROM customers WHERE id = $1`, id)
}

// Filter picks customers by the work they make.
type Filter string

// The filters of the customer list.
const (
	AllCustomers Filter = ""
	Linked       Filter = "linked"
	NeverLinked  Filter = "never_linked"
	NeedsLogin   Filter = "needs_login"
	NeedsReview  Filter = "needs_review"
	AskedLink    Filter = "asked_link" // those who asked for a new personal link
	PutOff       Filter = "put_off"    // those whom staff have put off until later
	StaleBalance Filter = "stale"

	// BelowThreshold are those with an account below its threshold.
	// ThresholdUnknown are those with one of which nobody can tell: they are in
	// neither list silently.
	BelowThreshold   Filter = "below_threshold"
	ThresholdUnknown Filter = "threshold_unknown"

	// ConsentEnded are those who are linked and whose banks are not asked, since
	// their consent has ended; ConsentEnding those whose consent ends soon.
	ConsentEnded  Filter = "consent_ended"
	ConsentEnding Filter = "consent_ending"

	// ToMove are those with a linked account at a provider through whom no new links
	// are made, see [Options.MovesTo], unless it came there from the one of new links.
	ToMove Filter = "to_move"
)

// conditions are the filters as SQL over customers.
var conditions = map[Filter]string{
	AllCustomers: `TRUE`,
	Linked:       isLinked,
	NeverLinked:  `links = 'never'`,
	NeedsLogin:   `EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND status = 'needs_login' AND ` + notContinued + `)`,
	NeedsReview:  needsReview,
	AskedLink:    `asked_link_at IS NOT NULL`,
	PutOff:       `put_off_until > $now`,
	StaleBalance: `EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND ` + followed + `
		AND (as_of < $stale OR ` + ahead + ` OR as_of_kind = 'unknown') AND ` + notContinued + `)`,

	BelowThreshold:   `fell_below AND ` + withThreshold + belowThreshold + `)`,
	ThresholdUnknown: `watched AND ` + withThreshold + thresholdUnknown + `)`,

	ConsentEnded:  isLinked + ` AND ` + consentEnded,
	ConsentEnding: isLinked + ` AND ` + consentEnding,

	ToMove: `EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND ` + isToMove + `)`,
}

// isToMove is the condition that an account makes its customer one to move.
const isToMove = followed + ` AND provider <> $moves AND $moves <> '' AND ` + notContinued + `
		AND NOT EXISTS (SELECT 1 FROM accounts AS older WHERE older.id = accounts.continues AND older.provider = $moves)`

// needsReview is the condition that a link of a customer, or one of their accounts, waits
// for staff.
const needsReview = `(EXISTS (SELECT 1 FROM link_attempts WHERE link_attempts.customer_id = customers.id AND state = 'needs_review')
		OR EXISTS (SELECT 1 FROM account_questions WHERE account_questions.customer_id = customers.id AND decided_at IS NULL))`

// isLinked is the condition that a customer has an account that is followed: who shares
// none any more is not linked, as who has unlinked them all.
const isLinked = `EXISTS (SELECT 1 FROM accounts WHERE accounts.customer_id = customers.id AND ` + followed + ` AND ` + notContinued + `)`

// What is kept of a customer's consent says that it has ended, or ends soon.
const (
	consentEnded  = `consent_ends_at <= $now`
	consentEnding = `consent_soon_at <= $now AND consent_ends_at > $now`
)

// Filters are all that pick some customers.
func Filters() (all []Filter) {
	for f := range conditions {
		if f != AllCustomers {
			all = append(all, f)
		}
	}
	return all
}

// Known says whether there is such a filter.
func (f Filter) Known() bool { return conditions[f] != "" }

// condition is a filter as SQL over customers. Unknown filters pick all.
func (f Filter) condition() string {
	if cond, ok := conditions[f]; ok {
		return cond
	}
	return conditions[AllCustomers]
}

// where is a filter as SQL, with the arguments it adds.
func (s *Store) where(f Filter, staleBefore time.Time, args []any) (string, []any) {
	return s.named(f.condition(), staleBefore, args)
}

// named puts into SQL of a filter the moments and the provider that it names, and
// adds them to the arguments.
func (s *Store) named(cond string, staleBefore time.Time, args []any) (string, []any) {
	for _, named := range []struct {
		name  string
		value any
	}{
		{"$stale", staleBefore.UnixMilli()}, {"$now", unixMS(s.now())},
		{"$ahead", unixMS(s.now().Add(maxSkew))}, {"$moves", s.movesTo},
	} {
		if strings.Contains(cond, named.name) {
			args = append(args, named.value)
			cond = strings.ReplaceAll(cond, named.name, fmt.Sprintf("$%d", len(args)))
		}
	}
	return cond, args
}

// linkFlags are the flags of a [CustomerRow]; $1 is now.
const linkFlags = `
		` + needsReview + `,
		EXISTS (SELECT 1 FROM invitations WHERE invitations.customer_id = customers.id AND revoked_at IS NULL AND expires_at > $1)`

// CustomerRowByID returns one customer as the list would show it.
func (s *Store) CustomerRowByID(ctx context.Context, id string) (CustomerRow, error) {
	return one(ctx, s.read, scanCustomerRow, `
		SELECT `+customerColumns+`, `+linkFlags+`
		FROM customers
		WHERE id = $2`, unixMS(s.now()), id)
}

// CustomerRowsByID returns customers as the list would show them, in the order in which
// they are asked for. Who is not there is left out.
func (s *Store) CustomerRowsByID(ctx context.Context, ids []string) (rows []CustomerRow, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args, at := []any{unixMS(s.now())}, make(map[string]int, len(ids))
	for i, id := range ids {
		args, at[id] = append(args, id), i
	}
	found, err := collect(ctx, s.read, scanCustomerRow, `
		SELECT `+customerColumns+`, `+linkFlags+`
		FROM customers
		WHERE id IN (`+marks(2, len(ids))+`)`, args...)
	slices.SortFunc(found, func(a, b CustomerRow) int { return cmp.Compare(at[a.ID], at[b.ID]) })
	return found, err
}

// NewestCustomers returns the customers added last.
func (s *Store) NewestCustomers(ctx context.Context, limit int) ([]CustomerRow, error) {
	return collect(ctx, s.read, scanCustomerRow, newestCustomers, unixMS(s.now()), limit)
}

var newestCustomers = rowByRow(`
	SELECT ` + customerColumns + `, ` + linkFlags + `
	FROM customers
	ORDER BY id DESC
	LIMIT $2`)

// viewedEvery is how often a look at a customer's balances is written down.
const viewedEvery = time.Hour

// MarkSeen notes that a customer looks at their own balances now.
func (s *Store) MarkSeen(ctx context.Context, id string) error {
	now := s.now()
	var due bool
	err := s.read.QueryRowContext(
		ctx, `SELECT COALESCE(seen_at, 0) <= $2 OR seen_at > $3 FROM customers WHERE id = $1`, id,
		unixMS(now.Add(-viewedEvery)), unixMS(now),
	).Scan(&due)
	if err != nil || !due {
		return err
	}
	return s.exec(ctx, `UPDATE customers SET seen_at = $2 WHERE id = $1`, id, unixMS(now))
}

// MarkViewed notes that somebody looks at a customer's balances now: what
// nobody looks at need not be refreshed by the schedule. A look after the
// consent has ended does not bring it back.
func (s *Store) MarkViewed(ctx context.Context, id string) error {
	now := s.now()
	var last time.Time
	if err := s.read.QueryRowContext(
		ctx, `SELECT viewed_at FROM customers WHERE id = $1`, id,
	).Scan(timeOf{&last}); err != nil {
		return err
	}
	if since := now.Sub(last); since >= 0 && since < viewedEvery {
		return nil
	}
	if holds, err := s.HasConsent(ctx, id, ""); err != nil || !holds {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.exec(ctx, `UPDATE customers SET viewed_at = $2 WHERE id = $1`, id, unixMS(now)); err != nil {
			return err
		}
		return tx.keepConsentEnd(ctx, id)
	})
}
