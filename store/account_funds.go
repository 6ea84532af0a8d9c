package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"
)

// FundsCheck is a question whether an account can cover an amount, and its
// answer. Both are only ever added: together they are evidence.
type FundsCheck struct {
	ID         string
	AccountID  string
	CustomerID string
	StaffID    string // who asked; empty: a program did
	KeyID      string // of the program that asked; empty: none did
	Amount     int64
	Currency   string
	FreshFor   time.Duration // a figure older than that decides nothing
	RefreshID  string        // the request to the bank that is waited for; empty: none
	AskedAt    time.Time

	Answer     FundsAnswer // empty: the refresh has not ended yet
	Reason     string      // of unknown: [Account.barred], [Account.Unstated], or "less": the figure does not cover it
	Available  Amount      // looked at, unless Figure was
	Figure     Amount      // the main figure, where it was looked at because nobody says what is available
	Basis      Basis       // of Figure
	AsOf       time.Time   // of that figure; zero: there is none
	AsOfStated bool
	AnsweredAt time.Time
}

// FundsAnswer says whether an account can cover an amount.
type FundsAnswer string

// The answers. Only an available balance that the bank stated, that is its
// newest word and that is fresh, gives yes or no.
const (
	FundsYes FundsAnswer = "yes"
	FundsNo  FundsAnswer = "no"
	// the balance covers it, and nobody says whether it can be drawn
	FundsPerhaps FundsAnswer = "perhaps"
	FundsUnknown FundsAnswer = "unknown"
	FundsTooOld  FundsAnswer = "too_old"
)

// decide answers a check by what is known of the account. Nothing stands in
// for an available balance that the bank did not state: not the ledger, not an
// older answer, and not what we worked out. A balance of which nobody says whether
// it can be drawn gives neither yes nor no. What a check over several accounts does not
// count for the state of the account answers nothing here either.
func (f *FundsCheck) decide(a Account, consent ConsentState, now time.Time) {
	f.Available, f.AsOf, f.AsOfStated, f.AnsweredAt = a.Available, a.AvailableAsOf, a.AsOfKind == AsOfStated, now
	barred := a.barred(consent, now)
	f.Reason = cmp.Or(barred, a.Unstated())
	switch {
	case forbidden(barred):
		f.Answer, f.Available, f.AsOf, f.AsOfStated = FundsUnknown, Amount{}, time.Time{}, false
	case barred != "":
		f.Answer = FundsUnknown
	case a.vague():
		f.decideVaguely(a, now)
	case f.Reason != "":
		f.Answer = FundsUnknown
	case !NoOlder(a.AvailableAsOf, f.FreshFor, now):
		f.Answer = FundsTooOld
	case a.Available.Minor >= f.Amount:
		f.Answer = FundsYes
	default:
		f.Answer = FundsNo
	}
}

// decideVaguely answers a check by a balance of which nobody says whether it can be
// drawn.
func (f *FundsCheck) decideVaguely(a Account, now time.Time) {
	f.Figure, f.Basis, f.Available, f.AsOf, f.Reason = a.Figure, a.Basis, Amount{}, a.AsOf, ""
	switch {
	case !NoOlder(a.AsOf, f.FreshFor, now):
		f.Answer = FundsTooOld
	case a.Figure.Minor >= f.Amount:
		f.Answer = FundsPerhaps
	default:
		f.Answer, f.Reason = FundsUnknown, "less" // there may be an overdraft
	}
}

// AskFunds writes down a question about an account and answers it: at once,
// or when the refresh that it names ends.
func (s *Store) AskFunds(ctx context.Context, f FundsCheck) (FundsCheck, error) {
	err := s.inTx(ctx, func(tx *tx) error { return tx.askFunds(ctx, &f) })
	return f, err
}

func (tx *tx) askFunds(ctx context.Context, f *FundsCheck) error {
	a, err := findAccount(ctx, tx, Whole(), f.AccountID)
	if err != nil {
		return err
	}
	if err := a.standsAlone(); err != nil {
		return err
	}
	f.ID, f.AskedAt, f.CustomerID, f.Currency = newID(), tx.now, a.CustomerID, a.Currency
	if err := tx.insertFundsCheck(ctx, *f); err != nil {
		return err
	}
	if open, err := tx.isOpen(ctx, f.RefreshID); err != nil || open {
		return err
	}
	return tx.answerFunds(ctx, f, a)
}

func (tx *tx) insertFundsCheck(ctx context.Context, f FundsCheck) error {
	err := tx.exec(ctx, `
		INSERT INTO funds_checks (id, account_id, customer_id, staff_id, amount, currency, fresh_for, refresh_id, asked_at, key_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		f.ID, f.AccountID, f.CustomerID, f.StaffID, f.Amount, f.Currency, f.FreshFor.Milliseconds(), f.RefreshID,
		unixMS(f.AskedAt), f.KeyID)
	if err != nil {
		return err
	}
	by := ByStaff(f.StaffID)
	if f.KeyID != "" {
		by = ByKey(f.KeyID)
	}
	return tx.audit(ctx, Act{Actor: by, Action: ActFundsAsked, Customer: f.CustomerID, Subject: f.ID})
}

// isOpen says whether a refresh is still under way.
func (tx *tx) isOpen(ctx context.Context, refreshID string) (bool, error) {
	var ended time.Time
	err := tx.QueryRowContext(ctx, `SELECT ended_at FROM refreshes WHERE id = $1`, refreshID).Scan(timeOf{&ended})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && ended.IsZero(), err
}

// answerFunds writes the answer down. One that is there already stays.
func (tx *tx) answerFunds(ctx context.Context, f *FundsCheck, a Account) error {
	consent, err := tx.consent.state(ctx, tx, a.CustomerID, a.Provider)
	if err != nil {
		return err
	}
	f.decide(a, consent, tx.now)
	var balanceID string
	if err := tx.QueryRowContext(
		ctx, `SELECT COALESCE(balance_id, '') FROM accounts WHERE id = $1`, a.ID,
	).Scan(&balanceID); err != nil {
		return err
	}
	changed, err := tx.changes(ctx, `
		INSERT INTO funds_answers (check_id, answer, reason, available, as_of, as_of_stated, balance_id, answered_at, figure, basis)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (check_id) DO NOTHING`,
		f.ID, f.Answer, f.Reason, f.Available, unixMS(f.AsOf), f.AsOfStated, balanceID, unixMS(f.AnsweredAt),
		f.Figure, f.Basis)
	if err != nil || !changed {
		return err
	}
	if err := tx.tell(ctx, Notice{
		Type: NoticeFunds, CustomerID: f.CustomerID, AccountID: a.ID, Subject: f.ID, State: string(f.Answer),
	}); err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: Program, Action: ActFundsAnswered, Customer: f.CustomerID, Subject: f.ID})
}

// answerWaiting answers the checks of an account whose refresh has ended.
func (tx *tx) answerWaiting(ctx context.Context, accountID string) error {
	waiting, err := collect(ctx, tx, scanFundsCheck, `
		SELECT `+fundsColumns+`
		FROM funds_checks LEFT JOIN funds_answers ON funds_answers.check_id = funds_checks.id
		JOIN refreshes ON refreshes.id = funds_checks.refresh_id
		WHERE funds_checks.account_id = $1 AND refreshes.ended_at IS NOT NULL AND funds_answers.check_id IS NULL`, accountID)
	if err != nil || len(waiting) == 0 {
		return err
	}
	a, err := findAccount(ctx, tx, Whole(), accountID)
	if err != nil {
		return err
	}
	for _, f := range waiting {
		if err := tx.answerFunds(ctx, &f, a); err != nil {
			return err
		}
	}
	return nil
}

const fundsColumns = `funds_checks.id, funds_checks.account_id, funds_checks.customer_id, funds_checks.staff_id, funds_checks.amount,
	funds_checks.currency, funds_checks.fresh_for, funds_checks.refresh_id, funds_checks.asked_at,
	COALESCE(funds_answers.answer, ''), COALESCE(funds_answers.reason, ''), funds_answers.available, funds_answers.as_of,
	COALESCE(funds_answers.as_of_stated, FALSE), funds_answers.answered_at, funds_answers.figure, COALESCE(funds_answers.basis, ''),
	funds_checks.key_id`

func scanFundsCheck(row scanner) (f FundsCheck, err error) {
	var freshFor int64
	err = row.Scan(&f.ID, &f.AccountID, &f.CustomerID, &f.StaffID, &f.Amount, &f.Currency, &freshFor, &f.RefreshID,
		timeOf{&f.AskedAt},
		&f.Answer, &f.Reason, &f.Available, timeOf{&f.AsOf}, &f.AsOfStated, timeOf{&f.AnsweredAt},
		&f.Figure, &f.Basis, &f.KeyID)
	f.FreshFor = time.Duration(freshFor) * time.Millisecond
	return f, err
}

// LoggedFundsCheck is a funds check with whom and what it is about.
type LoggedFundsCheck struct {
	FundsCheck
	CustomerName      string
	CustomerReference string
	BankName          string
	AccountName       string
	NUBAN             string
	Broken            error   // a [*SealError]: NUBAN does not open and is empty
	Refresh           Refresh // that it waits for or waited for; zero: none
}

// FundsCheckByID returns one check, for staff.
func (s *Store) FundsCheckByID(ctx context.Context, id string) (LoggedFundsCheck, error) {
	found, err := s.fundsChecks(ctx, `funds_checks.id = $1`, id, "", 1)
	if err != nil || len(found) == 0 {
		return LoggedFundsCheck{}, cmp.Or(err, ErrNotFound)
	}
	return found[0], nil
}

// FundsChecksByAccount returns the checks of an account, newest first, from
// before the one that is named; an empty name is the newest.
func (s *Store) FundsChecksByAccount(
	ctx context.Context, accountID, before string, limit int,
) ([]LoggedFundsCheck, error) {
	return s.fundsChecks(ctx, `funds_checks.account_id = $1`, accountID, before, limit)
}

// FundsChecksByCustomer returns the checks of a customer's accounts likewise.
func (s *Store) FundsChecksByCustomer(
	ctx context.Context, customerID, before string, limit int,
) ([]LoggedFundsCheck, error) {
	return s.fundsChecks(ctx, `funds_checks.customer_id = $1`, customerID, before, limit)
}

func (s *Store) fundsChecks(
	ctx context.Context, whose, id, before string, limit int,
) (all []LoggedFundsCheck, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		var refreshes []Refresh
		err := together(ctx, q, func() (err error) {
			all, err = collect(ctx, q, scanLoggedFundsCheck, `
				SELECT `+fundsColumns+`, customers.name, customers.reference, accounts.bank_name, accounts.name,
					accounts.id, accounts.nuban
				FROM funds_checks LEFT JOIN funds_answers ON funds_answers.check_id = funds_checks.id
				JOIN accounts ON accounts.id = funds_checks.account_id
				JOIN customers ON customers.id = funds_checks.customer_id
				WHERE `+whose+` AND ($2 = '' OR funds_checks.id < $2)
				ORDER BY funds_checks.id DESC
				LIMIT $3`, id, before, limit)
			return err
		}, func() (err error) {
			refreshes, err = collect(ctx, q, scanRefresh, `
				SELECT `+refreshColumns+`
				FROM funds_checks JOIN refreshes ON refreshes.id = funds_checks.refresh_id
				WHERE `+whose+` AND ($2 = '' OR funds_checks.id < $2)
				ORDER BY funds_checks.id DESC
				LIMIT $3`, id, before, limit)
			return err
		})
		byID := map[string]Refresh{}
		for _, r := range refreshes {
			byID[r.ID] = r
		}
		for i := range all {
			all[i].Refresh = byID[all[i].RefreshID]
		}
		return err
	})
	return all, err
}

func scanLoggedFundsCheck(row scanner) (l LoggedFundsCheck, err error) {
	var account string
	nuban := &opening{column: accountNUBAN, row: &account, text: &l.NUBAN, broken: &l.Broken}
	l.FundsCheck, err = scanFundsCheck(
		wider{row, []any{&l.CustomerName, &l.CustomerReference, &l.BankName, &l.AccountName, &account, nuban}},
	)
	return l, err
}
