package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Link is a confirmed connection: the provider's record and the accounts that
// the customer shared through it.
type Link struct {
	ProviderRecord string
	Bank           Bank
	Accounts       []LinkedAccount
	Holder         string    // the bank's name for the holder, the one that fits the customer's worst
	NameMatch      NameMatch // how well it fits
	Doubt          string    // why staff have to look before it is bound; empty: they need not
	Note           string    // what staff should know of it although it is bound
	Unshared       []string  // provider's ids of accounts that are not shared with us, ours or not
}

// Bank is a bank as the provider names it.
type Bank struct {
	ID, Name, Slug string
	Key            string // the same at every provider: ng:058; empty: not known
}

// LinkedAccount is one shared account with its balance at the time, if known.
type LinkedAccount struct {
	ProviderID       string
	ProviderCustomer string
	Name             string
	Holder           string // whose it is, as the bank or the provider says; empty: kept before that was, or not said
	NUBAN            string
	Type             string
	Currency         string
	Balance          *Balance // AccountID is filled in
}

var (
	// errClaimed ends a transaction whose record or account another customer has.
	errClaimed = errors.New("belongs to another customer")
	// errUsed ends a transaction whose personal link another browser has used.
	errUsed = errors.New("had been used already, or was revoked")
)

// FinishLink binds a confirmed link to the customer of the attempt, saves the
// balances that came with it, lets waiting webhooks of the record be applied,
// and ends the attempt: all in one transaction. When the record or one of the
// accounts belongs to another customer, or the link is doubtful otherwise,
// nothing is bound and it waits for staff. When its personal link was used or
// revoked meanwhile, or the customer's consent is not in force, it fails; so it does,
// as [AttemptOther], where that link is for one account and another was shared. An
// attempt that no longer claims this record is left alone, and one of a customer
// who was erased meanwhile is forgotten. An account that was unlinked after the bank
// window had been opened stays so; when there is no other, the attempt fails.
func (s *Store) FinishLink(ctx context.Context, attemptID string, l Link) error {
	claim := Claim{attemptID, l.ProviderRecord, ""}
	err := s.inClaimed(ctx, claim, func(tx *tx, a Attempt) error {
		kept, other, err := tx.meant(ctx, a, l)
		if err != nil {
			return err
		}
		if other {
			return tx.endOther(ctx, a)
		}
		if l = kept; l.Doubt == "" {
			l.Doubt, err = tx.reopened(ctx, a.ID)
		}
		if err != nil || l.Doubt != "" {
			return cmp.Or(err, tx.park(ctx, a, l))
		}
		return tx.finishLink(ctx, a, l, a.actor())
	})
	switch {
	case errors.Is(err, ErrNoConsent):
		return s.EndAttempt(ctx, claim, AttemptFailed, "The customer's consent is not in force.")
	case errors.Is(err, errUsed):
		return s.EndAttempt(ctx, claim, AttemptFailed, "The personal link "+errUsed.Error()+".")
	case !errors.Is(err, errClaimed):
		return err
	}
	return s.inClaimed(ctx, claim, func(tx *tx, a Attempt) error {
		l.Doubt = "The bank account or the connection " + errClaimed.Error() + "."
		return tx.park(ctx, a, l)
	})
}

// inClaimed runs f in a transaction with an attempt that still makes the claim.
func (s *Store) inClaimed(ctx context.Context, claim Claim, f func(*tx, Attempt) error) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := one(ctx, tx, scanAttempt, `SELECT `+attemptColumns+` FROM link_attempts WHERE id = $1`, claim.Attempt)
		if gone(err) || err == nil && (a.State != AttemptClaimed || a.Claim() != claim) {
			return nil
		}
		if err != nil {
			return err
		}
		return f(tx, a)
	})
}

func (tx *tx) finishLink(ctx context.Context, a Attempt, l Link, actor string) error {
	if holds, err := tx.consent.holds(ctx, tx, a.CustomerID, a.Provider, tx.now); err != nil || !holds {
		return cmp.Or(err, ErrNoConsent)
	}
	wanted, err := tx.stillWanted(ctx, a, l)
	if err != nil {
		return err
	}
	if len(l.Accounts) > 0 && len(wanted) == 0 {
		return tx.endAttempt(
			ctx, a, AttemptFailed, "What was shared was unlinked after the bank window had been opened.",
		)
	}
	l.Accounts = wanted
	recordID, visitID, err := tx.bindRecord(ctx, a, l)
	if err != nil {
		return err
	}
	brought := a
	if visitID != a.VisitID {
		brought.VisitID = "" // somebody else of this customer had begun it
	}
	for _, acc := range l.Accounts {
		if err := tx.bindAccount(ctx, brought, l, recordID, acc); err != nil {
			return fmt.Errorf("binding account: %w", err)
		}
	}
	for _, id := range l.Unshared {
		if err := tx.change(ctx, AccountUnshared, `
			UPDATE accounts
			SET status = 'unshared'
			WHERE provider = $1 AND env = $2 AND provider_id = $3 AND customer_id = $4 AND status IN ('linked', 'needs_login')
			RETURNING customer_id, id`,
			a.Provider, a.Env, id, a.CustomerID); err != nil {
			return err
		}
	}
	if err := tx.retryUnmatched(ctx, a.Provider, a.Env, l); err != nil {
		return err
	}
	if err := tx.useInvitation(ctx, a); err != nil {
		return err
	}
	a.State, a.BankName, a.Reason, a.EndedAt = AttemptLinked, l.Bank.Name, l.Note, tx.now
	a.Holder, a.NameMatch = l.Holder, l.NameMatch
	if err := tx.saveAttempt(ctx, a); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActBankLinked, Customer: a.CustomerID, Subject: recordID})
}

// stillWanted are the accounts of a link but those that were unlinked since the
// bank window was opened.
func (tx *tx) stillWanted(ctx context.Context, a Attempt, l Link) ([]LinkedAccount, error) {
	since, err := one(ctx, tx, scanText, `SELECT unlinked_since FROM link_attempts WHERE id = $1`, a.ID)
	if err != nil || since == "" {
		return l.Accounts, err
	}
	var wanted []LinkedAccount
	for _, n := range l.Accounts {
		same, err := tx.sameAccounts(ctx, a, l.Bank, n)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(same, func(old Account) bool {
			return old.Status == AccountUnlinked && slices.Contains(strings.Fields(since), old.ID)
		}) {
			wanted = append(wanted, n)
		}
	}
	return wanted, nil
}

// useInvitation marks a personal link as used by the visit of the attempt, or by
// the consent of a customer who had signed in. Two browsers may have opened it:
// it is good for the one that links first.
func (tx *tx) useInvitation(ctx context.Context, a Attempt) error {
	if a.InvitationID == "" {
		return nil
	}
	changed, err := tx.changes(ctx, `
		UPDATE invitations
		SET used_at = COALESCE(used_at, $2), used_by = $3
		WHERE id = $1 AND used_by IN ('', $3) AND revoked_at IS NULL`, a.InvitationID, unixMS(tx.now),
		cmp.Or(a.VisitID, a.ConsentID))
	if err != nil || !changed {
		return cmp.Or(err, errUsed)
	}
	return tx.forGood(ctx, deedEnded, "", "")
}

// bindRecord stores the provider's record, or finds the one this customer has
// already, and says in which visit it was begun.
func (tx *tx) bindRecord(ctx context.Context, a Attempt, l Link) (id, visitID string, err error) {
	err = tx.exec(ctx, `
		INSERT INTO records (id, provider, env, provider_id, customer_id, attempt_id, bank_id, bank_name, bank_slug, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (provider, env, provider_id) DO NOTHING`,
		newID(), a.Provider, a.Env, l.ProviderRecord, a.CustomerID, a.ID, l.Bank.ID, l.Bank.Name, l.Bank.Slug,
		unixMS(tx.now))
	if err != nil {
		return "", "", err
	}
	var owner string
	err = tx.QueryRowContext(ctx, `
		SELECT records.id, records.customer_id, link_attempts.visit_id
		FROM records JOIN link_attempts ON link_attempts.id = records.attempt_id
		WHERE records.provider = $1 AND records.env = $2 AND records.provider_id = $3`,
		a.Provider, a.Env, l.ProviderRecord).Scan(&id, &owner, &visitID)
	if err == nil && owner != a.CustomerID {
		err = errClaimed
	}
	return id, visitID, err
}

// bindAccount stores a shared account or repairs the one that is there: the same
// provider id, else, of a bank without a key, the same number, bank and currency of
// this customer. The row, its id and its history stay. In reach of a visit it is
// when the visit's own attempt was the last that linked it. A new one continues the
// account that it is at another provider, or under another id: see [tx.carryOn]. One
// that another had continued goes on with the history itself: see [tx.comeBack].
func (tx *tx) bindAccount(ctx context.Context, a Attempt, l Link, recordID string, n LinkedAccount) error {
	bank := l.Bank
	same, err := tx.sameAccounts(ctx, a, bank, n)
	if err != nil {
		return err
	}
	old, known := repaired(same, bank, n)
	switch {
	case !known:
		old.ID = newID()
		err = tx.insertAccount(ctx, a, bank, recordID, old.ID, n)
	case old.CustomerID != a.CustomerID:
		err = errClaimed
	default:
		err = tx.repairAccount(ctx, a, bank, recordID, old.ID, n)
	}
	if err != nil {
		return err
	}
	if err := tx.indexNumber(ctx, a.CustomerID, n.NUBAN); err != nil {
		return err
	}
	if err := tx.keepLinks(ctx, a.CustomerID); err != nil {
		return err
	}
	if err := tx.tellLinked(ctx, a, old.ID, old.Status); err != nil {
		return err
	}
	if n.Balance != nil {
		o := *n.Balance
		o.AccountID = old.ID
		if err := tx.saveBalance(ctx, o); err != nil && !errors.Is(err, ErrCurrencyChanged) {
			return err
		}
	}
	if known {
		return tx.linkedAgain(ctx, old)
	}
	return tx.carryOn(ctx, l, recordID, old.ID)
}

// repaired picks the account that linking one again mends.
func repaired(same []Account, bank Bank, n LinkedAccount) (Account, bool) {
	i := slices.IndexFunc(same, func(old Account) bool { return old.ProviderID == n.ProviderID })
	if i < 0 && bank.Key == "" {
		i = slices.IndexFunc(same, func(old Account) bool { return old.ContinuedBy == "" })
	}
	if i < 0 {
		return Account{}, false
	}
	return same[i], true
}

// sameAccounts are those of the provider that are there already: with its id, or with
// the number. Numbers are sealed, each under a nonce of its own: they are compared
// here, not by the database.
func (tx *tx) sameAccounts(ctx context.Context, a Attempt, bank Bank, n LinkedAccount) ([]Account, error) {
	found, err := collect(ctx, tx, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE id IN (
			SELECT id FROM accounts WHERE provider = $1 AND env = $2 AND provider_id = $3
			UNION
			SELECT id FROM accounts
			WHERE customer_id = $4 AND provider = $1 AND env = $2 AND bank_id = $5 AND currency = $6 AND nuban <> '')
		ORDER BY CASE WHEN provider_id = $3 THEN 0 ELSE 1 END, id`,
		a.Provider, a.Env, n.ProviderID, a.CustomerID, bank.ID, n.Currency)
	return slices.DeleteFunc(found, func(old Account) bool {
		return old.ProviderID != n.ProviderID && (old.NUBAN != n.NUBAN || n.NUBAN == "")
	}), err
}

func (tx *tx) insertAccount(ctx context.Context, a Attempt, bank Bank, recordID, id string, n LinkedAccount) error {
	nuban, err := tx.sealed(accountNUBAN, id, n.NUBAN)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO accounts (id, customer_id, record_id, provider, env, provider_id, provider_customer, bank_id, bank_name, bank_slug,
			name, nuban, type, currency, status, linked_at, bound_at, as_of_stated, source, available_worked_out, visit_id, bank_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'linked', $15, $15, FALSE, '', FALSE, $16, $17)`,
		id, a.CustomerID, recordID, a.Provider, a.Env, n.ProviderID, n.ProviderCustomer, bank.ID, bank.Name, bank.Slug,
		n.Name, nuban, n.Type, n.Currency, unixMS(tx.now), a.VisitID, bank.Key)
}

func (tx *tx) repairAccount(ctx context.Context, a Attempt, bank Bank, recordID, id string, n LinkedAccount) error {
	nuban, err := tx.sealed(accountNUBAN, id, n.NUBAN)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `
		UPDATE accounts
		SET record_id = $2, provider_id = $3, provider_customer = $4, bank_id = $5, bank_name = $6, bank_slug = $7,
			name = $8, nuban = $9, type = $10, visit_id = $11, status = 'linked', bound_at = $12, bank_key = $13
		WHERE id = $1`,
		id, recordID, n.ProviderID, n.ProviderCustomer, bank.ID, bank.Name, bank.Slug, n.Name, nuban, n.Type,
		a.VisitID, unixMS(tx.now), bank.Key)
}

// retryUnmatched hands webhooks that came before the link back to the worker.
func (tx *tx) retryUnmatched(ctx context.Context, provider, env string, l Link) error {
	const again = `
		UPDATE events
		SET result = 'received', reason = ''
		WHERE provider = $1 AND env = $2 AND result = 'unmatched' AND `
	if err := tx.exec(ctx, again+`provider_record = $3`, provider, env, l.ProviderRecord); err != nil {
		return err
	}
	for _, acc := range l.Accounts {
		if err := tx.exec(ctx, again+`provider_account = $3`, provider, env, acc.ProviderID); err != nil {
			return err
		}
	}
	return nil
}

// hastenLink has a link confirmed at once of whose record an event has come: the
// provider has more to say of it now.
func (tx *tx) hastenLink(ctx context.Context, eventID string) error {
	return tx.exec(ctx, `
		UPDATE link_attempts
		SET next_try_at = $2
		WHERE state = 'claimed' AND next_try_at > $2 AND provider_record IN (
			SELECT provider_record
			FROM events
			WHERE events.id = $1 AND events.provider = link_attempts.provider AND events.env = link_attempts.env AND provider_record <> '')`,
		eventID, unixMS(tx.now))
}
