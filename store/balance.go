package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// ErrCurrencyChanged says that a balance came in another currency than its
// account's: nothing is saved, somebody has to look.
var ErrCurrencyChanged = errors.New("store: the balance is in another currency than its account")

// Source says how a balance reached us.
type Source string

// The sources of a balance.
const (
	SourceLink     Source = "link"
	SourceWebhook  Source = "webhook"
	SourceRefresh  Source = "refresh"
	SourceSchedule Source = "schedule"
	SourceDemo     Source = "demo" // made up, where everything is simulated
)

// Balance is what an account holds, as the provider told it once. Balances are only
// ever added.
type Balance struct {
	ID                 string
	AccountID          string
	Provider           string // of the account, when it was saved
	Source             Source
	Currency           string
	Figure             int64 // the main one
	Basis              Basis // of Figure; empty when it is saved: unspecified
	Available          Amount
	AvailableWorkedOut bool      // ledger minus pending, by us
	AsOf               time.Time // the provider's; zero: not stated, then it is the time of receipt
	AsOfKind           AsOfKind  // empty when it is saved: stated where AsOf is, else asked
	ReceivedAt         time.Time // zero when it is saved: now
	EventID            string    // the webhook that brought it; empty: none did
	Provided           ProvidedBalance
}

// ProvidedBalance is the rest of the provider's balance object, as it came.
type ProvidedBalance struct {
	ID          string
	Account     string
	Connected   string // "true", "false", a JSON list of owners, or empty
	Customer    string
	Record      string
	Owner       string
	Env         string
	CreatedAt   time.Time
	LastUpdated time.Time
}

// maxSkew is how far a provider's clock may be ahead of ours before we stop
// believing the time it gives.
const maxSkew = 5 * time.Minute

// fact identifies what was observed, so that the same news heard twice is one row.
// A ledger has no word of its own in it: it had none before there were others. Of
// one as-of time it sorts a saved copy behind what has that time, and the later one
// behind the earlier.
func (o Balance) fact() string {
	observed := fmt.Appendf(
		nil, "%d|%s|%d|%v|%d|%v", o.AsOf.UnixMilli(), o.Currency, o.Figure, o.Available.Known, o.Available.Minor,
		o.AvailableWorkedOut,
	)
	if o.Basis != BasisLedger {
		observed = fmt.Append(observed, "|", o.Basis)
	}
	sum := sha256.Sum256(observed)
	if o.isCopy() {
		return fmt.Sprintf("x%014d%s", o.ReceivedAt.UnixMilli(), hex.EncodeToString(sum[:6]))
	}
	return hex.EncodeToString(sum[:12])
}

// SaveBalance adds a balance. The newest as-of time becomes the account's
// latest balance, whatever the order of arrival; one that is older stays in
// the history only. A refresh under way ends with news that is
// younger than its question. One of an account that was unlinked meanwhile is
// dropped. So is a saved copy of no known time that says what the account shows
// already; any other becomes the latest and leaves the account as old as it was.
func (s *Store) SaveBalance(ctx context.Context, o Balance) error {
	return s.inTx(ctx, func(tx *tx) error {
		err := tx.saveBalance(ctx, o)
		if errors.Is(err, ErrUnlinked) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.finishOnNews(ctx, o)
	})
}

func (tx *tx) saveBalance(ctx context.Context, o Balance) error {
	var currency string
	var status AccountStatus
	err := orNoRows(tx.QueryRowContext(
		ctx, `SELECT currency, status FROM accounts WHERE id = $1`, o.AccountID,
	).Scan(&currency, &status))
	if gone(err) {
		return ErrUnlinked
	}
	if err != nil {
		return err
	}
	if err := o.fits(status, currency); err != nil {
		return err
	}
	return tx.addBalance(ctx, o, true)
}

// fits says why a balance may not be added to such an account.
func (o Balance) fits(status AccountStatus, currency string) error {
	switch {
	case status == AccountUnlinked:
		return ErrUnlinked
	case currency != o.Currency:
		return ErrCurrencyChanged
	}
	return nil
}

// addBalance adds a balance that fits its account, which may have a threshold, if watched.
func (tx *tx) addBalance(ctx context.Context, o Balance, watched bool) error {
	o.settle(tx.now)
	if o.isCopy() {
		if news, err := tx.placeCopy(ctx, &o); err != nil || !news {
			return err
		}
	}
	o.ID = newID()
	added, err := tx.insertBalance(ctx, o)
	if err != nil {
		return err
	}
	if err := tx.heard(ctx, o.AccountID, watched); err != nil {
		return err
	}
	return tx.copyLatest(ctx, o, added)
}

// placeCopy dates a saved copy right behind the newest balance. It is no news when
// it says the same.
func (tx *tx) placeCopy(ctx context.Context, o *Balance) (news bool, err error) {
	a, err := findAccount(ctx, tx, Whole(), o.AccountID)
	if err != nil || a.AsOf.IsZero() {
		return err == nil, err
	}
	o.AsOf = a.AsOf
	return !o.repeats(a), nil
}

// copyLatest lets the account say what its newest balance does.
func (tx *tx) copyLatest(ctx context.Context, o Balance, added bool) error {
	if added && !o.isCopy() {
		if done, err := tx.becomeLatest(ctx, o); done || err != nil {
			return err
		}
	}
	return tx.foldLatest(ctx, o.AccountID)
}

// earlier is the earlier of two moments.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// becomeLatest copies a balance into its account when it is younger than
// all others: what [tx.foldLatest] would find, for less.
func (tx *tx) becomeLatest(ctx context.Context, o Balance) (done bool, err error) {
	return tx.changes(ctx, `
		UPDATE accounts
		SET balance_id = $2, ledger = $3, as_of = $4, as_of_stated = $5, source = $6,
			checked_at = CASE WHEN checked_at >= $7 AND checked_at <= $11 THEN checked_at ELSE $7 END,
			available = CASE WHEN $8 THEN $9 ELSE available END,
			available_as_of = CASE WHEN $8 THEN $4 ELSE available_as_of END,
			available_worked_out = CASE WHEN $8 THEN $10 ELSE available_worked_out END,
			basis = $12, as_of_kind = $13, received_at = $14
		WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM balances WHERE account_id = $1 AND as_of >= $4 AND id <> $2)`,
		o.AccountID, o.ID, o.Figure, unixMS(o.AsOf), o.AsOfKind == AsOfStated, o.Source,
		unixMS(earlier(o.AsOf, tx.now)), o.Available.Known, o.Available, o.AvailableWorkedOut, unixMS(tx.now),
		o.Basis, o.AsOfKind, unixMS(o.ReceivedAt))
}

func (tx *tx) insertBalance(ctx context.Context, o Balance) (added bool, err error) {
	p := o.Provided
	return tx.changes(ctx, `
		INSERT INTO balances (id, account_id, fact, source, currency, as_of, as_of_stated, available_worked_out, received_at, event_id,
			provider_id, available_balance, ledger_balance, account, connected, customer, record, owner, env, created_at, last_updated,
			basis, as_of_kind, provider)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			(SELECT provider FROM accounts WHERE accounts.id = $2))
		ON CONFLICT (account_id, as_of, fact) DO NOTHING`,
		o.ID, o.AccountID, o.fact(), o.Source, o.Currency, unixMS(o.AsOf), o.AsOfKind == AsOfStated,
		o.AvailableWorkedOut, unixMS(o.ReceivedAt), o.EventID,
		p.ID, o.Available, o.Figure, p.Account, p.Connected, p.Customer, p.Record, p.Owner, p.Env,
		unixMS(p.CreatedAt), unixMS(p.LastUpdated), o.Basis, o.AsOfKind)
}

// foldLatest copies the newest balance into the account: newest by as-of
// time and, between equals, by content, so that the order of arrival cannot
// matter. The bank was last asked when it was its newest figure's time, or later,
// when it said that nothing had changed: not when a saved figure came, or came once
// more.
// The available figure is the newest that is known: an answer without
// one never wipes it out. Balances that a clock gone wrong dated into the
// future do not stand in the way of newer ones; while there are only such ones,
// the account stays as it is.
func (tx *tx) foldLatest(ctx context.Context, accountID string) error {
	return tx.exec(ctx, `
		UPDATE accounts
		SET (balance_id, ledger, as_of, as_of_stated, source, basis, as_of_kind, received_at) = (
				SELECT id, ledger_balance, as_of, as_of_stated, source, basis, as_of_kind, received_at
				FROM balances
				WHERE account_id = $1 AND as_of <= $3
				ORDER BY as_of DESC, fact DESC
				LIMIT 1),
			(available, available_as_of) = (
				SELECT available_balance, as_of
				FROM balances
				WHERE account_id = $1 AND as_of <= $3 AND available_balance IS NOT NULL
				ORDER BY as_of DESC, fact DESC
				LIMIT 1),
			available_worked_out = COALESCE((
				SELECT available_worked_out
				FROM balances
				WHERE account_id = $1 AND as_of <= $3 AND available_balance IS NOT NULL
				ORDER BY as_of DESC, fact DESC
				LIMIT 1), FALSE),
			checked_at = (
				SELECT CASE WHEN newest.at IS NULL OR accounts.checked_at >= newest.at AND accounts.checked_at <= $2 THEN accounts.checked_at ELSE newest.at END
				FROM (
					SELECT CASE WHEN MAX(as_of) > $2 THEN $2 ELSE MAX(as_of) END AS at
					FROM balances
					WHERE account_id = $1 AND as_of <= $3 AND as_of_kind <> 'unknown') AS newest)
		WHERE id = $1 AND EXISTS (SELECT 1 FROM balances WHERE account_id = $1 AND as_of <= $3)`, accountID,
		unixMS(tx.now), unixMS(tx.now.Add(maxSkew)))
}

const balanceColumns = `id, account_id, provider, source, currency, as_of, as_of_kind, available_worked_out, received_at, event_id,
	provider_id, available_balance, basis, ledger_balance, account, connected, customer, record, owner, env, created_at, last_updated`

func scanBalance(row scanner) (o Balance, err error) {
	p := &o.Provided
	err = row.Scan(&o.ID, &o.AccountID, &o.Provider, &o.Source, &o.Currency, timeOf{&o.AsOf}, &o.AsOfKind,
		&o.AvailableWorkedOut, timeOf{&o.ReceivedAt}, &o.EventID,
		&p.ID, &o.Available, &o.Basis, &o.Figure, &p.Account, &p.Connected, &p.Customer, &p.Record, &p.Owner, &p.Env,
		timeOf{&p.CreatedAt}, timeOf{&p.LastUpdated})
	return o, err
}

// BalancesByAccount returns an account's balances, newest first.
func (s *Store) BalancesByAccount(ctx context.Context, accountID string, limit int) ([]Balance, error) {
	return collect(ctx, s.read, scanBalance, `
		SELECT `+balanceColumns+`
		FROM balances
		WHERE account_id = $1
		ORDER BY as_of DESC, fact DESC
		LIMIT $2`, accountID, limit)
}

// BalancesByEvent returns the balances that a webhook brought: none when
// what it told was known already. They have its time of receipt or, where the clock
// was set back meanwhile, that at which it was applied.
func (s *Store) BalancesByEvent(ctx context.Context, eventID string) ([]Balance, error) {
	return collect(ctx, s.read, scanBalance, `
		SELECT `+balanceColumns+`
		FROM balances
		WHERE event_id = $1 AND received_at IN (
			SELECT received_at FROM events WHERE id = $1
			UNION ALL SELECT applied_at FROM events WHERE id = $1)`, eventID)
}
