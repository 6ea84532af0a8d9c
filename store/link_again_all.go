package store

import (
	"context"
	"fmt"
)

// AgainLink is a personal link by which a customer signs in to one account again.
type AgainLink struct {
	Invitation
	Secret   string
	Customer Customer
	Bank     Bank
}

// openAgain is SQL for the personal links by which the customer signs in again to the
// account of a row of accounts, and that are not over, at $1.
const openAgain = `
		SELECT 1
		FROM invitations
		WHERE invitations.account_id = accounts.id AND invitations.account_id <> ''
		AND used_at IS NULL AND revoked_at IS NULL AND expired_at IS NULL AND expires_at > $1`

// wantsSignIn is SQL over accounts: the bank wants a new sign-in.
const wantsSignIn = `accounts.status = 'needs_login' AND ` + notContinued

// MakeAgainLinks makes a personal link for each account whose bank wants a new sign-in
// and whose customer has none for it that works, as far as the links go that are given,
// each without a customer; renewing, it makes one for those too who have, longest ago
// first, and revokes what they had. That they were made together is one row of the audit
// log, beside one for each.
func (s *Store) MakeAgainLinks(
	ctx context.Context, actor string, renew bool, links []NewInvitation,
) (made []AgainLink, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		made = nil
		accounts, err := collect(ctx, tx, scanText, `
			SELECT accounts.id
			FROM accounts
			WHERE `+wantsSignIn+` AND ($2 OR NOT EXISTS (`+openAgain+`))
			ORDER BY COALESCE((
				SELECT MAX(invitations.id)
				FROM invitations
				WHERE invitations.customer_id = accounts.customer_id AND invitations.account_id = accounts.id), ''), accounts.id
			LIMIT $3`, unixMS(tx.now), renew, len(links))
		if err != nil {
			return err
		}
		for n, id := range accounts {
			l, err := tx.makeAgainLink(ctx, actor, id, links[n])
			if err != nil {
				return err
			}
			made = append(made, l)
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActLinksTaken, Detail: fmt.Sprintf("%d links", len(made))})
	})
	return made, err
}

func (tx *tx) makeAgainLink(ctx context.Context, actor, accountID string, n NewInvitation) (l AgainLink, err error) {
	a, err := tx.wanted(ctx, accountID)
	if err != nil {
		return l, err
	}
	l.Bank = a.Bank
	if l.Customer, err = findCustomer(ctx, tx, a.CustomerID); err != nil {
		return l, err
	}
	n.CustomerID, n.AccountID, l.Secret = a.CustomerID, a.ID, n.Secret
	l.Invitation, err = tx.makeInvitation(ctx, actor, n)
	return l, err
}

// AgainCounts is how many accounts there are whose bank wants a new sign-in, and for how
// many of them the customer has a personal link that works.
type AgainCounts struct{ Accounts, Linked int }

// AgainCounts counts the accounts for which [Store.MakeAgainLinks] makes links.
func (s *Store) AgainCounts(ctx context.Context) (n AgainCounts, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(CASE WHEN EXISTS (`+openAgain+`) THEN 1 END)
		FROM accounts
		WHERE `+wantsSignIn, unixMS(s.now())).Scan(&n.Accounts, &n.Linked)
	return n, err
}
