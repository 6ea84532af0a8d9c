package store

import (
	"context"
	"time"
)

// Rejection counts the deliveries turned away in an hour for one reason.
type Rejection struct {
	Hour   time.Time // when it began
	Code   string    // why, as the sender was told
	Number int
	LastAt time.Time
}

// CountRejections adds to the counts of the current hour, by code.
func (s *Store) CountRejections(ctx context.Context, byCode map[string]int) error {
	return s.inTx(ctx, func(tx *tx) error {
		for code, n := range byCode {
			err := tx.exec(ctx, `
				INSERT INTO rejections (hour, code, number, last_at)
				VALUES ($1, $2, $3, $4)
				ON CONFLICT (hour, code) DO UPDATE
				SET number = rejections.number + excluded.number, last_at = excluded.last_at`,
				unixMS(tx.now.Truncate(time.Hour)), code, n, unixMS(tx.now))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Rejections returns the counts since a moment, newest hour first.
func (s *Store) Rejections(ctx context.Context, since time.Time) ([]Rejection, error) {
	return collect(ctx, s.read, scanRejection, `
		SELECT hour, code, number, last_at
		FROM rejections
		WHERE hour >= $1
		ORDER BY hour DESC, code`, unixMS(since.Truncate(time.Hour)))
}

func scanRejection(row scanner) (r Rejection, err error) {
	err = row.Scan(timeOf{&r.Hour}, &r.Code, &r.Number, timeOf{&r.LastAt})
	return r, err
}
