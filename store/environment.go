package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrOtherEnvironment says that a database belongs to another environment than it
// is to be used for: what is simulated must never look real.
var ErrOtherEnvironment = errors.New("every environment needs a database of its own")

// foundEnvironments are the environments that anything in a database is from, also
// one that nobody has linked a bank in: the simulation's owner, and with which
// settings it was started. It takes databases from before there was a table of it.
const foundEnvironments = `
	SELECT env FROM accounts
	UNION
	SELECT env FROM records
	UNION
	SELECT env FROM link_attempts
	UNION
	SELECT env FROM events
	UNION
	SELECT 'simulated' FROM staff WHERE email = 'demo@example.com'
	UNION
	SELECT 'simulated' FROM audit WHERE action = 'settings changed' AND detail LIKE '% OKRA_ENV=simulated %'
	UNION
	SELECT 'production-sandbox' FROM audit WHERE action = 'settings changed' AND detail LIKE '% OKRA_ENV=production-sandbox %'
	UNION
	SELECT 'production' FROM audit WHERE action = 'settings changed' AND detail LIKE '% OKRA_ENV=production %'
	ORDER BY 1`

// belongTo writes into the database which environment it belongs to, unless that
// stands there. One that belongs to another is refused. With no environment
// nobody asks.
func (s *Store) belongTo(ctx context.Context, env string) error {
	if env == "" {
		return nil
	}
	return s.inTx(ctx, func(tx *tx) error {
		of, err := environmentsOf(ctx, tx)
		if err != nil {
			return err
		}
		if err := fits(of, env); err != nil {
			return err
		}
		return tx.exec(
			ctx, `INSERT INTO environment (name) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM environment)`, env,
		)
	})
}

// fits says whether what a database is from is that environment and no other.
func fits(of []string, env string) error {
	if env == "" || !slices.ContainsFunc(of, func(name string) bool { return name != env }) {
		return nil
	}
	return fmt.Errorf(
		"the database belongs to ENV=%s, not %s; %w, at another DATABASE_URL", strings.Join(of, " and "), env,
		ErrOtherEnvironment,
	)
}

// onlySimulated says that a database is of nothing but the simulated banks.
func onlySimulated(of []string) bool { return len(of) == 1 && of[0] == "simulated" }

// environmentsOf is [foundEnvironments], or what is written in the database.
func environmentsOf(ctx context.Context, q querier) ([]string, error) {
	is, err := engineOf(q).hasTable(ctx, q, "environment")
	if err != nil {
		return nil, err
	}
	if is {
		if written, err := collect(ctx, q, scanText, `SELECT name FROM environment`); err != nil || len(written) > 0 {
			return written, err
		}
	}
	return collect(ctx, q, scanText, foundEnvironments)
}

// CheckEnvironment says whether the database that url names belongs to that
// environment, or to none yet. It changes nothing, and another process may have
// it open. What is no database of this program belongs to none.
func CheckEnvironment(ctx context.Context, url, env string) error {
	of, err := readEnvironments(ctx, url)
	if err != nil {
		return nil // whoever uses it says better what is wrong with it
	}
	return fits(of, env)
}

func readEnvironments(ctx context.Context, url string) ([]string, error) {
	pool, err := lookAt(ctx, url)
	if err != nil {
		return nil, err
	}
	defer pool.db.Close()
	return environmentsOf(ctx, pool)
}

// sameEnvironment refuses a copy of one environment in the place of a database of
// another. A database that cannot be read any more does not say.
func sameEnvironment(ctx context.Context, path string, c Copy) error {
	there, err := readEnvironments(ctx, "sqlite:"+path)
	if err != nil {
		return nil
	}
	for _, env := range there {
		if err := fits(c.Environments, env); err != nil {
			return fmt.Errorf("the copy is for another environment than the database that it would replace: %w", err)
		}
	}
	return nil
}
