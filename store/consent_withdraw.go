package store

import (
	"context"
	"errors"
)

// UnlinkAccount ends the link to an account: it is not asked any more and what
// the provider still reports of it is dropped. Its history stays. Beyond the
// scope there is none to unlink. Repeating it does no harm.
func (s *Store) UnlinkAccount(ctx context.Context, actor string, scope Scope, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		return tx.unlink(ctx, actor, a)
	})
}

// UnlinkBank is [Store.UnlinkAccount] for every account within the scope that
// the customer has at the bank of that account.
func (s *Store) UnlinkBank(ctx context.Context, actor string, scope Scope, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		a, err := findAccount(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		all, err := accountsWithin(ctx, tx, Scope{CustomerID: a.CustomerID, VisitID: scope.VisitID})
		if err != nil {
			return err
		}
		return tx.unlink(ctx, actor, SameBank(a, all)...)
	})
}

// SameBank picks the accounts at the bank of an account, through whichever provider.
func SameBank(a Account, all []Account) []Account {
	var same []Account
	for _, other := range all {
		named := other.Provider == a.Provider && other.Bank.ID == a.Bank.ID && other.Bank.Name == a.Bank.Name
		if other.Env == a.Env && (named || a.Bank.Key != "" && other.Bank.Key == a.Bank.Key) {
			same = append(same, other)
		}
	}
	return same
}

// WithdrawConsent ends everything within the scope that a customer agreed to:
// the consents, the links to accounts, personal links, openings of the bank
// window that are under way, and the sessions. Of a visit that is what was begun
// in it, with its own personal link. What was received so far stays. It returns
// the id by which the act can be quoted. Repeating it does no harm.
func (s *Store) WithdrawConsent(ctx context.Context, actor string, scope Scope) (reference string, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		reference, err = tx.withdraw(ctx, actor, scope)
		return err
	})
	return reference, err
}

func (tx *tx) withdraw(ctx context.Context, actor string, scope Scope) (reference string, err error) {
	reference, err = one(ctx, tx, scanText, `
		SELECT COALESCE((SELECT MAX(id) FROM consents WHERE customer_id = $2 AND `+reached+`), id)
		FROM customers
		WHERE id = $2`, scope.args()...)
	if err != nil {
		return "", err
	}
	accounts, err := accountsWithin(ctx, tx, scope)
	if err != nil {
		return "", err
	}
	if err := tx.unlink(ctx, actor, accounts...); err != nil {
		return "", err
	}
	if err := tx.exec(ctx, `
		UPDATE consents
		SET withdrawn_at = $4, withdrawn_by = $5
		WHERE customer_id = $2 AND `+reached+` AND withdrawn_at IS NULL`,
		scope.args(unixMS(tx.now), actor)...); err != nil {
		return "", err
	}
	if err := tx.exec(ctx, `
		UPDATE link_attempts
		SET state = 'closed', reason = 'The consent was withdrawn.', next_try_at = NULL, ended_at = $4
		WHERE customer_id = $2 AND `+reached+` AND state IN ('open', 'claimed', 'needs_review')`,
		scope.args(unixMS(tx.now))...); err != nil {
		return "", err
	}
	if err := tx.keepConsentEnd(ctx, scope.CustomerID); err != nil {
		return "", err
	}
	if err := tx.endAccess(ctx, scope); err != nil {
		return "", err
	}
	what, id, to := deedWithdrawn, scope.CustomerID, ""
	if scope.VisitID != "" {
		what, id, to = deedVisitWithdrawn, scope.VisitID, scope.CustomerID
	}
	if err := tx.forGood(ctx, what, id, to); err != nil {
		return "", err
	}
	if err := tx.tell(ctx, Notice{Type: NoticeWithdrawn, CustomerID: scope.CustomerID}); err != nil {
		return "", err
	}
	return reference, tx.audit(
		ctx, Act{Actor: actor, Action: ActConsentWithdrawn, Customer: scope.CustomerID, Subject: reference},
	)
}

// endAccess ends the sessions of a scope and the personal links that led to it.
func (tx *tx) endAccess(ctx context.Context, scope Scope) error {
	err := tx.exec(ctx, `
		UPDATE invitations
		SET revoked_at = $3
		WHERE customer_id = $1 AND revoked_at IS NULL
		AND ($2 = '' OR id IN (SELECT invitation_id FROM visits WHERE visits.id = $2))`,
		scope.CustomerID, scope.VisitID, unixMS(tx.now))
	if err != nil {
		return err
	}
	return tx.endCustomerSessions(ctx, scope)
}

// unlink ends the links to accounts and to those whose histories go on in them, and
// has the provider asked to forget those of its customers of whom no account is
// linked any more.
func (tx *tx) unlink(ctx context.Context, actor string, accounts ...Account) error {
	accounts, err := tx.withOlder(ctx, accounts)
	if err != nil {
		return err
	}
	var gone []Account
	for _, a := range accounts {
		if a.Status == AccountUnlinked {
			continue
		}
		if err := tx.markUnlinked(ctx, a); err != nil {
			return err
		}
		if err := tx.keepLinks(ctx, a.CustomerID); err != nil {
			return err
		}
		if err := tx.outlast(ctx, a); err != nil {
			return err
		}
		if err := tx.endAgain(ctx, actor, a.ID); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedUnlinked, a.ID, ""); err != nil {
			return err
		}
		if err := tx.audit(
			ctx, Act{Actor: actor, Action: ActAccountUnlinked, Customer: a.CustomerID, Subject: a.ID},
		); err != nil {
			return err
		}
		gone = append(gone, a)
	}
	for _, a := range gone {
		if err := tx.queueRemoval(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// outlast keeps openings of the bank window that are not confirmed yet from
// bringing an account back that was unlinked since. It is marked, not told by
// the time of day: a clock that jumped would bar the account for good.
func (tx *tx) outlast(ctx context.Context, a Account) error {
	return tx.exec(ctx, `
		UPDATE link_attempts
		SET unlinked_since = unlinked_since || $2 || ' '
		WHERE customer_id = $1 AND state <> 'linked'`, a.CustomerID, a.ID)
}

func (tx *tx) markUnlinked(ctx context.Context, a Account) error {
	if err := tx.exec(ctx, `UPDATE accounts SET status = 'unlinked', also_with = '' WHERE id = $1`, a.ID); err != nil {
		return err
	}
	if err := tx.tellStatus(ctx, a.CustomerID, a.ID, AccountUnlinked); err != nil {
		return err
	}
	if err := tx.ended(ctx, a.ID); err != nil {
		return err
	}
	interrupted, err := collect(ctx, tx, scanRefresh, `
		UPDATE refreshes
		SET state = 'interrupted', ended_at = $2, cause = 'The account was unlinked.'
		WHERE account_id = $1 AND ended_at IS NULL
		RETURNING `+refreshColumns, a.ID, unixMS(tx.now))
	for _, r := range interrupted {
		err = errors.Join(err, tx.tellEnded(ctx, a.CustomerID, r, r.State))
	}
	return err
}

// unlinkAll ends the links to all accounts of a customer who is about to be
// erased. Accounts that were unlinked before are named to the provider again:
// whether it has forgotten them is not known once the rows are gone.
func (tx *tx) unlinkAll(ctx context.Context, customerID string) error {
	accounts, err := accountsWithin(ctx, tx, OfCustomer(customerID))
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := tx.markUnlinked(ctx, a); err != nil {
			return err
		}
	}
	for _, a := range accounts {
		if err := tx.queueRemoval(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// withdrawn says whether the consent of an attempt was withdrawn.
func (tx *tx) withdrawn(ctx context.Context, consentID string) (is bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT withdrawn_at IS NOT NULL FROM consents WHERE id = $1`, consentID).Scan(&is)
	return is, orNoRows(err)
}
