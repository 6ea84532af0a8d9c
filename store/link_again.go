package store

import (
	"context"
	"errors"
	"slices"
)

// ErrNotWanted says that the bank of an account wants no new sign-in.
var ErrNotWanted = errors.New("store: the bank wants no new sign-in to the account")

// wanted is an account to which its customer is to sign in again; else [ErrNotWanted].
func (tx *tx) wanted(ctx context.Context, accountID string) (Account, error) {
	a, err := findAccount(ctx, tx, Whole(), accountID)
	if err == nil && (a.Status != AccountNeedsLogin || a.ContinuedBy != "") {
		err = ErrNotWanted
	}
	return a, err
}

// endAgain ends the personal links by which the customer was to sign in again to an
// account: there is one at most. One that has expired stays that.
func (tx *tx) endAgain(ctx context.Context, actor, accountID string) error {
	const those = `account_id = $1 AND account_id <> '' AND used_at IS NULL AND revoked_at IS NULL AND expired_at IS NULL`
	if err := tx.exec(
		ctx, `UPDATE invitations SET expired_at = $2 WHERE `+those+` AND expires_at <= $2`, accountID, unixMS(tx.now),
	); err != nil {
		return err
	}
	open, err := collect(ctx, tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitations WHERE `+those, accountID)
	for _, i := range open {
		err = errors.Join(err, tx.revokeInvitation(ctx, actor, i.CustomerID, i.ID))
	}
	return err
}

// AccountOfVisit is the account that a visit is to sign in to again, and no other;
// empty: the scope is of no visit, or it may connect any bank.
func (s *Store) AccountOfVisit(ctx context.Context, scope Scope) (id string, err error) {
	id, err = accountOfLink(ctx, s.read, "", scope.VisitID)
	return id, err
}

// accountOfLink is the account that a personal link, or that of a visit, is for; empty:
// any bank, or there is no link.
func accountOfLink(ctx context.Context, q querier, invitationID, visitID string) (string, error) {
	id, err := one(ctx, q, scanText, `
		SELECT account_id
		FROM invitations
		WHERE id = CASE WHEN $1 <> '' THEN $1 ELSE (SELECT invitation_id FROM visits WHERE visits.id = $2) END`,
		invitationID, visitID)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}

// otherAccount is why an attempt ends that was to be to one account and is to another.
const otherAccount = "The customer signed in to another account than their link was for. Nothing of it was kept."

// meant leaves of a link what its personal link is for: the account to sign in to again,
// and what else the customer shares of it that is linked already. other: that account is
// not among them, whatever the window has let them choose.
func (tx *tx) meant(ctx context.Context, a Attempt, l Link) (kept Link, other bool, err error) {
	id, err := accountOfLink(ctx, tx, a.InvitationID, "")
	if err != nil || id == "" {
		return l, false, err
	}
	wanted, err := findAccount(ctx, tx, Whole(), id)
	if err != nil {
		return l, errors.Is(err, ErrNotFound), ignoring(err, ErrNotFound)
	}
	kept, other = l, true
	kept.Accounts = nil
	for _, n := range l.Accounts {
		is := wanted.is(a, l.Bank, n)
		known, err := tx.linkedAlready(ctx, a, n)
		if err != nil {
			return l, false, err
		}
		if is || known {
			kept.Accounts = append(kept.Accounts, n)
		}
		other = other && !is
	}
	return kept, other, nil
}

// ignoring is err, or nil where it is that one.
func ignoring(err, that error) error {
	if errors.Is(err, that) {
		return nil
	}
	return err
}

// is says whether a shared account is this one: by the provider's id, or by its number
// at the same bank where the provider, or its id, is another.
func (old Account) is(a Attempt, bank Bank, n LinkedAccount) bool {
	if old.CustomerID != a.CustomerID || old.Env != a.Env || old.Currency != n.Currency {
		return false
	}
	sameBank := old.Bank.Key != "" && old.Bank.Key == bank.Key || old.Provider == a.Provider && old.Bank.ID == bank.ID
	return old.Provider == a.Provider && old.ProviderID == n.ProviderID ||
		sameBank && old.NUBAN != "" && old.NUBAN == n.NUBAN
}

// linkedAlready says whether the customer of an attempt has an account linked, by the
// provider's id of it.
func (tx *tx) linkedAlready(ctx context.Context, a Attempt, n LinkedAccount) (known bool, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT EXISTS (
			SELECT 1
			FROM accounts
			WHERE provider = $1 AND env = $2 AND provider_id = $3 AND customer_id = $4 AND status IN ('linked', 'needs_login'))`,
		a.Provider, a.Env, n.ProviderID, a.CustomerID).Scan(&known)
	return known, err
}

// endOther ends an attempt that was to be to another account, and drops what came with it.
func (tx *tx) endOther(ctx context.Context, a Attempt) error {
	if err := tx.endAttempt(ctx, a, AttemptOther, otherAccount); err != nil {
		return err
	}
	if err := tx.exec(ctx, `UPDATE link_attempts SET report = '', holder = '' WHERE id = $1`, a.ID); err != nil {
		return err
	}
	return tx.dropRefused(ctx, a)
}

// unlessOther keeps nothing of an event that waits for its link where that was to another
// account than was meant: it never comes.
func (tx *tx) unlessOther(ctx context.Context, e Event, o Outcome) (Outcome, error) {
	if o.Result != EventUnmatched || e.ProviderRecord == "" {
		return o, nil
	}
	states, err := collect(ctx, tx, scanText, `
		SELECT state
		FROM link_attempts
		WHERE provider = $1 AND env = $2 AND provider_record = $3 AND provider_record <> ''
		AND state IN ('claimed', 'linked', 'needs_review', 'other_account')`, e.Provider, e.Env, e.ProviderRecord)
	isOther := func(state string) bool { return state == string(AttemptOther) }
	if err != nil || !slices.ContainsFunc(states, isOther) || len(slices.DeleteFunc(states, isOther)) > 0 {
		return o, err
	}
	return Outcome{
		Result: EventIgnored, DropBody: true,
		Reason: "The customer signed in to another account than was meant. The payload was removed.",
	}, nil
}
