package store

import (
	"context"
	"errors"
	"time"
)

// Once is a request of a program that is done once, however often it is sent: with the
// same idempotency key the same comes of it. What was done is written down in the act's
// own transaction.
type Once struct {
	KeyID  string
	Idem   string
	Asked  string // hash of what is asked for
	Status int    // that it is answered with
	Secret string // that the answer shows; sealed
}

// Done is what came of a [Once].
type Done struct {
	Status   int
	Subject  string // id of what was made
	Secret   string
	Replayed bool // it was done before
}

// ErrOtherRequest says that an idempotency key was used for something else.
var ErrOtherRequest = errors.New("store: the idempotency key was used for another request")

// onceFor is how long a request is known.
const onceFor = 24 * time.Hour

// made is what an act made, and whose it is; empty: nobody's.
type made struct{ subject, customerID string }

// once runs an act unless it was done before.
func (s *Store) once(ctx context.Context, o Once, act func(*tx, *Once) (made, error)) (d Done, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		if d, err = findDone(ctx, tx, o, tx.now); !errors.Is(err, ErrNotFound) {
			return err
		}
		m, err := act(tx, &o)
		if err != nil {
			return err
		}
		d = Done{Status: o.Status, Subject: m.subject, Secret: o.Secret}
		return tx.keepOnce(ctx, o, m)
	})
	return d, err
}

func (tx *tx) keepOnce(ctx context.Context, o Once, m made) error {
	id := newID()
	secret, err := tx.sealed(apiSecret, id, o.Secret)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO api_requests (id, key_id, idem, asked, status, subject, customer_id, secret, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (key_id, idem) DO UPDATE
		SET id = excluded.id, asked = excluded.asked, status = excluded.status, subject = excluded.subject,
			customer_id = excluded.customer_id, secret = excluded.secret, at = excluded.at`,
		id, o.KeyID, o.Idem, o.Asked, o.Status, m.subject, nullable(m.customerID), secret, unixMS(tx.now))
}

// FindDone returns what came of a request that was done before; [ErrNotFound]: it was
// not. One with another body is [ErrOtherRequest].
func (s *Store) FindDone(ctx context.Context, o Once) (Done, error) {
	return findDone(ctx, s.read, o, s.now())
}

func findDone(ctx context.Context, q querier, o Once, now time.Time) (Done, error) {
	var asked string
	d, err := one(ctx, q, func(row scanner) (d Done, err error) {
		var id string
		err = row.Scan(&id, &asked, &d.Status, &d.Subject, &opening{column: apiSecret, row: &id, text: &d.Secret})
		return d, err
	}, `
		SELECT id, asked, status, subject, secret
		FROM api_requests
		WHERE key_id = $1 AND idem = $2 AND at > $3`, o.KeyID, o.Idem, unixMS(now.Add(-onceFor)))
	switch {
	case err != nil:
		return Done{}, err
	case asked != o.Asked:
		return Done{}, ErrOtherRequest
	}
	d.Replayed = true
	return d, nil
}

// ForgetAPIRequests forgets the requests of which nobody has to know any more.
func (s *Store) ForgetAPIRequests(ctx context.Context) error {
	return s.exec(ctx, `DELETE FROM api_requests WHERE at <= $1`, unixMS(s.now().Add(-onceFor)))
}

// AddCustomerOnce is [Store.AddCustomer] for a program.
func (s *Store) AddCustomerOnce(ctx context.Context, o Once, c Customer) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		c, err := tx.addCustomer(ctx, ByKey(o.KeyID), "", c)
		return made{c.ID, c.ID}, err
	})
}

// MakeInvitationOnce is [Store.MakeInvitation] for a program. The link is kept, sealed, for
// as long as the request is known: who asks again gets the same one.
func (s *Store) MakeInvitationOnce(ctx context.Context, o Once, n NewInvitation) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		i, err := tx.makeInvitation(ctx, ByKey(o.KeyID), n)
		return made{i.ID, i.CustomerID}, err
	})
}

// StartRefreshOnce is [Store.StartRefresh] for a program. One that joins is done, rather
// than accepted, and answered 200.
func (s *Store) StartRefreshOnce(ctx context.Context, o Once, q RefreshRequest) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		r, joined, err := tx.startRefresh(ctx, q)
		if err != nil {
			return made{}, err
		}
		if joined {
			o.Status = 200
		}
		a, err := findAccount(ctx, tx, q.Scope, q.AccountID)
		return made{r.ID, a.CustomerID}, err
	})
}

// AskFundsOnce is [Store.AskFunds] for a program.
func (s *Store) AskFundsOnce(ctx context.Context, o Once, f FundsCheck) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		f.KeyID = o.KeyID
		err := tx.askFunds(ctx, &f)
		return made{f.ID, f.CustomerID}, err
	})
}
