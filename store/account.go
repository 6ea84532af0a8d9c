package store

import (
	"context"
	"slices"
	"time"
)

// Account is a linked bank account with its latest balance.
type Account struct {
	ID               string
	CustomerID       string
	Provider         string
	Env              string
	ProviderID       string
	ProviderCustomer string
	ProviderRecord   string // of the newest link it came with
	Bank             Bank
	Name             string
	NUBAN            string // sealed
	Type             string
	Currency         string
	Status           AccountStatus
	LinkedAt         time.Time

	Figure             Amount
	Basis              Basis     // of Figure
	AsOf               time.Time // the provider's time of Figure, else when we received it; zero: no balance yet
	AsOfKind           AsOfKind
	ReceivedAt         time.Time // when Figure was received
	Source             Source
	Available          Amount // the newest known, which may be older than Figure: see AvailableAsOf
	AvailableAsOf      time.Time
	AvailableWorkedOut bool
	CheckedAt          time.Time // when the bank last answered, changed or not; zero: never
	BoundAt            time.Time // when it was last linked
	OutdatedAsOf       time.Time // of the figure of which the bank has said that it is not right any more; zero: none

	Continues   string // id of the account whose history goes on here; empty: none
	ContinuedBy string // id of the account where the history goes on; empty: it does not
	AlsoWith    string // id of another customer's account that had the number when this was linked; empty: none had
	InQuestion  bool   // staff are to say whether it continues an older one of its customer

	Broken error // a [*SealError]: NUBAN does not open and is empty
}

// AccountStatus says whether an account can be asked.
type AccountStatus string

// The states of an account.
const (
	AccountLinked     AccountStatus = "linked"
	AccountNeedsLogin AccountStatus = "needs_login" // the bank wants the customer to sign in again
	// its owner does not share it with us any more: the bank is not asked
	AccountUnshared AccountStatus = "unshared"
	AccountUnlinked AccountStatus = "unlinked"
)

// Followed says that the account is one whose balance comes anew: it is linked, and its owner
// shares it. Of another the last one is a record, which counts nowhere.
func (a Account) Followed() bool {
	return a.Status != AccountUnlinked && a.Status != AccountUnshared
}

// Twice says that the account may be one of the others under a new id, which is followed
// too: until staff have said, nothing adds up both.
func (a Account) Twice(others []Account) bool {
	return a.InQuestion && slices.ContainsFunc(others, func(b Account) bool { return b.Followed() && a.mayContinue(b) })
}

// followed is [Account.Followed] in SQL over accounts. The indexes are of those that are not
// unlinked, which it says by itself.
const followed = `accounts.status <> 'unlinked' AND accounts.status <> 'unshared'`

// Dated says that it is known of when the balance is: it is no saved copy.
func (a Account) Dated() bool { return a.AsOfKind != AsOfUnknown }

// Outdated says that the bank has said that the balance has changed, and no newer
// one has come since.
func (a Account) Outdated() bool { return !a.OutdatedAsOf.IsZero() && !a.AsOf.After(a.OutdatedAsOf) }

// Unstated is why an account's available balance decides nothing, in a word: nobody
// knows of when it is, it was never said, the bank has said that it changed, the newest answer did not
// state it, or we worked it out.
// Empty: it is the bank's own newest word, of whatever age.
func (a Account) Unstated() string {
	switch {
	case !a.Dated():
		return "copy"
	case !a.Available.Known:
		return "never"
	case a.Outdated():
		return "changed"
	case a.AvailableAsOf.Before(a.AsOf):
		return "not_stated"
	case a.AvailableWorkedOut:
		return "worked_out"
	}
	return ""
}

// barred is why no check goes by what an account holds, whatever that is: "unlinked" or
// "unshared", "withdrawn" or "no_consent", or "needs_login", for the bank's newest answer is
// no balance. Empty: nothing is in the way.
func (a Account) barred(consent ConsentState, now time.Time) string {
	switch {
	case isGone(string(a.Status)):
		return string(a.Status)
	case consent.Withdrawn():
		return "withdrawn"
	case !consent.Holds(now):
		return "no_consent"
	case a.Status == AccountNeedsLogin:
		return string(a.Status)
	}
	return ""
}

// isGone says of a reason of [Account.barred] that the account is not linked any more, or
// not shared.
func isGone(why string) bool { return why == string(AccountUnlinked) || why == string(AccountUnshared) }

// forbidden says of such a reason that the customer does not let us look at the account.
func forbidden(why string) bool { return isGone(why) || why == "withdrawn" || why == "no_consent" }

// vague says that there is no available balance to go by, and of the balance nobody
// says whether it can be drawn: it may be compared, and the result has to say so.
func (a Account) vague() bool {
	why := a.Unstated()
	return a.Basis == BasisUnspecified && a.Figure.Known && !a.Outdated() && (why == "never" || why == "not_stated")
}

const accountColumns = `accounts.id, accounts.customer_id, accounts.provider, accounts.env, accounts.provider_id, accounts.provider_customer,
	(SELECT records.provider_id FROM records WHERE records.id = accounts.record_id),
	accounts.bank_id, accounts.bank_name, accounts.bank_slug, accounts.name, accounts.nuban, accounts.type, accounts.currency,
	accounts.status, accounts.linked_at, accounts.ledger, accounts.basis, accounts.as_of, accounts.as_of_kind,
	accounts.received_at, accounts.source,
	accounts.available, accounts.available_as_of, accounts.available_worked_out, accounts.checked_at, accounts.bound_at, accounts.outdated_as_of,
	accounts.bank_key, accounts.continues, accounts.also_with,
	COALESCE((SELECT newer.id FROM accounts AS newer WHERE newer.continues = accounts.id AND newer.continues <> ''), ''),
	EXISTS (SELECT 1 FROM account_questions WHERE account_questions.account_id = accounts.id AND account_questions.decided_at IS NULL)`

func scanAccount(row scanner) (a Account, err error) {
	err = row.Scan(&a.ID, &a.CustomerID, &a.Provider, &a.Env, &a.ProviderID, &a.ProviderCustomer, &a.ProviderRecord,
		&a.Bank.ID, &a.Bank.Name, &a.Bank.Slug, &a.Name,
		&opening{column: accountNUBAN, row: &a.ID, text: &a.NUBAN, broken: &a.Broken}, &a.Type, &a.Currency,
		&a.Status, timeOf{&a.LinkedAt}, &a.Figure, &a.Basis, timeOf{&a.AsOf}, &a.AsOfKind,
		timeOf{&a.ReceivedAt}, &a.Source,
		&a.Available, timeOf{&a.AvailableAsOf}, &a.AvailableWorkedOut, timeOf{&a.CheckedAt}, timeOf{&a.BoundAt},
		timeOf{&a.OutdatedAsOf}, &a.Bank.Key, &a.Continues, &a.AlsoWith, &a.ContinuedBy,
		&a.InQuestion)
	return a, err
}

// LastDigits are the four at the end of an account number, which are seen everywhere and
// searched by; empty: the number is no longer than that.
func LastDigits(number string) string {
	const seen = 4
	if len(number) <= seen {
		return ""
	}
	return number[len(number)-seen:]
}

// AccountByID returns one account, for staff and the worker.
func (s *Store) AccountByID(ctx context.Context, id string) (Account, error) {
	return findAccount(ctx, s.read, Whole(), id)
}

// AccountWithin returns one account within a scope; any other is [ErrNotFound].
func (s *Store) AccountWithin(ctx context.Context, scope Scope, id string) (Account, error) {
	return findAccount(ctx, s.read, scope, id)
}

func findAccount(ctx context.Context, q querier, scope Scope, id string) (Account, error) {
	return one(ctx, q, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE id = $4 AND `+reached, scope.args(id)...)
}

// AccountsByCustomer returns the accounts of a customer that no other continues, by
// bank and name, for the worker: whoever looks at a page has a [Scope].
func (s *Store) AccountsByCustomer(ctx context.Context, customerID string) ([]Account, error) {
	return s.AccountsWithin(ctx, OfCustomer(customerID))
}

// AccountsWithin returns the accounts of a customer within a scope that no other
// continues, by bank and name.
func (s *Store) AccountsWithin(ctx context.Context, scope Scope) ([]Account, error) {
	return standing(accountsWithin(ctx, s.read, scope))
}

// standing leaves out the accounts that another continues: a bank account is there
// once.
func standing(all []Account, err error) ([]Account, error) {
	return slices.DeleteFunc(all, func(a Account) bool { return a.ContinuedBy != "" }), err
}

// notContinued is SQL for the accounts whose history does not go on in another.
const notContinued = `NOT EXISTS (SELECT 1 FROM accounts AS newer WHERE newer.continues = accounts.id AND newer.continues <> '')`

// accountsWithin are all accounts of a customer within a scope, those that another
// continues, too.
func accountsWithin(ctx context.Context, q querier, scope Scope) ([]Account, error) {
	return collect(ctx, q, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE customer_id = $2 AND `+reached+`
		ORDER BY bank_name, name, id`, scope.args()...)
}

// HiddenAccounts counts the accounts that a customer has beyond the scope of a visit.
func (s *Store) HiddenAccounts(ctx context.Context, scope Scope) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*)
		FROM accounts
		WHERE customer_id = $1 AND $2 <> '' AND visit_id <> $2 AND `+notContinued, scope.CustomerID, scope.VisitID).Scan(&n)
	return n, err
}

// AccountsByCustomers returns the accounts of several customers that no other
// continues, by customer id.
func (s *Store) AccountsByCustomers(ctx context.Context, customerIDs []string) (map[string][]Account, error) {
	if len(customerIDs) == 0 {
		return nil, nil
	}
	accounts, err := standing(collect(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE customer_id IN (`+marks(1, len(customerIDs))+`)
		ORDER BY bank_name, name, id`, anys(customerIDs)...))
	by := map[string][]Account{}
	for _, a := range accounts {
		by[a.CustomerID] = append(by[a.CustomerID], a)
	}
	return by, err
}

// AccountsByRecord returns the accounts within a scope whose newest link is that record.
func (s *Store) AccountsByRecord(ctx context.Context, scope Scope, providerRecord string) ([]Account, error) {
	return collect(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE customer_id = $2 AND `+reached+` AND (SELECT provider_id FROM records WHERE records.id = accounts.record_id) = $4
		ORDER BY bank_name, name, id`, scope.args(providerRecord)...)
}

// AccountByProviderID returns the account that the provider calls so.
func (s *Store) AccountByProviderID(ctx context.Context, provider, env, providerID string) (Account, error) {
	return one(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts
		WHERE provider = $1 AND env = $2 AND provider_id = $3`, provider, env, providerID)
}

// ProviderIDs returns what the provider calls all accounts that are linked, and shared,
// through it.
func (s *Store) ProviderIDs(ctx context.Context, provider, env string) ([]string, error) {
	return collect(ctx, s.read, scanText, `
		SELECT provider_id
		FROM accounts
		WHERE provider = $1 AND env = $2 AND status IN ('linked', 'needs_login')
		ORDER BY id`, provider, env)
}

// AccountsToFetch returns linked accounts of which the provider had no balance
// when they were linked, and that nobody has asked the bank about since. Without
// a consent in force it is not asked.
func (s *Store) AccountsToFetch(ctx context.Context, provider string, limit int) ([]Account, error) {
	return collect(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts JOIN customers ON customers.id = accounts.customer_id
		WHERE accounts.status = 'linked' AND accounts.balance_id IS NULL AND accounts.provider = $3 AND `+notContinued+`
		AND NOT EXISTS (SELECT 1 FROM refreshes WHERE refreshes.account_id = accounts.id AND refreshes.kind = 'refresh')
		AND `+s.consent.inForce("$1", "accounts.provider")+`
		ORDER BY accounts.id
		LIMIT $2`, unixMS(s.now()), limit, provider)
}

// unshare notes that the owner of an account does not share it any more. Linking
// again shares it.
func (tx *tx) unshare(ctx context.Context, id string) error {
	return tx.change(ctx, AccountUnshared, `
		UPDATE accounts
		SET status = 'unshared'
		WHERE id = $1 AND status IN ('linked', 'needs_login')
		RETURNING customer_id, id`, id)
}

// change runs a statement that puts accounts into another state, and tells of each.
func (tx *tx) change(ctx context.Context, is AccountStatus, query string, args ...any) error {
	changed, err := collect(ctx, tx, func(row scanner) (a Account, err error) {
		return a, row.Scan(&a.CustomerID, &a.ID)
	}, query, args...)
	if err != nil {
		return err
	}
	for _, a := range changed {
		if err := tx.tellStatus(ctx, a.CustomerID, a.ID, is); err != nil {
			return err
		}
	}
	return nil
}

// Unshare notes that the owner of an account does not share it any more.
func (s *Store) Unshare(ctx context.Context, id string) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.unshare(ctx, id) })
}

// wantLogin notes that the bank wanted the customer to sign in again then, unless
// it has given a balance since: one of a time that has not come says nothing of that. A
// refresh that waits for why the bank gave no answer waits no longer.
func (tx *tx) wantLogin(ctx context.Context, id string, at time.Time) error {
	err := tx.exec(ctx, `
		UPDATE refreshes
		SET next_at = $2
		WHERE account_id = $1 AND ended_at IS NULL AND fault = 'fetch_failed'`, id, unixMS(tx.now))
	if err != nil {
		return err
	}
	return tx.change(ctx, AccountNeedsLogin, `
		UPDATE accounts
		SET status = 'needs_login'
		WHERE id = $1 AND status = 'linked' AND (as_of IS NULL OR as_of <= $2 OR as_of > $3)
		RETURNING customer_id, id`, id, unixMS(at), unixMS(tx.now.Add(maxSkew)))
}

// AccountsToSweep returns linked accounts whose saved balance was last asked
// for before then, longest ago first, and those of which that lies in the
// future, because the clock was set back. Without a consent in force an account
// is not asked about.
func (s *Store) AccountsToSweep(
	ctx context.Context, provider string, before time.Time, limit int,
) ([]Account, error) {
	due, err := s.toSweep(ctx, `COALESCE(swept_at, linked_at) < $2`, provider, before, limit)
	if err != nil || len(due) == limit {
		return due, err
	}
	ahead, err := s.toSweep(
		ctx, `COALESCE(swept_at, linked_at) > $2`, provider, s.now().Add(ClockSlack), limit-len(due),
	)
	return append(due, ahead...), err
}

// toSweep are the accounts of [Store.AccountsToSweep] on one side of a moment.
func (s *Store) toSweep(
	ctx context.Context, cond, provider string, moment time.Time, limit int,
) ([]Account, error) {
	return collect(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts JOIN customers ON customers.id = accounts.customer_id
		WHERE accounts.status IN ('linked', 'needs_login') AND `+cond+`
		AND accounts.provider = $4 AND `+notContinued+` AND `+s.consent.inForce("$1", "accounts.provider")+`
		ORDER BY COALESCE(swept_at, linked_at)
		LIMIT $3`, unixMS(s.now()), unixMS(moment), limit, provider)
}

// MarkSwept notes that the saved balances of accounts were asked for now.
func (s *Store) MarkSwept(ctx context.Context, ids ...string) error {
	return s.inTx(ctx, func(tx *tx) error {
		return tx.each(ctx, len(ids), func(tx *laneTx, i int) error {
			return tx.exec(ctx, `UPDATE accounts SET swept_at = $2 WHERE id = $1`, ids[i], unixMS(tx.now))
		})
	})
}

// AccountsToRefresh returns linked accounts that were last refreshed, and whose
// balance is, from before then or from what has not come yet, and that somebody has looked at since viewed.
// The oldest come first. Without a consent in force an account is not refreshed.
// CROSS JOIN has SQLite begin with those who were looked at: what is old may be
// nearly everything.
func (s *Store) AccountsToRefresh(
	ctx context.Context, provider string, before, viewed time.Time, limit int,
) ([]Account, error) {
	return collect(ctx, s.read, scanAccount, `
		SELECT `+accountColumns+`
		FROM customers CROSS JOIN accounts
		WHERE customers.viewed_at >= $3 AND customers.viewed_at <= $4
		AND accounts.customer_id = customers.id AND accounts.status = 'linked'
		AND (accounts.as_of < $2 OR accounts.as_of > $4)
		AND NOT EXISTS (
			SELECT 1
			FROM refreshes
			WHERE refreshes.account_id = accounts.id AND refreshes.kind = 'refresh' AND refreshes.created_at >= $2 AND refreshes.created_at <= $4)
		AND accounts.provider = $6 AND `+notContinued+` AND `+s.consent.inForce("$1", "accounts.provider")+`
		ORDER BY accounts.as_of
		LIMIT $5`,
		unixMS(s.now()), unixMS(before), unixMS(viewed), unixMS(s.now().Add(ClockSlack)), limit, provider)
}
