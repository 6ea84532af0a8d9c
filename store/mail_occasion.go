package store

import (
	"context"
	"time"
)

// Occasion tells staff by e-mail of something that stands, once until it is over, however
// often it is said that it does. It counts as standing when it has for that long, and as
// over when it has not for as long.
func (s *Store) Occasion(ctx context.Context, kind MailKind, subject string, stands bool, long time.Duration) error {
	if !s.mails {
		return nil
	}
	if !stands {
		return s.occasionOver(ctx, kind, subject, long)
	}
	return s.inTx(ctx, func(tx *tx) error {
		var since time.Time
		err := tx.QueryRowContext(ctx, `
			INSERT INTO occasions (kind, subject, since, seen_at)
			VALUES ($1, $2, $3, $3)
			ON CONFLICT (kind, subject) DO UPDATE
			SET seen_at = excluded.seen_at
			RETURNING since`, kind, subject, unixMS(tx.now)).Scan(timeOf{&since})
		if err != nil || tx.now.Before(since.Add(long)) {
			return err
		}
		return tx.tellOccasion(ctx, Mail{Kind: kind, Subject: subject})
	})
}

// occasionOver forgets an occasion, if there is one and nobody has seen it for that long.
func (s *Store) occasionOver(ctx context.Context, kind MailKind, subject string, long time.Duration) error {
	seen, err := one(ctx, s.read, func(row scanner) (seen time.Time, err error) {
		return seen, row.Scan(timeOf{&seen})
	}, `SELECT seen_at FROM occasions WHERE kind = $1 AND subject = $2`, kind, subject)
	if err != nil || s.now().Before(seen.Add(long)) {
		return ignoring(err, ErrNotFound)
	}
	return s.exec(ctx, `DELETE FROM occasions WHERE kind = $1 AND subject = $2`, kind, subject)
}

// tellOccasion tells of an occasion that nobody was told of.
func (tx *tx) tellOccasion(ctx context.Context, m Mail) error {
	first, err := tx.changes(ctx, `
		UPDATE occasions
		SET told_at = $3
		WHERE kind = $1 AND subject = $2 AND told_at IS NULL`, m.Kind, m.Subject, unixMS(tx.now))
	if err != nil || !first {
		return err
	}
	return tx.mailStaff(ctx, m)
}

// endingsAtOnce is of how many consents staff are told in one transaction.
const endingsAtOnce = 100

// MailConsentsEnding tells staff by e-mail of consents that have come near their end, once
// of each end; more says that there are others.
func (s *Store) MailConsentsEnding(ctx context.Context) (more bool, err error) {
	if !s.mails {
		return false, nil
	}
	ids, err := collect(ctx, s.read, scanText, `
		SELECT id
		FROM customers
		WHERE links = 'linked' AND consent_soon_at <= $1 AND consent_ends_at > $1
		AND `+isLinked+`
		AND (consent_told IS NULL OR consent_told <> consent_ends_at)
		LIMIT $2`, unixMS(s.now()), endingsAtOnce)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	err = s.inTx(ctx, func(tx *tx) error {
		for _, id := range ids {
			changed, err := tx.changes(ctx, `
				UPDATE customers
				SET consent_told = consent_ends_at
				WHERE id = $1`, id)
			if err == nil && changed {
				err = tx.mailStaff(ctx, Mail{Kind: MailConsentEnding, CustomerID: id})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return len(ids) == endingsAtOnce, err
}
