package store

import (
	"context"
	"errors"
	"fmt"
)

// Link is a confirmed connection: the provider's record and the accounts that
// the customer shared through it.
type Link struct {
	ProviderRecord string
	Bank           Bank
	Accounts       []LinkedAccount
}

// Bank is a bank as the provider names it.
type Bank struct{ ID, Name, Slug string }

// LinkedAccount is one shared account with its balance at the time, if known.
type LinkedAccount struct {
	ProviderID       string
	ProviderCustomer string
	Name             string
	NUBAN            string
	Type             string
	Currency         string
	Balance          *Observation // AccountID is filled in
}

// errClaimed ends a transaction whose record or account another customer has.
var errClaimed = errors.New("belongs to another customer")

// FinishLink binds a confirmed link to the customer of the attempt, saves the
// balances that came with it, lets waiting webhooks of the record be applied,
// and ends the attempt: all in one transaction. When the record or one of the
// accounts belongs to another customer nothing is bound and the attempt needs
// review. An attempt that is no longer claimed is left alone.
func (s *Store) FinishLink(ctx context.Context, attemptID string, l Link) error {
	err := s.inTx(ctx, func(tx *tx) error {
		a, err := one(ctx, tx, scanAttempt, `SELECT `+attemptColumns+` FROM link_attempts WHERE id = $1`, attemptID)
		if err != nil || a.State != AttemptClaimed {
			return err
		}
		return tx.finishLink(ctx, a, l)
	})
	if errors.Is(err, errClaimed) {
		return s.EndAttempt(ctx, attemptID, AttemptNeedsReview, "The bank account or the connection "+errClaimed.Error()+".")
	}
	return err
}

func (tx *tx) finishLink(ctx context.Context, a Attempt, l Link) error {
	recordID, err := tx.bindRecord(ctx, a, l)
	if err != nil {
		return err
	}
	for _, acc := range l.Accounts {
		if err := tx.bindAccount(ctx, a, l.Bank, recordID, acc); err != nil {
			return fmt.Errorf("binding account: %w", err)
		}
	}
	if err := tx.retryUnmatched(ctx, a.Provider, a.Env, l); err != nil {
		return err
	}
	if a.InvitationID != "" {
		if _, err := tx.ExecContext(ctx, `UPDATE invitations SET used_at = COALESCE(used_at, $2) WHERE id = $1`, a.InvitationID, unixMS(tx.now)); err != nil {
			return err
		}
	}
	a.State, a.BankName, a.Reason, a.EndedAt = AttemptLinked, l.Bank.Name, "", tx.now
	if err := tx.saveAttempt(ctx, a); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: ByCustomer(a.CustomerID), Action: "bank linked", Customer: a.CustomerID, Subject: recordID})
}

// bindRecord stores the provider's record, or finds the one this customer has already.
func (tx *tx) bindRecord(ctx context.Context, a Attempt, l Link) (string, error) {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO records (id, provider, env, provider_id, customer_id, attempt_id, bank_id, bank_name, bank_slug, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (provider, env, provider_id) DO NOTHING`,
		newID(), a.Provider, a.Env, l.ProviderRecord, a.CustomerID, a.ID, l.Bank.ID, l.Bank.Name, l.Bank.Slug, unixMS(tx.now))
	if err != nil {
		return "", err
	}
	var id, owner string
	err = tx.QueryRowContext(ctx, `
		SELECT id, customer_id
		FROM records
		WHERE provider = $1 AND env = $2 AND provider_id = $3`,
		a.Provider, a.Env, l.ProviderRecord).Scan(&id, &owner)
	if err == nil && owner != a.CustomerID {
		err = errClaimed
	}
	return id, err
}

// bindAccount stores a shared account or repairs the one that is there: the
// same provider id, else the same number, bank and currency of this customer.
// The row, its id and its history stay.
func (tx *tx) bindAccount(ctx context.Context, a Attempt, bank Bank, recordID string, n LinkedAccount) error {
	old, err := one(ctx, tx, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE provider = $1 AND env = $2
		AND (provider_id = $3 OR (customer_id = $4 AND bank_id = $5 AND nuban = $6 AND currency = $7 AND nuban <> ''))
		ORDER BY CASE WHEN provider_id = $3 THEN 0 ELSE 1 END
		LIMIT 1`,
		a.Provider, a.Env, n.ProviderID, a.CustomerID, bank.ID, n.NUBAN, n.Currency)
	switch {
	case errors.Is(err, ErrNotFound):
		old.ID = newID()
		err = tx.insertAccount(ctx, a, bank, recordID, old.ID, n)
	case err == nil && old.CustomerID != a.CustomerID:
		err = errClaimed
	case err == nil:
		err = tx.repairAccount(ctx, bank, recordID, old.ID, n)
	}
	if err != nil || n.Balance == nil {
		return err
	}
	o := *n.Balance
	o.AccountID = old.ID
	if err := tx.saveBalance(ctx, o); err != nil && !errors.Is(err, ErrCurrencyChanged) {
		return err
	}
	return nil
}

func (tx *tx) insertAccount(ctx context.Context, a Attempt, bank Bank, recordID, id string, n LinkedAccount) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO accounts (id, customer_id, record_id, provider, env, provider_id, provider_customer, bank_id, bank_name, bank_slug,
			name, nuban, type, currency, status, linked_at, as_of_stated, source, available_worked_out)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'linked', $15, FALSE, '', FALSE)`,
		id, a.CustomerID, recordID, a.Provider, a.Env, n.ProviderID, n.ProviderCustomer, bank.ID, bank.Name, bank.Slug,
		n.Name, n.NUBAN, n.Type, n.Currency, unixMS(tx.now))
	return err
}

func (tx *tx) repairAccount(ctx context.Context, bank Bank, recordID, id string, n LinkedAccount) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE accounts
		SET record_id = $2, provider_id = $3, provider_customer = $4, bank_id = $5, bank_name = $6, bank_slug = $7,
			name = $8, nuban = $9, type = $10, status = 'linked'
		WHERE id = $1`,
		id, recordID, n.ProviderID, n.ProviderCustomer, bank.ID, bank.Name, bank.Slug, n.Name, n.NUBAN, n.Type)
	return err
}

// retryUnmatched hands webhooks that came before the link back to the worker.
func (tx *tx) retryUnmatched(ctx context.Context, provider, env string, l Link) error {
	const again = `
		UPDATE events
		SET result = 'received', reason = ''
		WHERE provider = $1 AND env = $2 AND result = 'unmatched' AND `
	if _, err := tx.ExecContext(ctx, again+`provider_record = $3`, provider, env, l.ProviderRecord); err != nil {
		return err
	}
	for _, acc := range l.Accounts {
		if _, err := tx.ExecContext(ctx, again+`provider_account = $3`, provider, env, acc.ProviderID); err != nil {
			return err
		}
	}
	return nil
}

// LinkedRecord says which customer a provider's record belongs to.
func (s *Store) LinkedRecord(ctx context.Context, provider, env, providerID string) (customerID string, err error) {
	return one(ctx, s.read, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `
		SELECT customer_id
		FROM records
		WHERE provider = $1 AND env = $2 AND provider_id = $3`, provider, env, providerID)
}
