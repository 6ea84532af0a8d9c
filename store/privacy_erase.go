package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Erasure is what is left of a customer who was erased.
type Erasure struct {
	CustomerID string
	At         time.Time
	By         string    // an actor of the audit log
	Reason     string    // a word of the caller's fixed list: no free text, for that could be about the person
	RemovedAt  time.Time // when nothing of it lay in the file any more; zero: some may still, or there is no file
}

func scanErasure(row scanner) (e Erasure, err error) {
	err = row.Scan(&e.CustomerID, timeOf{&e.At}, &e.By, &e.Reason, timeOf{&e.RemovedAt})
	return e, err
}

// ErasureByCustomer returns the erasure of a customer; [ErrNotFound]: there was none.
func (s *Store) ErasureByCustomer(ctx context.Context, customerID string) (Erasure, error) {
	return erasureOf(ctx, s.read, customerID)
}

func erasureOf(ctx context.Context, q querier, customerID string) (Erasure, error) {
	return one(ctx, q, scanErasure, `
		SELECT customer_id, erased_at, erased_by, reason, removed_at
		FROM erasures
		WHERE customer_id = $1`, customerID)
}

// Erasures returns who was erased, newest first.
func (s *Store) Erasures(ctx context.Context, limit int) ([]Erasure, error) {
	return collect(ctx, s.read, scanErasure, `
		SELECT customer_id, erased_at, erased_by, reason, removed_at
		FROM erasures
		ORDER BY erased_at DESC, customer_id
		LIMIT $1`, limit)
}

// Erase deletes everything of a customer but the audit log's ids and a
// tombstone, in one transaction, and has the provider asked to forget them
// too. It is off the disk as soon as nobody reads what was before: see
// [Store.Clean]. When it returns, the tombstone lies on disk beside the database as
// well, so that an older copy of the database does not bring the customer
// back. Repeating it does no harm.
func (s *Store) Erase(ctx context.Context, actor, customerID, reason string) error {
	t := tombstone{Customer: customerID, By: actor, Reason: reason}
	err := s.inTx(ctx, func(tx *tx) error {
		if err := tx.QueryRowContext(
			ctx, `SELECT id FROM customers WHERE id = $1`, customerID,
		).Scan(&t.Customer); err != nil {
			return orNoRows(err)
		}
		return tx.erase(ctx, s.erased, &t)
	})
	if errors.Is(err, ErrNotFound) {
		_, err := s.ErasureByCustomer(ctx, customerID)
		return err
	}
	if err != nil {
		return err
	}
	if err := s.erased.append(t); err != nil {
		return fmt.Errorf("store: the customer is erased, but an older copy would bring them back: %w", err)
	}
	s.unclean.Store(true)
	return s.Clean(ctx)
}

// erase deletes what there is of the tombstone's customer and completes the tombstone.
func (tx *tx) erase(ctx context.Context, g *erasedList, t *tombstone) error {
	if t.At == 0 {
		t.At = tx.now.UnixMilli()
	}
	ids, err := tx.providerIDs(ctx, t.Customer)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t.Hashes = append(t.Hashes, g.hash(id))
	}
	slices.Sort(t.Hashes)
	t.Hashes, t.Key = slices.Compact(t.Hashes), g.key
	if err := tx.unlinkAll(ctx, t.Customer); err != nil {
		return err
	}
	if err := tx.forgetLogins(ctx, t.Customer); err != nil {
		return err
	}
	if err := tx.exec(ctx, `
		UPDATE accounts
		SET also_with = ''
		WHERE also_with <> '' AND also_with IN (SELECT id FROM accounts WHERE customer_id = $1)`, t.Customer); err != nil {
		return err
	}
	for _, table := range personal {
		if table.Kept != "" {
			continue
		}
		if err := tx.exec(ctx, table.eraseSQL(), t.Customer); err != nil {
			return fmt.Errorf("erasing %s: %w", table.Name, err)
		}
	}
	if err := tx.exec(ctx, `DELETE FROM held_files`); err != nil { // one may be about them
		return err
	}
	tx.untold(t.Customer)
	if err := tx.tell(ctx, Notice{Type: NoticeErased, CustomerID: t.Customer}); err != nil {
		return err
	}
	return tx.recordErasure(ctx, *t)
}

// recordErasure stores a tombstone.
func (tx *tx) recordErasure(ctx context.Context, t tombstone) error {
	err := tx.exec(ctx, `
		INSERT INTO erasures (customer_id, erased_at, erased_by, reason)
		VALUES ($1, $2, $3, $4)`, t.Customer, t.At, t.By, t.Reason)
	if err != nil {
		return err
	}
	for _, hash := range t.Hashes {
		err := tx.exec(ctx, `
			INSERT INTO erased_ids (hash, customer_id)
			VALUES ($1, $2)
			ON CONFLICT (hash) DO NOTHING`, hash, t.Customer)
		if err != nil {
			return err
		}
	}
	return tx.audit(ctx, Act{Actor: t.By, Action: ActCustomerErased, Customer: t.Customer, Subject: t.Customer})
}

// providerIDs are the ids by which the provider may still speak of a customer.
func (tx *tx) providerIDs(ctx context.Context, customerID string) ([]string, error) {
	return collect(ctx, tx, func(row scanner) (id string, err error) { return id, row.Scan(&id) }, `
		SELECT provider_id FROM accounts WHERE customer_id = $1
		UNION SELECT provider_id FROM records WHERE customer_id = $1
		UNION SELECT nonce FROM link_attempts WHERE customer_id = $1`, customerID)
}

// ofErased says whether an event speaks of an erased customer only. Somebody
// who was erased may come back: what is linked or being linked again is theirs
// to be told about.
func (tx *tx) ofErased(ctx context.Context, g *erasedList, e Event) (bool, error) {
	if erased, err := tx.namesErased(ctx, g, e); err != nil || !erased {
		return false, err
	}
	var living bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM accounts WHERE provider = $1 AND env = $2 AND provider_id = $3)
			OR EXISTS (SELECT 1 FROM records WHERE provider = $1 AND env = $2 AND provider_id = $4)
			OR EXISTS (SELECT 1 FROM link_attempts WHERE nonce = $5)`,
		e.Provider, e.Env, e.ProviderAccount, e.ProviderRecord, e.AttemptNonce).Scan(&living)
	return !living, err
}

// namesErased says whether an event names an id of an erased customer's. While nobody was
// ever erased nothing more is asked.
func (tx *tx) namesErased(ctx context.Context, g *erasedList, e Event) (named bool, err error) {
	if some, err := tx.hasErasures(ctx); err != nil || !some {
		return false, err
	}
	var hashes [3]string
	for i, id := range []string{e.ProviderRecord, e.ProviderAccount, e.AttemptNonce} {
		if id != "" {
			hashes[i] = g.hash(id)
		}
	}
	err = tx.QueryRowContext(
		ctx, `SELECT EXISTS (SELECT 1 FROM erased_ids WHERE hash IN ($1, $2, $3))`, hashes[0], hashes[1], hashes[2],
	).Scan(&named)
	return named, err
}

// hasErasures says whether anybody was ever erased. It is looked at once a transaction.
func (tx *tx) hasErasures(ctx context.Context) (bool, error) {
	if tx.erasures == nil {
		var first sql.NullString
		if err := tx.QueryRowContext(ctx, `SELECT MIN(hash) FROM erased_ids`).Scan(&first); err != nil {
			return false, err
		}
		tx.erasures = &first.Valid
	}
	return *tx.erasures, nil
}

// withoutContent is an event of which only the hash is kept by which a repeat is recognised.
func (e Event) withoutContent() Event {
	e.ProviderRecord, e.ProviderAccount, e.AttemptNonce = "", "", ""
	e.Headers, e.Body = "", []byte(droppedBody)
	return e
}

// Clean empties the write-ahead log when what was deleted may lie in it as it
// was, and notes of who was erased that it does not any more. While somebody
// reads what was before, a download perhaps, it cannot be done: then nothing is
// noted, and it is to be tried again. It waits for nobody. When PostgreSQL writes over
// what was deleted is its own affair, and is never noted.
func (s *Store) Clean(ctx context.Context) error {
	if !s.IsFile() {
		s.unclean.Store(false)
		return nil
	}
	clean, err := s.truncateWAL(ctx)
	if err != nil || !clean {
		return err
	}
	s.unclean.Store(false)
	var left bool
	if err := s.write.QueryRowContext(
		ctx, `SELECT EXISTS (SELECT 1 FROM erasures WHERE removed_at IS NULL)`,
	).Scan(&left); err != nil || !left {
		return err
	}
	return s.inTx(ctx, func(tx *tx) error {
		return tx.exec(ctx, `UPDATE erasures SET removed_at = $1 WHERE removed_at IS NULL`, unixMS(tx.now))
	})
}

// Unclean says whether [Store.Clean] has something to do.
func (s *Store) Unclean() bool { return s.unclean.Load() }

// truncateWAL empties the write-ahead log, unless somebody reads it.
func (s *Store) truncateWAL(ctx context.Context) (emptied bool, err error) {
	for range 5 { // those who read for a moment only
		var busy, pages, moved int
		if err := s.write.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved); err != nil {
			return false, fmt.Errorf("store: emptying the write-ahead log: %w", err)
		}
		if busy == 0 {
			return true, nil
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return false, nil
		}
	}
	return false, nil
}
