package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Consent is what a customer agreed to, when, and in which words.
type Consent struct {
	ID           string
	CustomerID   string
	InvitationID string
	VisitID      string        // in which it was given; empty: the customer had signed in
	Version      string        // of the text shown
	Scope        string        // products, comma-separated
	Provider     string        // through whom the banks are read; empty: Okra
	Business     string        // who asked, as the text named them
	ValidFor     time.Duration // as the text said; 0: it said it in words of its own
	UnusedFor    time.Duration // likewise
	KeptFor      time.Duration // how long balances are kept, as the text said; 0: for good, or it did not say
	Purpose      string        // what for, as the business gave it; empty: in words of the text's own
	Address      string        // where the business is reached, as the text said; empty: it did not
	Licence      string
	Phone        string
	GivenAt      time.Time
	WithdrawnAt  time.Time
}

const consentColumns = `id, customer_id, COALESCE(invitation_id, ''), visit_id, version, scope, provider, business, valid_for, unused_for, kept_for, purpose, address, licence, phone, given_at, withdrawn_at`

func scanConsent(row scanner) (c Consent, err error) {
	var valid, unused, kept int64
	err = row.Scan(
		&c.ID, &c.CustomerID, &c.InvitationID, &c.VisitID, &c.Version, &c.Scope, &c.Provider, &c.Business, &valid,
		&unused, &kept, &c.Purpose, &c.Address, &c.Licence, &c.Phone,
		timeOf{&c.GivenAt}, timeOf{&c.WithdrawnAt},
	)
	c.ValidFor, c.UnusedFor = time.Duration(valid)*time.Millisecond, time.Duration(unused)*time.Millisecond
	c.KeptFor = time.Duration(kept) * time.Millisecond
	return c, err
}

// AddConsent stores that a customer agreed just now.
func (s *Store) AddConsent(ctx context.Context, c Consent) (Consent, error) {
	err := s.inTx(ctx, func(tx *tx) (err error) {
		c, err = tx.addConsent(ctx, c)
		return err
	})
	return c, err
}

func (tx *tx) addConsent(ctx context.Context, c Consent) (Consent, error) {
	c.ID, c.GivenAt = newID(), tx.now
	err := tx.exec(ctx, `
		INSERT INTO consents (id, customer_id, invitation_id, visit_id, version, scope, provider, business,
			valid_for, unused_for, kept_for, purpose, address, licence, phone, given_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		c.ID, c.CustomerID, nullable(c.InvitationID), c.VisitID, c.Version, c.Scope, cmp.Or(c.Provider, "okra"),
		c.Business, c.ValidFor.Milliseconds(), c.UnusedFor.Milliseconds(), c.KeptFor.Milliseconds(),
		c.Purpose, c.Address, c.Licence, c.Phone, unixMS(c.GivenAt))
	if err != nil {
		return c, err
	}
	if err := tx.keepConsentEnd(ctx, c.CustomerID); err != nil {
		return c, err
	}
	by := Scope{CustomerID: c.CustomerID, VisitID: c.VisitID}
	return c, tx.audit(ctx, Act{Actor: by.Actor(), Action: ActConsentGiven, Customer: c.CustomerID, Subject: c.ID})
}

// ConsentsByCustomer returns the consents of a customer within a scope, newest first.
func (s *Store) ConsentsByCustomer(ctx context.Context, scope Scope) ([]Consent, error) {
	return collect(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE customer_id = $2 AND `+reached+`
		ORDER BY id DESC
		LIMIT 20`, scope.args()...)
}

// ConsentByID returns a consent within a scope; any other is [ErrNotFound].
func (s *Store) ConsentByID(ctx context.Context, scope Scope, id string) (Consent, error) {
	return one(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE id = $4 AND `+reached, scope.args(id)...)
}

// ErrNoConsent says that the customer's consent has ended: the bank must not be
// asked before they give it again.
var ErrNoConsent = errors.New("store: the customer's consent has ended")

// consentRule says when a consent ends by itself: as its text said, or sooner
// where less is set today. More binds nobody who agreed to less.
type consentRule struct {
	valid  time.Duration // after it was given; 0: never
	unused time.Duration // after somebody last looked at the balances; 0: never
}

// less is the shorter of what a text said and what is set, of which 0 is none.
func less(said, set time.Duration) time.Duration {
	if said == 0 || set > 0 && set < said {
		return set
	}
	return said
}

// notice is for how long before its end a consent that holds for so long is said
// to end soon.
func notice(holds time.Duration) time.Duration { return min(longestNotice, holds/4) }

const longestNotice = 14 * 24 * time.Hour

// inForce is an SQL condition over customers: a consent is in force at a moment, to
// what a provider reads, which is an SQL expression; empty: to what any does.
// Whether one has ended is worked out and never written down, so that a clock
// gone wrong ends none for good.
func (r consentRule) inForce(now, provider string) string {
	of := ""
	if provider != "" {
		of = " AND consents.provider = " + provider
	}
	return `EXISTS (
			SELECT 1
			FROM (
				SELECT given_at, ` + lessOf("valid_for", r.valid) + ` AS valid, ` + lessOf("unused_for", r.unused) + ` AS unused
				FROM consents
				WHERE consents.customer_id = customers.id AND consents.withdrawn_at IS NULL` + of + `) AS terms
			WHERE (valid = 0 OR given_at + valid > ` + now + `)
			AND (unused = 0 OR given_at + unused > ` + now + ` OR customers.viewed_at + unused > ` + now + `))`
}

// lessOf is [less] in SQL, in milliseconds.
func lessOf(column string, set time.Duration) string {
	if set == 0 {
		return column
	}
	return fmt.Sprintf(`CASE WHEN %s BETWEEN 1 AND %[2]d THEN %[1]s ELSE %[2]d END`, column, set.Milliseconds())
}

// ConsentState is how it stands with a customer's consent.
type ConsentState struct {
	Given       bool      // one was given that is not withdrawn
	EndsAt      time.Time // when that ends by itself, or has ended; zero: never
	SoonAt      time.Time // from when on that is soon
	WithdrawnAt time.Time // when one was last withdrawn; zero: never
	WithdrawnBy string    // an actor of the audit log; empty: nobody knows
}

// Withdrawn says whether what there was is withdrawn, and nothing else agreed to.
func (c ConsentState) Withdrawn() bool { return !c.Given && !c.WithdrawnAt.IsZero() }

// end lets a consent end when it has held for so long since a moment; 0: never.
func (c *ConsentState) end(since time.Time, holds time.Duration) {
	if holds == 0 {
		return
	}
	c.EndsAt = sooner(c.EndsAt, since.Add(holds))
	c.SoonAt = sooner(c.SoonAt, since.Add(holds-notice(holds)))
}

// sooner is the earlier of two moments, of which a is zero when there is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Holds says whether the banks may be asked.
func (c ConsentState) Holds(now time.Time) bool {
	return c.Given && (c.EndsAt.IsZero() || now.Before(c.EndsAt))
}

// EndsSoon says whether a consent holds and ends soon.
func (c ConsentState) EndsSoon(now time.Time) bool {
	return c.Holds(now) && !c.EndsAt.IsZero() && !now.Before(c.SoonAt)
}

// ConsentStates says how it stands with the consents of customers, of those who are there.
func (s *Store) ConsentStates(ctx context.Context, customerIDs ...string) (map[string]ConsentState, error) {
	return s.consent.states(ctx, s.read, "", customerIDs)
}

// state is when the consent of a customer to what a provider reads ends that ends
// last; without a provider: to what any does.
func (r consentRule) state(ctx context.Context, q querier, customerID, provider string) (ConsentState, error) {
	all, err := r.states(ctx, q, provider, []string{customerID})
	c, is := all[customerID]
	if err == nil && !is {
		err = ErrNotFound
	}
	return c, err
}

// states are the states of customers.
func (r consentRule) states(
	ctx context.Context, q querier, provider string, customerIDs []string,
) (map[string]ConsentState, error) {
	if len(customerIDs) == 0 {
		return nil, nil
	}
	states, viewed := map[string]ConsentState{}, map[string]time.Time{}
	var given []Consent
	err := together(ctx, q, func() error {
		_, err := collect(ctx, q, func(row scanner) (id string, err error) {
			var c ConsentState
			var at time.Time
			err = row.Scan(&id, timeOf{&c.WithdrawnAt}, &c.WithdrawnBy, timeOf{&at})
			states[id], viewed[id] = c, at
			return id, err
		}, `
			SELECT customers.id, last.withdrawn_at, COALESCE(last.withdrawn_by, ''), customers.viewed_at
			FROM customers LEFT JOIN consents AS last ON last.id = (
				SELECT id
				FROM consents
				WHERE consents.customer_id = customers.id AND withdrawn_at IS NOT NULL
				ORDER BY withdrawn_at DESC, id DESC
				LIMIT 1)
			WHERE customers.id IN (`+marks(1, len(customerIDs))+`)`, anys(customerIDs)...)
		return err
	}, func() (err error) {
		given, err = collect(ctx, q, scanConsent, `
			SELECT `+consentColumns+`
			FROM consents
			WHERE customer_id IN (`+marks(2, len(customerIDs))+`) AND ($1 = '' OR provider = $1) AND withdrawn_at IS NULL`,
			append([]any{provider}, anys(customerIDs)...)...)
		return err
	})
	for _, one := range given {
		if c, is := states[one.CustomerID]; is {
			states[one.CustomerID] = c.or(r.stateOf(one, viewed[one.CustomerID]))
		}
	}
	return states, err
}

// or is the state by one more consent: the one counts that ends last.
func (c ConsentState) or(one ConsentState) ConsentState {
	if c.Given && !one.EndsAt.IsZero() && (c.EndsAt.IsZero() || !c.EndsAt.Before(one.EndsAt)) {
		return c
	}
	one.WithdrawnAt, one.WithdrawnBy = c.WithdrawnAt, c.WithdrawnBy
	return one
}

// stateOf is when a consent that is not withdrawn ends, of a customer whose balances
// were last looked at then.
func (r consentRule) stateOf(given Consent, viewed time.Time) ConsentState {
	c := ConsentState{Given: true}
	c.end(given.GivenAt, less(given.ValidFor, r.valid))
	c.end(later(given.GivenAt, viewed), less(given.UnusedFor, r.unused))
	return c
}

// StandingConsent is the newest consent of a customer to those products of a provider
// that is in force, in whatever words it was given; one that they gave signed in before
// one of a visit. [ErrNotFound]: they have to be asked.
func (s *Store) StandingConsent(ctx context.Context, customerID, provider, products string) (Consent, error) {
	viewed, err := one(ctx, s.read, func(row scanner) (at time.Time, err error) {
		return at, row.Scan(timeOf{&at})
	}, `SELECT viewed_at FROM customers WHERE id = $1`, customerID)
	if err != nil {
		return Consent{}, err
	}
	all, err := collect(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE customer_id = $1 AND provider = $2 AND scope = $3 AND withdrawn_at IS NULL
		ORDER BY CASE WHEN visit_id = '' THEN 0 ELSE 1 END, id DESC`, customerID, provider, products)
	for _, co := range all {
		if s.consent.stateOf(co, viewed).Holds(s.now()) {
			return co, nil
		}
	}
	return Consent{}, cmp.Or(err, ErrNotFound)
}

// HasConsent says whether a customer's consent to what a provider reads is in force,
// in whatever words it was given; without a provider: to what any does.
func (s *Store) HasConsent(ctx context.Context, customerID, provider string) (bool, error) {
	return s.consent.holds(ctx, s.read, customerID, provider, s.now())
}

func (r consentRule) holds(
	ctx context.Context, q querier, customerID, provider string, now time.Time,
) (holds bool, err error) {
	args, of := []any{unixMS(now), customerID}, ""
	if provider != "" {
		args, of = append(args, provider), "$3"
	}
	err = q.QueryRowContext(ctx, `
		SELECT `+r.inForce("$1", of)+`
		FROM customers
		WHERE customers.id = $2`, args...).Scan(&holds)
	return holds, orNoRows(err)
}

// ConsentCovers says whether the consent of a customer to what a provider reads is in
// force and names a product of the provider's: the newest, and what they gave signed
// in before what whoever came by a personal link did.
func (s *Store) ConsentCovers(ctx context.Context, customerID, provider, product string) (bool, error) {
	if holds, err := s.HasConsent(ctx, customerID, provider); err != nil || !holds {
		return false, err
	}
	scope, err := one(ctx, s.read, scanText, `
		SELECT scope
		FROM consents
		WHERE customer_id = $1 AND provider = $2 AND withdrawn_at IS NULL
		ORDER BY CASE WHEN visit_id = '' THEN 0 ELSE 1 END, id DESC
		LIMIT 1`, customerID, provider)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return slices.Contains(strings.Split(scope, ","), product), err
}

// ConsentInForce returns the newest consent of a customer within a scope, to
// that text and those products, that was not withdrawn and has not ended; one
// that the customer gave signed in before one of a visit, which the visit can
// withdraw. [ErrNotFound]: the customer has to be asked.
func (s *Store) ConsentInForce(ctx context.Context, scope Scope, version, products string) (Consent, error) {
	if holds, err := s.HasConsent(ctx, scope.CustomerID, ""); err != nil || !holds {
		return Consent{}, cmp.Or(err, ErrNotFound)
	}
	valid := lessOf("valid_for", s.consent.valid)
	return one(ctx, s.read, scanConsent, `
		SELECT `+consentColumns+`
		FROM consents
		WHERE customer_id = $2 AND `+reached+` AND version = $4 AND scope = $5 AND withdrawn_at IS NULL
		AND (`+valid+` = 0 OR given_at + `+valid+` > $6)
		ORDER BY CASE WHEN visit_id = '' THEN 0 ELSE 1 END, id DESC
		LIMIT 1`, scope.args(version, products, unixMS(s.now()))...)
}
