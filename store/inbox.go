package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrBusy says that more deliveries are waiting than the inbox holds.
var ErrBusy = errors.New("store: the inbox is full")

// How much may wait, and how much goes into one transaction.
const (
	inboxQueue = 8192
	inboxBatch = 256
)

// inbox gathers the deliveries that wait while a commit is in progress into
// the next transaction: the disk's own pace is the batching window, so one
// sender alone waits for nothing else (see the receipt benchmark).
type inbox struct {
	store *Store
	queue chan *receipt
	done  chan struct{}

	mu     sync.RWMutex // guards closed against a send on the closed queue
	closed bool
}

type receipt struct {
	event  Event
	repeat bool
	answer chan error
}

func startInbox(s *Store) *inbox {
	b := &inbox{store: s, queue: make(chan *receipt, inboxQueue), done: make(chan struct{})}
	go b.run()
	return b
}

// ReceiveEvent stores a delivery and returns once it is committed, so that the
// caller can acknowledge it. A delivery of an event that is there already only
// raises its count and reports repeat. It ignores ctx once the delivery is in
// the queue: a sender who hangs up does not undo what it sent.
func (s *Store) ReceiveEvent(ctx context.Context, e Event) (repeat bool, err error) {
	r := &receipt{event: e, answer: make(chan error, 1)}
	if err := s.inbox.put(r); err != nil {
		return false, err
	}
	err = <-r.answer
	return r.repeat, err
}

func (b *inbox) put(r *receipt) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return ErrBusy
	}
	select {
	case b.queue <- r:
		return nil
	default:
		return ErrBusy
	}
}

// stop refuses new deliveries and waits until those in the queue are answered.
func (b *inbox) stop() {
	b.mu.Lock()
	b.closed = true
	close(b.queue)
	b.mu.Unlock()
	<-b.done
}

func (b *inbox) run() {
	defer close(b.done)
	batch := make([]*receipt, 0, inboxBatch)
	for first := range b.queue {
		runtime.Gosched() // those who are about to send come along: fewer, larger commits
		batch = b.gather(append(batch[:0], first))
		b.commit(batch)
	}
}

// gather takes what is waiting, and waits for nothing.
func (b *inbox) gather(batch []*receipt) []*receipt {
	for len(batch) < inboxBatch {
		select {
		case r, ok := <-b.queue:
			if !ok {
				return batch
			}
			batch = append(batch, r)
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch and answers its senders. When the batch fails each
// delivery is tried alone, so that a bad one cannot refuse its neighbours, but
// not when somebody else holds the database: each would wait as long again.
func (b *inbox) commit(batch []*receipt) {
	err := b.save(batch...)
	alone := err != nil && len(batch) > 1 && !locked(err)
	for _, r := range batch {
		if alone {
			r.answer <- b.save(r)
			continue
		}
		r.answer <- err
	}
}

// locked says whether the database was held by somebody else for too long.
func locked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

const insertEvent = `
	INSERT INTO events (id, provider, env, dedup_key, method, code, provider_env, provider_record, provider_account,
		attempt_nonce, headers, body, deliveries, result, reason, received_at, last_received_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, 'received', '', $13, $13)
	ON CONFLICT (provider, env, dedup_key) DO NOTHING`

const countRepeat = `
	UPDATE events
	SET deliveries = deliveries + 1, last_received_at = $4
	WHERE provider = $1 AND env = $2 AND dedup_key = $3`

// save stores deliveries in one transaction. A statement that returns rows
// (RETURNING) would cost twice as much as one that only counts them.
func (b *inbox) save(batch ...*receipt) error {
	ctx := context.Background()
	return b.store.inTx(ctx, func(tx *tx) error {
		for _, r := range batch {
			repeat, err := tx.receive(ctx, r.event)
			if err != nil {
				return fmt.Errorf("receiving: %w", err)
			}
			r.repeat = repeat
		}
		return nil
	})
}

func (tx *tx) receive(ctx context.Context, e Event) (repeat bool, err error) {
	res, err := tx.ExecContext(ctx, insertEvent, newID(), e.Provider, e.Env, e.DedupKey, e.Method, e.Code, e.ProviderEnv,
		e.ProviderRecord, e.ProviderAccount, e.AttemptNonce, e.Headers, e.Body, unixMS(tx.now))
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return false, err
	}
	_, err = tx.ExecContext(ctx, countRepeat, e.Provider, e.Env, e.DedupKey, unixMS(tx.now))
	return true, err
}
