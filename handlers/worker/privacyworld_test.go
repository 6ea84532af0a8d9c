package worker

import (
	"errors"
	"fmt"
	"slices"

	"balancelink/store"
)

// anybody is a customer who is not erased.
func (s *world) anybody() (id string, ok bool) {
	s.t.Helper()
	return oneOf(s, s.ids(`SELECT id FROM customers ORDER BY id`))
}

func (s *world) unlinkEverything() {
	id, ok := s.anybody()
	if !ok {
		return
	}
	for _, a := range s.accounts(id) {
		s.ok(s.Store.UnlinkBank(s.t.Context(), store.ByCustomer(id), store.OfCustomer(id), a.ID))
	}
}

func (s *world) withdraw() {
	if id, ok := s.anybody(); ok {
		_, err := s.Store.WithdrawConsent(s.t.Context(), store.ByCustomer(id), store.OfCustomer(id))
		s.ok(err)
		s.none("somebody who has withdrawn is asked about", `
			SELECT id FROM accounts WHERE customer_id = $1 AND status <> 'unlinked'
			UNION ALL SELECT id FROM link_attempts WHERE customer_id = $1 AND state IN ('open', 'claimed', 'needs_review')
			UNION ALL SELECT principal_id FROM sessions WHERE principal_id = $1`, id)
	}
}

// erase erases a customer. What was already on its way still arrives.
func (s *world) erase() {
	id, ok := s.anybody()
	if !ok {
		return
	}
	for _, a := range s.attempts {
		if a.CustomerID == id {
			s.nonces[a.Nonce] = true
		}
	}
	if s.mono != nil {
		s.eraseAtMono(id)
	}
	s.attempts = slices.DeleteFunc(s.attempts, func(a store.Attempt) bool { return a.CustomerID == id })
	s.forgotten += s.rows(`
		SELECT COUNT(*) AS n FROM refreshes JOIN accounts ON accounts.id = account_id WHERE kind = 'refresh' AND customer_id = $1`, id)[0].ms("n")
	s.ok(s.Store.Erase(s.t.Context(), store.ByStaff("s1"), id, "request"))
	s.erased[id] = true
	s.all.reach("erased customer")
}

// renewOne lets a customer agree again, most often one who has to.
func (s *world) renewOne() {
	id, ok := s.anybody()
	if barred := s.withoutConsent(); len(barred) > 0 && s.chance(90) {
		id, _ = oneOf(s, barred)
	}
	if ok {
		s.renew(id)
	}
}

// staffSignIn begins the session of somebody who was allowed to sign in when
// their password was looked at, and may not be any more.
func (s *world) staffSignIn() {
	staff, err := s.Store.AllStaff(s.t.Context())
	s.ok(err)
	if len(staff) < 2 {
		_, err := s.Store.AddStaff(s.t.Context(), store.Program, store.Staff{Email: fmt.Sprintf("s%d@lender.example", s.n), PasswordHash: "-", Role: store.RoleOwner})
		s.ok(err)
	}
	begin := func(kind, principal string, version int64, late bool) {
		hash := store.HashSecret(fmt.Sprint(s.n, kind))
		s.ok(s.Store.SaveSession(s.t.Context(), store.Session{
			TokenHash: hash, Kind: kind, Principal: principal, Version: version, Data: "{}", CreatedAt: s.clock(), LastSeenAt: s.clock(), ExpiresAt: s.clock().Add(deadline),
		}))
		_, err := s.Store.SessionByTokenHash(s.t.Context(), kind, hash, s.clock().Add(-deadline))
		if late {
			s.all.reach("sign-in too late")
		}
		if late != errors.Is(err, store.ErrNotFound) {
			s.t.Errorf("step %d: the session of a %s who may not sign in any more, %v: %v", s.n, kind, late, err)
		}
	}
	if m, ok := oneOf(s, staff); ok {
		begin("staff", m.ID, m.Version, !m.DisabledAt.IsZero())
	}
	for id := range s.erased {
		begin("customer", fmt.Sprint(id), 0, true)
		break
	}
}

func (s *world) disableStaff() {
	staff, err := s.Store.AllStaff(s.t.Context())
	s.ok(err)
	m, ok := oneOf(s, staff)
	if !ok {
		return
	}
	if !m.DisabledAt.IsZero() && s.chance(30) {
		s.ok(s.Store.EnableStaff(s.t.Context(), store.Program, m.ID))
		return
	}
	if err := s.Store.DisableStaff(s.t.Context(), store.Program, m.ID); !errors.Is(err, store.ErrLastOwner) {
		s.ok(err)
		s.all.reach("disabled member of staff")
	}
}

// hasConsent is the rule in other words than the store's. $1 and $2 are when a
// consent must have been given and used at the earliest.
const hasConsent = `(
	SELECT COUNT(*) > 0
	FROM consents JOIN customers ON customers.id = consents.customer_id
	WHERE customers.id = accounts.customer_id AND withdrawn_at IS NULL AND given_at > $1 AND (given_at > $2 OR COALESCE(viewed_at, 0) > $2))`

func (s *world) lastConsent() (given, used int64) {
	return s.clock().Add(-consentValid).UnixMilli(), s.clock().Add(-consentUnused).UnixMilli()
}

// withoutConsent are the customers whose consent is not in force.
func (s *world) withoutConsent() (ids []string) {
	s.t.Helper()
	given, used := s.lastConsent()
	for _, r := range s.rows(`SELECT id FROM (SELECT id, id AS customer_id FROM customers) accounts WHERE NOT `+hasConsent+` ORDER BY id`, given, used) {
		ids = append(ids, fmt.Sprint(r["id"]))
	}
	return ids
}

func (s *world) barredNow(customerID string) bool {
	return slices.Contains(s.withoutConsent(), customerID)
}

// ofErased finds rows of customers who were erased, but for the tombstone, the
// log, and what the provider is still to be told.
const ofErased = `
	WITH gone AS (SELECT customer_id AS id FROM erasures)
	SELECT 'customers' AS what, id FROM customers WHERE id IN (SELECT id FROM gone)
	UNION ALL SELECT 'accounts', id FROM accounts WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'records', id FROM records WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'link_attempts', id FROM link_attempts WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'consents', id FROM consents WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'invitations', id FROM invitations WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'funds_checks', id FROM funds_checks WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'events', id FROM events WHERE customer_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'sessions', principal_id FROM sessions WHERE principal_id IN (SELECT id FROM gone)
	UNION ALL SELECT 'removals', id FROM removals WHERE customer_id IN (SELECT id FROM gone) AND state <> 'queued' AND provider_customer <> ''
	UNION ALL SELECT 'balances', balances.id FROM balances LEFT JOIN accounts ON accounts.id = account_id WHERE accounts.id IS NULL
	UNION ALL SELECT 'refreshes', refreshes.id FROM refreshes LEFT JOIN accounts ON accounts.id = account_id WHERE accounts.id IS NULL`

// checkPrivacy checks what customers were promised, and staff who left.
func (s *world) checkPrivacy() {
	s.t.Helper()
	s.none("I11 a row of an erased customer is there", ofErased)
	s.none("I17 a disabled member of staff has a session", `
		SELECT staff.id FROM sessions JOIN staff ON staff.id = principal_id WHERE disabled_at IS NOT NULL`)
	barred := map[any]bool{}
	for _, id := range s.withoutConsent() {
		barred[id] = true
	}
	s.checkNothingNew(barred)
	s.checkConsentEnds(barred)
	s.barred = barred
}

// checkConsentEnds checks that the customer list picks by what the rules say.
func (s *world) checkConsentEnds(barred map[any]bool) {
	s.t.Helper()
	now := s.clock().UnixMilli()
	for _, r := range s.rows(`SELECT id, consent_ends_at FROM customers`) {
		ends, known := r["consent_ends_at"].(int64)
		if ended := known && ends <= now; ended != barred[r["id"]] {
			s.t.Errorf("step %d: I18 the consent of %v ends at %d, without one: %v", s.n, r["id"], ends, barred[r["id"]])
		}
	}
}

// checkNothingNew checks that since the last time nothing was kept of those who
// had not consented, neither then nor now.
func (s *world) checkNothingNew(barred map[any]bool) {
	s.t.Helper()
	for _, e := range s.rows(`
		SELECT id, customer_id, attempt_nonce, body, reason,
			provider_account IN (SELECT provider_id FROM accounts) OR provider_record IN (SELECT provider_id FROM records) AS living
		FROM events
		WHERE id > $1
		ORDER BY id`, s.seen) {
		s.seen = fmt.Sprint(e["id"])
		if s.nonces[fmt.Sprint(e["attempt_nonce"])] && e.ms("living") == 0 {
			s.t.Errorf("step %d: I11 event %v names an erased customer's window", s.n, e["id"])
		}
		who := e["customer_id"]
		if who == nil || !barred[who] || !s.barred[who] {
			continue
		}
		if e["body"] != "{}" {
			s.t.Errorf("step %d: event %v of somebody without consent was kept: %v", s.n, e["id"], e["reason"])
		}
		s.all.reach("event dropped without consent")
	}
	for _, a := range s.rows(`SELECT id, customer_id, balance_id FROM accounts`) {
		was := s.balances[a["id"]]
		s.balances[a["id"]] = a["balance_id"]
		if was != nil && was != a["balance_id"] && barred[a["customer_id"]] && s.barred[a["customer_id"]] {
			s.t.Errorf("step %d: account %v of somebody without consent has a new balance", s.n, a["id"])
		}
	}
}
