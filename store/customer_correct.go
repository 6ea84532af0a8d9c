package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	return s.CorrectDrawn(ctx, actor, c, "", again)
}

// CorrectDrawn is [Store.CorrectCustomer] by a form that was drawn a while ago, when the
// customer was as drawn says, which is [Customer.Drawn] of them. A field that only somebody
// else has changed since stays as that left it; one that both have is a [ChangedError], and
// nothing is stored.
func (s *Store) CorrectDrawn(ctx context.Context, actor string, c Customer, drawn string, again Comparing) error {
	return s.inTx(ctx, func(tx *tx) error {
		old, err := findCustomer(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		return tx.correct(ctx, actor, old, c, drawn, again)
	})
}

// NoteCustomer replaces what staff should know of a customer, as [Store.CorrectDrawn] does.
func (s *Store) NoteCustomer(ctx context.Context, actor, id, note, drawn string) error {
	return s.inTx(ctx, func(tx *tx) error {
		old, err := findCustomer(ctx, tx, id)
		if err != nil {
			return err
		}
		c := old
		c.Note = note
		return tx.correct(ctx, actor, old, c, drawn, nil) // the name stays: nothing is compared again
	})
}

// ChangedError says that somebody else has changed the same fields since a form was drawn.
type ChangedError struct {
	Now    Customer
	Fields []string // as the audit log names them
}

// Error implements [error].
func (e *ChangedError) Error() string {
	return "store: changed by somebody else: " + strings.Join(e.Fields, ", ")
}

// correct is [Store.CorrectDrawn] of a customer who is the old one now.
func (tx *tx) correct(ctx context.Context, actor string, old, c Customer, drawn string, again Comparing) error {
	c.Kind = cmp.Or(c.Kind, old.Kind)
	if changed := c.merge(old, drawn); len(changed) > 0 {
		return &ChangedError{Now: old, Fields: changed}
	}
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
		if err := tx.renewLogins(ctx, c); err != nil {
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

// field is one that staff correct, under its name in the audit log.
type field struct {
	name string
	is   *string
}

func (c *Customer) fields() []field {
	return []field{
		{"name", &c.Name}, {"kind", (*string)(&c.Kind)}, {"reference", &c.Reference}, {"e-mail", &c.Email},
		{"phone", &c.Phone}, {"language", &c.Language}, {"note", &c.Note},
	}
}

// corrected are the fields in which a customer is another than now.
func (c Customer) corrected(to Customer) (names []string) {
	is := to.fields()
	for i, f := range c.fields() {
		if *f.is != *is[i].is {
			names = append(names, f.name)
		}
	}
	return names
}

// Drawn marks what the fields of a customer are that a form shows: two marks tell whether a
// field is still the same, and nothing else of it.
func (c Customer) Drawn() string {
	var marks []string
	for _, f := range c.fields() {
		marks = append(marks, markOf(*f.is))
	}
	return strings.Join(marks, ".")
}

func markOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// merge leaves those fields of a correction as they are now that were not touched, and names
// those that somebody else has changed too since the form was drawn. A form that does not say
// how it was drawn is taken as it is.
func (c *Customer) merge(now Customer, drawn string) (changed []string) {
	marks, is := strings.Split(drawn, "."), now.fields()
	if len(marks) != len(is) {
		return nil
	}
	for i, f := range c.fields() {
		switch {
		case *f.is == *is[i].is, markOf(*is[i].is) == marks[i]:
		case markOf(*f.is) == marks[i]:
			*f.is = *is[i].is
		default:
			changed = append(changed, f.name)
		}
	}
	return changed
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
