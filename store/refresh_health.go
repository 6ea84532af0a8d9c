package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// BankHealth is how a bank answered lately when it was asked for balances through one
// provider.
type BankHealth struct {
	Provider string
	Bank     string // its name
	Asked    int    // how often it answered or did not
	Answered int
	// Most is how long it took at most for nine in ten of the answers, by a few lengths; zero:
	// longer than the longest of them.
	Most time.Duration
}

const (
	healthFor  = 7 * 24 * time.Hour  // that is shown
	healthKept = 30 * 24 * time.Hour // and that is kept
	// healthLeast is how often a bank must have been asked before anything is said of it.
	healthLeast = 5
)

// answerTimes are the lengths by which answers are counted, in seconds.
var answerTimes = []int64{5, 10, 20, 30, 60, 120, 300, 600}

// LongestAnswer is the longest time by which answers are counted.
func LongestAnswer() time.Duration {
	return time.Duration(answerTimes[len(answerTimes)-1]) * time.Second
}

const (
	answeredLate = 0  // later than the last of them
	notAnswered  = -1 // it failed, or nobody waited any longer
)

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// key is what a bank is counted under.
func (b Bank) key() string { return cmp.Or(b.Key, b.Name) }

// countAnswer counts how a request for the balance ended, if that says anything of the
// bank: what its customer has to do, or we kept from it, does not.
func (tx *tx) countAnswer(ctx context.Context, r Refresh, a Account, state RefreshState) error {
	within := int64(notAnswered)
	switch state {
	case RefreshChanged, RefreshUnchanged:
		within = answeredLate
		took := int64((tx.now.Sub(r.CreatedAt) + time.Second - 1) / time.Second)
		if i := slices.IndexFunc(answerTimes, func(most int64) bool { return took <= most }); i >= 0 {
			within = answerTimes[i]
		}
	case RefreshFailed, RefreshTimedOut:
	default:
		return nil
	}
	if r.Kind != KindRefresh || a.Bank.key() == "" {
		return nil
	}
	day := dayOf(tx.now)
	if err := tx.exec(ctx, `
		INSERT INTO bank_answers (provider, bank, day, within, number, name)
		VALUES ($1, $2, $3, $4, 1, $5)
		ON CONFLICT (provider, bank, day, within) DO UPDATE SET number = bank_answers.number + 1, name = excluded.name`,
		a.Provider, a.Bank.key(), day, within, a.Bank.Name); err != nil {
		return err
	}
	return tx.exec(
		ctx, `DELETE FROM bank_answers WHERE provider = $1 AND bank = $2 AND day < $3`, a.Provider, a.Bank.key(),
		day-int64(healthKept/(24*time.Hour)),
	)
}

// BankHealth is how the banks answered in the last seven days, those that were asked a few
// times at least, by name.
func (s *Store) BankHealth(ctx context.Context) ([]BankHealth, error) {
	return bankHealth(ctx, s.read, s.now(), `day >= $1`)
}

// healthBefore is that of an account's bank, before it is asked; nil: too little is known.
func healthBefore(ctx context.Context, q querier, a Account, now time.Time) (*BankHealth, error) {
	found, err := bankHealth(ctx, q, now, `day >= $1 AND provider = $2 AND bank = $3`, a.Provider, a.Bank.key())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// answerCount is how often a bank answered within a time.
type answerCount struct {
	provider, bank, name string
	within               int64
	number               int
}

func bankHealth(ctx context.Context, q querier, now time.Time, which string, args ...any) ([]BankHealth, error) {
	counts, err := collect(ctx, q, func(row scanner) (c answerCount, err error) {
		err = row.Scan(&c.provider, &c.bank, &c.name, &c.within, &c.number)
		return c, err
	}, `
		SELECT provider, bank, MAX(name), within, CAST(SUM(number) AS BIGINT)
		FROM bank_answers
		WHERE `+which+`
		GROUP BY provider, bank, within
		ORDER BY provider, bank, CASE WHEN within > 0 THEN within ELSE 1000000 - within END`,
		append([]any{dayOf(now.Add(-healthFor))}, args...)...)
	var all []BankHealth
	for len(counts) > 0 && err == nil {
		n := slices.IndexFunc(counts, func(c answerCount) bool {
			return c.provider != counts[0].provider || c.bank != counts[0].bank
		})
		if n < 0 {
			n = len(counts)
		}
		if h := healthOf(counts[:n]); h.Asked >= healthLeast {
			all = append(all, h)
		}
		counts = counts[n:]
	}
	slices.SortStableFunc(all, func(a, b BankHealth) int { return cmp.Compare(a.Bank, b.Bank) })
	return all, err
}

// healthOf adds up the counts of one bank, the fastest answers first.
func healthOf(counts []answerCount) BankHealth {
	h := BankHealth{Provider: counts[0].provider, Bank: counts[0].name}
	for _, c := range counts {
		h.Asked += c.number
		if c.within != notAnswered {
			h.Answered += c.number
		}
	}
	for n, i := 0, 0; i < len(counts) && n*10 < h.Answered*9; i++ {
		n += counts[i].number
		h.Most = time.Duration(counts[i].within) * time.Second
	}
	return h
}
