package store

import (
	"context"
	"testing"
)

// Exec runs SQL beside the store's own, to provoke what cannot be provoked otherwise.
func (s *Store) Exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := s.write.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// Number is the only number of a query's only row.
func (s *Store) Number(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := s.read.db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Pragmas are a connection's settings, for writing and for reading.
func (s *Store) Pragma(t testing.TB, name string) (write, read string) {
	t.Helper()
	if err := s.write.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&write); err != nil {
		t.Fatal(err)
	}
	if err := s.read.db.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&read); err != nil {
		t.Fatal(err)
	}
	return write, read
}

// HoldWriter keeps the only writing connection busy until release is called,
// so that deliveries pile up behind it.
func (s *Store) HoldWriter(t testing.TB) (release func()) {
	t.Helper()
	c, err := s.write.db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// SetAccountStatus puts an account into a state that is reached by longer ways.
func (s *Store) SetAccountStatus(ctx context.Context, id string, status AccountStatus) error {
	_, err := s.write.db.ExecContext(ctx, `UPDATE accounts SET status = $2 WHERE id = $1`, id, status)
	return err
}

// Deliver puts an event in the inbox's queue and returns how to wait for the answer.
func (s *Store) Deliver(e Event) (answer func() error) {
	r := &receipt{event: e, answer: make(chan error, 1)}
	if err := s.inbox.put(r); err != nil {
		return func() error { return err }
	}
	return func() error { return <-r.answer }
}
