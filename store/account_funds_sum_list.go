package store

import "context"

// FundsSumByID returns one of a customer's questions with its accounts and decisions.
func (s *Store) FundsSumByID(ctx context.Context, customerID, id string) (f FundsSum, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		f, err = one(ctx, q, scanFundsSum, selectFundsSum+`
			WHERE funds_sums.id = $1 AND funds_sums.customer_id = $2`, id, customerID)
		if err != nil {
			return err
		}
		return addToFundsSum(ctx, q, &f)
	})
	return f, err
}

// FundsSumsByCustomer returns a customer's questions, newest first, with their accounts
// and decisions.
func (s *Store) FundsSumsByCustomer(ctx context.Context, customerID string, limit int) (all []FundsSum, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanFundsSum, selectFundsSum+`
			WHERE funds_sums.customer_id = $1
			ORDER BY funds_sums.id DESC
			LIMIT $2`, customerID, limit)
		if err != nil {
			return err
		}
		return eachFundsSum(ctx, q, len(all), func(i int) *FundsSum { return &all[i] })
	})
	return all, err
}

// AwaitedFunds is a question for a day that has come, with whom it is about.
type AwaitedFunds struct {
	FundsSum
	CustomerName, CustomerReference, CustomerPhone string
}

// AwaitedFundsSums returns the questions whose day has come and whose answers nobody has
// said to have seen, in the order of their days.
func (s *Store) AwaitedFundsSums(ctx context.Context, limit int) (all []AwaitedFunds, err error) {
	err = s.inSnapshot(ctx, func(q querier) error {
		all, err = collect(ctx, q, func(row scanner) (a AwaitedFunds, err error) {
			a.FundsSum, err = scanFundsSum(wider{row, []any{&a.CustomerName, &a.CustomerReference, &a.CustomerPhone}})
			return a, err
		}, `
			SELECT `+fundsSumColumns+`, customers.name, customers.reference, customers.phone
			FROM funds_sums LEFT JOIN funds_sum_answers ON funds_sum_answers.sum_id = funds_sums.id
			JOIN customers ON customers.id = funds_sums.customer_id
			WHERE funds_sums.due_at <= $1 AND funds_sums.due_at IS NOT NULL AND funds_sums.seen_at IS NULL
			AND funds_sums.cancelled_at IS NULL
			ORDER BY funds_sums.due_at, funds_sums.id
			LIMIT $2`, unixMS(s.now()), limit)
		if err != nil {
			return err
		}
		return eachFundsSum(ctx, q, len(all), func(i int) *FundsSum { return &all[i].FundsSum })
	})
	return all, err
}

// eachFundsSum adds to each of so many questions what [addToFundsSum] adds.
func eachFundsSum(ctx context.Context, q querier, n int, of func(i int) *FundsSum) error {
	each := make([]func() error, n)
	for i := range each {
		each[i] = func() error { return addToFundsSum(ctx, q, of(i)) }
	}
	return together(ctx, q, each...)
}

// addToFundsSum adds the accounts that a question looked at, and what was decided.
func addToFundsSum(ctx context.Context, q querier, f *FundsSum) error {
	return together(ctx, q, func() (err error) {
		f.Parts, err = collect(ctx, q, scanFundsPart, `
			SELECT accounts.id, funds_sum_parts.left_out, funds_sum_parts.available, funds_sum_parts.figure,
				funds_sum_parts.basis, funds_sum_parts.as_of, funds_sum_parts.as_of_kind, funds_sum_parts.checked_at,
				funds_sum_parts.balance_id, accounts.bank_name, accounts.name, accounts.type, accounts.nuban
			FROM funds_sum_parts JOIN accounts ON accounts.id = funds_sum_parts.account_id
			WHERE funds_sum_parts.sum_id = $1
			ORDER BY accounts.bank_name, accounts.name, accounts.id`, f.ID)
		return err
	}, func() (err error) {
		f.Decisions, err = collect(ctx, q, func(row scanner) (d FundsDecision, err error) {
			return d, row.Scan(&d.StaffID, &d.Decision, &d.Note, timeOf{&d.At})
		}, `
			SELECT staff_id, decision, note, at
			FROM funds_decisions
			WHERE sum_id = $1
			ORDER BY id DESC
			LIMIT 20`, f.ID)
		return err
	})
}

func scanFundsPart(row scanner) (p FundsPart, err error) {
	err = row.Scan(&p.AccountID, &p.LeftOut, &p.Available, &p.Figure, &p.Basis, timeOf{&p.AsOf}, &p.AsOfKind,
		timeOf{&p.CheckedAt}, &p.BalanceID, &p.BankName, &p.Name, &p.Type,
		&opening{column: accountNUBAN, row: &p.AccountID, text: &p.NUBAN, broken: &p.Broken})
	return p, err
}
