package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	freeForAccount  = 5  // wrong guesses before the first delay
	freeForAddress  = 20 // an office shares one
	longestDelay    = 15 * time.Minute
	guessesKept     = 24 * time.Hour
	addressesKept   = 10_000
	guessesBetween  = 256 // looks for addresses to forget
	nobodysSubjects = 1024
)

// Guess names what a password or code is counted against: the account that it
// is for and the address that it comes from.
type Guess struct{ account, address string }

// GuessFor is a guess at the account of a member of staff.
func GuessFor(staffID, address string) Guess {
	return Guess{"account:" + staffID, "address:" + address}
}

// GuessForNobody is a guess at an account that does not exist. It is delayed
// like any other, so that the delay tells nobody who has an account. However
// many addresses are tried, they fill no more than nobodysSubjects rows.
func GuessForNobody(email, address string) Guess {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	n := (int(sum[0])<<8 | int(sum[1])) % nobodysSubjects
	return Guess{fmt.Sprintf("nobody:%d", n), "address:" + address}
}

// BeginGuess counts a guess before it is evaluated, so that many at once are
// no way around the delay. A zero time says: evaluate it. Any other: not
// before then, and this one was not counted.
func (s *Store) BeginGuess(ctx context.Context, g Guess) (until time.Time, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		account, err := tx.delayedUntil(ctx, g.account, freeForAccount)
		if err != nil {
			return err
		}
		address, err := tx.delayedUntil(ctx, g.address, freeForAddress)
		if err != nil {
			return err
		}
		if until = account; address.After(until) {
			until = address
		}
		if !until.IsZero() {
			return nil
		}
		return errors.Join(tx.countGuess(ctx, g.account), tx.countGuess(ctx, g.address), tx.forgetGuesses(ctx, s.guesses.Add(1)))
	})
	return until, err
}

// EndGuess takes a guess back that turned out right. One that completes the
// sign-in makes the account begin anew; the address never does, since whoever
// guesses there may have an account of their own.
func (s *Store) EndGuess(ctx context.Context, g Guess, signedIn bool) error {
	return s.inTx(ctx, func(tx *tx) error {
		if signedIn {
			if err := tx.forgive(ctx, g.account); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE guesses
			SET number = number - 1
			WHERE subject IN ($1, $2) AND number > 0`, g.account, g.address)
		return err
	})
}

// forgive begins an account anew.
func (tx *tx) forgive(ctx context.Context, subject string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM guesses WHERE subject = $1`, subject)
	return err
}

// delayedUntil is when the subject's next guess may be evaluated; zero: now.
// A guess that lies in the future was counted before the clock was set back
// and delays nobody.
func (tx *tx) delayedUntil(ctx context.Context, subject string, free int) (time.Time, error) {
	var number int
	var last time.Time
	err := tx.QueryRowContext(ctx, `SELECT number, last_at FROM guesses WHERE subject = $1`, subject).Scan(&number, timeOf{&last})
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	until := last.Add(guessDelay(number, free))
	if err != nil || !until.After(tx.now) || last.After(tx.now.Add(ClockSlack)) {
		return time.Time{}, err
	}
	return until, nil
}

// guessDelay doubles with every wrong guess beyond the free ones.
func guessDelay(number, free int) time.Duration {
	if number < free {
		return 0
	}
	return min(time.Second<<min(number-free, 20), longestDelay)
}

func (tx *tx) countGuess(ctx context.Context, subject string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO guesses (subject, number, last_at)
		VALUES ($1, 1, $2)
		ON CONFLICT (subject) DO UPDATE
		SET number = guesses.number + 1, last_at = excluded.last_at`, subject, unixMS(tx.now))
	return err
}

// forgetGuesses drops what is old, and now and then the oldest addresses beyond
// the number kept: to find those takes a look at all of them, which a flood of
// guesses must not cause each time. n is the number of guesses since the start.
func (tx *tx) forgetGuesses(ctx context.Context, n uint64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM guesses WHERE last_at < $1`, unixMS(tx.now.Add(-guessesKept)))
	if err != nil || n%guessesBetween != 1 {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM guesses
		WHERE subject IN (
			SELECT subject
			FROM guesses
			WHERE subject LIKE 'address:%'
			ORDER BY last_at DESC
			LIMIT 1000 OFFSET $1)`, addressesKept)
	return err
}
