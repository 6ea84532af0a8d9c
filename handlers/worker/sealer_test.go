package worker

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAKeyFromAChangedFileIsTakenIntoUse(t *testing.T) {
	b := newBench(t)
	b.linked("Amina123")
	var log bytes.Buffer
	var next *store.Keyring
	var wrong error
	s := &Sealer{Store: b.Store, Logger: slog.New(slog.NewTextHandler(&log, nil)), NewKeys: func() (*store.Keyring, error) {
		keys := next
		next = nil
		return keys, wrong
	}}
	b.ok(s.Step(t.Context()))
	if log.Len() > 0 {
		t.Errorf("without a change the log says %s", &log)
	}
	old := storetest.Keys(t, 'k').IDs()[0]
	next = storetest.Keys(t, 'x')
	if err := s.Step(t.Context()); !errors.Is(err, store.ErrKeyMissing) {
		t.Errorf("keys without the one in use: %v, want ErrKeyMissing", err)
	}
	wrong = errors.New("no file")
	if err := s.Step(t.Context()); !errors.Is(err, wrong) {
		t.Errorf("error = %v, want the file's", err)
	}
	wrong, next = nil, storetest.Keys(t, 'n', 'k')
	b.ok(s.Step(t.Context()))
	if !strings.Contains(log.String(), "no longer needed") || !strings.Contains(log.String(), old) {
		t.Errorf("the log does not say that %s is no longer needed: %s", old, &log)
	}
	b.ok(b.Store.Close())
	again, err := store.Open(t.Context(), "sqlite:"+b.path, store.Options{Now: b.clock, Keys: storetest.Keys(t, 'n')})
	if err != nil {
		t.Fatalf("a start with the new key alone: %v", err)
	}
	b.ok(again.Close())
}
