package store

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"balancelink/store/fold"
)

// Comparing compares what a doubtful link says of the holder with a customer's
// name, and says in the link what there is to doubt now.
type Comparing func(l Link, customer Customer) Link

// CorrectCustomer stores a customer as staff corrected them, and which of the
// fields these were in the audit log. After another name or kind, the doubtful links of
// theirs are compared again: they wait for staff all the same. A reference that
// another customer has is [ErrConflict].
func (s *Store) CorrectCustomer(ctx context.Context, actor string, c Customer, again Comparing) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.correct(ctx, actor, c, again) })
}

// NoteCustomer replaces what staff should know of a customer.
func (s *Store) NoteCustomer(ctx context.Context, actor, id, note string) error {
	return s.inTx(ctx, func(tx *tx) error {
		c, err := findCustomer(ctx, tx, id)
		if err != nil {
			return err
		}
		c.Note = note
		return tx.correct(ctx, actor, c, nil) // the name stays: nothing is compared again
	})
}

func (tx *tx) correct(ctx context.Context, actor string, c Customer, again Comparing) error {
	old, err := findCustomer(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	c.Kind = cmp.Or(c.Kind, old.Kind)
	fields := old.corrected(c)
	if len(fields) == 0 {
		return nil
	}
	if err := tx.correctCustomer(ctx, c); err != nil {
		return err
	}
	if old.Email != c.Email {
		if err := tx.newAddress(ctx, actor, c.ID); err != nil {
			return err
		}
	}
	if old.Email != c.Email || old.Phone != c.Phone {
		if err := tx.renewLogins(ctx, c.ID); err != nil {
			return err
		}
	}
	if old.Name != c.Name || old.Kind != c.Kind {
		if err := tx.compareAgain(ctx, c, again); err != nil {
			return err
		}
	}
	return tx.audit(ctx, Act{
		Actor: actor, Action: ActCustomerCorrected, Customer: c.ID, Subject: c.ID,
		Detail: strings.Join(fields, ", "),
	})
}

// corrected are the fields in which a customer is another than now.
func (c Customer) corrected(to Customer) (fields []string) {
	for _, f := range []struct{ name, was, is string }{
		{"name", c.Name, to.Name}, {"kind", string(c.Kind), string(to.Kind)},
		{"reference", c.Reference, to.Reference}, {"e-mail", c.Email, to.Email}, {"phone", c.Phone, to.Phone},
		{"language", c.Language, to.Language}, {"note", c.Note, to.Note},
	} {
		if f.was != f.is {
			fields = append(fields, f.name)
		}
	}
	return fields
}

func (tx *tx) correctCustomer(ctx context.Context, c Customer) error {
	changed, err := tx.changes(ctx, `
		UPDATE customers
		SET name = $2, reference = $3, email = $4, phone = $5, language = $6, note = $7, sort_name = $8, name_words = $9,
			kind = $10
		WHERE id = $1 AND NOT EXISTS (
			SELECT 1
			FROM customers AS other
			WHERE other.reference = $3 AND other.reference <> '' AND other.id <> $1)`,
		c.ID, c.Name, c.Reference, c.Email, c.Phone, c.Language, c.Note, fold.Text(c.Name), fold.Words(c.Name),
		c.Kind)
	if err != nil || !changed {
		return cmp.Or(err, ErrConflict)
	}
	return tx.indexCustomer(ctx, c)
}

// compareAgain compares the doubtful links of a customer with the name they have
// now. Those of which nothing was received that could be bound were not compared
// before either.
func (tx *tx) compareAgain(ctx context.Context, c Customer, again Comparing) error {
	waiting, err := collect(
		ctx, tx, scanText, `SELECT id FROM link_attempts WHERE customer_id = $1 AND state = 'needs_review'`, c.ID,
	)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		l, err := tx.pending(ctx, id)
		var broken *SealError
		if errors.Is(err, ErrNothingToBind) || errors.As(err, &broken) {
			continue
		}
		if err != nil {
			return err
		}
		l = again(l, c)
		if err := tx.keepPending(ctx, id, l); err != nil {
			return err
		}
		if err := tx.exec(ctx, `UPDATE link_attempts SET holder = $2, name_match = $3, reason = $4 WHERE id = $1`,
			id, l.Holder, l.NameMatch, l.Doubt); err != nil {
			return err
		}
	}
	return nil
}

// SameName says how many other customers have the name of one, whatever the
// order of its words.
func (s *Store) SameName(ctx context.Context, id string) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(*)
		FROM customers JOIN customers AS other ON other.name_words = customers.name_words
		WHERE customers.id = $1 AND other.id <> $1 AND customers.name_words <> ''`, id).Scan(&n)
	return n, err
}
