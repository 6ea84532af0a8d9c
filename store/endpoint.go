package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"balancelink/store/limits"
)

// Endpoint is an address of the business to which is sent what happens.
type Endpoint struct {
	ID        string
	URL       string
	Types     []NoticeType // of what is sent; none: everything
	Amounts   bool         // balances are sent with their figures
	Secret    string       // that it is signed with
	SecretOld string       // the one before, which counts until OldUntil
	OldUntil  time.Time
	Cursor    int64 // seq up to which everything was taken up
	State     EndpointState
	Why       DisabledFor
	MadeBy    string // an actor of the audit log
	CreatedAt time.Time

	DisabledAt   time.Time // zero: it is enabled
	FailingSince time.Time // the first try since which all have failed; zero: the last one did not
	Failures     int       // since then
	SlowUntil    time.Time // nothing is sent before, because it asked for that

	Missed    int       // so many events went, because their time was over, before they were sent
	MissedSeq int64     // of the last of them
	MissedAt  time.Time // when that one went

	Broken error // a [*SealError]: a secret does not open and is empty
}

// EndpointState says whether anything is sent.
type EndpointState string

// The states of an endpoint.
const (
	EndpointEnabled  EndpointState = "enabled"
	EndpointDisabled EndpointState = "disabled"
)

// DisabledFor says why an endpoint was disabled.
type DisabledFor string

// The reasons.
const (
	DisabledAsked   DisabledFor = "asked"   // somebody did
	DisabledGone    DisabledFor = "gone"    // it answered so
	DisabledFailing DisabledFor = "failing" // for days nothing arrived

	// it is an older copy's, and may have been disabled, moved or given another secret since
	DisabledRestored DisabledFor = "restored"
)

// Errors of endpoints.
var (
	// ErrManyEndpoints says that there are as many endpoints as may be.
	ErrManyEndpoints = errors.New("store: too many endpoints")
	// ErrDisabled says that nothing is sent to an endpoint.
	ErrDisabled = errors.New("store: the endpoint is disabled")
	// ErrAhead says that nothing that happened has such a number yet: who reads on from there
	// would miss what happens until then.
	ErrAhead = errors.New("store: nothing has that number yet")
)

// oldSecretFor is how long what is sent is signed with the secret before, too.
const oldSecretFor = 24 * time.Hour

// Wants says whether an endpoint is sent a notice. A test is for the one alone.
func (e Endpoint) Wants(n Notice) bool {
	if n.Type == NoticeTest {
		return n.Subject == e.ID
	}
	return len(e.Types) == 0 || slices.Contains(e.Types, n.Type)
}

// Secrets are those that count, the newest first.
func (e Endpoint) Secrets(now time.Time) []string {
	if e.SecretOld != "" && now.Before(e.OldUntil) {
		return []string{e.Secret, e.SecretOld}
	}
	return []string{e.Secret}
}

// types are the kinds that are looked for; none: all.
func (e Endpoint) types() []NoticeType {
	if len(e.Types) == 0 {
		return nil
	}
	return append(slices.Clone(e.Types), NoticeTest)
}

const endpointColumns = `id, url, types, amounts, secret, secret_old, old_until, cursor, state, why, disabled_at,
	failing_since, failures, slow_until, missed, missed_seq, missed_at, made_by, created_at`

func scanEndpoint(row scanner) (e Endpoint, err error) {
	var types string
	err = row.Scan(&e.ID, &e.URL, &types, &e.Amounts,
		&opening{column: endpointSecret, row: &e.ID, text: &e.Secret, broken: &e.Broken},
		&opening{column: endpointSecretOld, row: &e.ID, text: &e.SecretOld, broken: &e.Broken},
		timeOf{&e.OldUntil}, &e.Cursor, &e.State, &e.Why, timeOf{&e.DisabledAt}, timeOf{&e.FailingSince}, &e.Failures,
		timeOf{&e.SlowUntil}, &e.Missed, &e.MissedSeq, timeOf{&e.MissedAt}, &e.MadeBy, timeOf{&e.CreatedAt})
	for t := range strings.FieldsSeq(types) {
		e.Types = append(e.Types, NoticeType(t))
	}
	return e, err
}

// Endpoints returns all endpoints, the newest first.
func (s *Store) Endpoints(ctx context.Context) ([]Endpoint, error) {
	return collect(ctx, s.read, scanEndpoint, `SELECT `+endpointColumns+` FROM endpoints ORDER BY id DESC`)
}

// StoppedEndpoint is the newest endpoint that was disabled without anybody asking for it;
// [ErrNotFound]: there is none.
func (s *Store) StoppedEndpoint(ctx context.Context) (Endpoint, error) {
	return one(ctx, s.read, scanEndpoint, `
		SELECT `+endpointColumns+`
		FROM endpoints
		WHERE state = 'disabled' AND why <> 'asked'
		ORDER BY id DESC
		LIMIT 1`)
}

// EndpointByID returns one endpoint.
func (s *Store) EndpointByID(ctx context.Context, id string) (Endpoint, error) {
	return findEndpoint(ctx, s.read, id)
}

func findEndpoint(ctx context.Context, q querier, id string) (Endpoint, error) {
	return one(ctx, q, scanEndpoint, `SELECT `+endpointColumns+` FROM endpoints WHERE id = $1`, id)
}

// AddEndpoint adds an endpoint, to which is sent what happens from now on. It gets a
// secret. Where there are as many as may be it is [ErrManyEndpoints].
func (s *Store) AddEndpoint(ctx context.Context, actor string, e Endpoint) (Endpoint, error) {
	err := s.inTx(ctx, func(tx *tx) error { return tx.addEndpoint(ctx, actor, &e) })
	return e, err
}

func (tx *tx) addEndpoint(ctx context.Context, actor string, e *Endpoint) error {
	var there int
	err := tx.QueryRowContext(
		ctx, `SELECT (SELECT COUNT(*) FROM endpoints), (SELECT seq FROM outbox_head)`,
	).Scan(&there, &e.Cursor)
	if err != nil {
		return err
	}
	if there >= limits.Endpoints {
		return ErrManyEndpoints
	}
	e.ID, e.Secret, e.State, e.MadeBy, e.CreatedAt = newID(), newSigningSecret(), EndpointEnabled, actor, tx.now
	secret, err := tx.sealed(endpointSecret, e.ID, e.Secret)
	if err != nil {
		return err
	}
	err = tx.exec(ctx, `
		INSERT INTO endpoints (id, url, types, amounts, secret, cursor, state, made_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		e.ID, e.URL, spaced(e.Types), e.Amounts, secret, e.Cursor, e.State, e.MadeBy, unixMS(e.CreatedAt))
	if err != nil {
		return err
	}
	return tx.audit(ctx, Act{Actor: actor, Action: ActEndpointMade, Subject: e.ID, Detail: e.URL})
}

// newSigningSecret is a secret as Standard Webhooks has them.
func newSigningSecret() string {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	return "whsec_" + base64.StdEncoding.EncodeToString(secret)
}

// onEndpoint changes an endpoint and records the act.
func (s *Store) onEndpoint(
	ctx context.Context, actor string, action Action, id string, change func(*tx, *Endpoint) error,
) (e Endpoint, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		e, err = tx.onEndpoint(ctx, actor, action, id, change)
		return err
	})
	return e, err
}

func (tx *tx) onEndpoint(
	ctx context.Context, actor string, action Action, id string, change func(*tx, *Endpoint) error,
) (Endpoint, error) {
	e, err := findEndpoint(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if err := change(tx, &e); err != nil {
		return e, err
	}
	return e, tx.audit(ctx, Act{Actor: actor, Action: action, Subject: id, Detail: e.URL})
}

// PutEndpoint changes where an endpoint is, and what is sent there; and, unless enabled is nil
// or so it is, enables it, from where it stopped or with what happened after since, or disables
// it. All of that is done, or nothing. What waits is tried at once at another address, which
// nothing of what the one before said is held against.
func (s *Store) PutEndpoint(
	ctx context.Context, actor string, to Endpoint, enabled *bool, since *int64,
) (e Endpoint, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		e, err = tx.onEndpoint(ctx, actor, ActEndpointChanged, to.ID, changing(ctx, to))
		switch {
		case err != nil || enabled == nil || *enabled == (e.State == EndpointEnabled):
		case *enabled:
			e, err = tx.onEndpoint(ctx, actor, ActEndpointEnabled, to.ID, enabling(ctx, since))
		default:
			e, err = tx.onEndpoint(ctx, actor, ActEndpointDisabled, to.ID, disabling(ctx))
		}
		return err
	})
	return e, err
}

// changing is that an endpoint is another.
func changing(ctx context.Context, to Endpoint) func(*tx, *Endpoint) error {
	return func(tx *tx, e *Endpoint) error {
		moved := e.URL != to.URL
		e.URL, e.Types, e.Amounts = to.URL, to.Types, to.Amounts
		err := tx.exec(ctx, `
			UPDATE endpoints
			SET url = $2, types = $3, amounts = $4
			WHERE id = $1`, e.ID, e.URL, spaced(e.Types), e.Amounts)
		if err != nil || !moved {
			return err
		}
		if err := tx.forGood(ctx, deedEnded, "", ""); err != nil { // an older copy sends nothing to where it was
			return err
		}
		e.FailingSince, e.Failures, e.SlowUntil = time.Time{}, 0, time.Time{}
		return tx.sendAnew(ctx, e.ID)
	}
}

// sendAnew forgets how tries went at an endpoint, and has what waits for it tried now.
func (tx *tx) sendAnew(ctx context.Context, id string) error {
	if err := tx.exec(ctx, `
		UPDATE endpoints
		SET failing_since = NULL, failures = 0, slow_until = NULL
		WHERE id = $1`, id); err != nil {
		return err
	}
	return tx.exec(ctx, `
		UPDATE deliveries
		SET next_try_at = $2
		WHERE endpoint_id = $1 AND state = 'waiting'`, id, unixMS(tx.now))
}

// EnableEndpoint has things sent again, from where it stopped. Repeating it does no harm.
func (s *Store) EnableEndpoint(ctx context.Context, actor, id string) (Endpoint, error) {
	return s.onEndpoint(ctx, actor, ActEndpointEnabled, id, enabling(ctx, nil))
}

// enabling is that things are sent to an endpoint: from where it stopped, or what happened
// after that number.
func enabling(ctx context.Context, since *int64) func(*tx, *Endpoint) error {
	return func(tx *tx, e *Endpoint) error {
		if since != nil {
			if err := canReadAfter(ctx, tx, *since); err != nil {
				return err
			}
			e.Cursor = *since
		}
		e.State, e.Why, e.DisabledAt, e.FailingSince, e.Failures = EndpointEnabled, "", time.Time{}, time.Time{}, 0
		if err := tx.exec(ctx, `
			UPDATE endpoints
			SET state = 'enabled', why = '', disabled_at = NULL, cursor = $2
			WHERE id = $1`, e.ID, e.Cursor); err != nil {
			return err
		}
		return tx.sendAnew(ctx, e.ID)
	}
}

// DisableEndpoint has nothing sent any more. Repeating it does no harm.
func (s *Store) DisableEndpoint(ctx context.Context, actor, id string) (Endpoint, error) {
	return s.onEndpoint(ctx, actor, ActEndpointDisabled, id, disabling(ctx))
}

// disabling is that nothing is sent to an endpoint, because somebody asked for that.
func disabling(ctx context.Context) func(*tx, *Endpoint) error {
	return func(tx *tx, e *Endpoint) error {
		e.State, e.Why, e.DisabledAt = EndpointDisabled, DisabledAsked, tx.now
		return tx.disable(ctx, e.ID, DisabledAsked)
	}
}

// disable ends that anything is sent to an endpoint. An older copy does not begin again.
func (tx *tx) disable(ctx context.Context, id string, why DisabledFor) error {
	if err := tx.forGood(ctx, deedEnded, "", ""); err != nil {
		return err
	}
	return tx.exec(ctx, `
		UPDATE endpoints
		SET state = 'disabled', why = $2, disabled_at = $3
		WHERE id = $1`, id, why, unixMS(tx.now))
}

// stopEndpoints disables those that an older copy of the database knows, until somebody
// has looked at them.
func (tx *tx) stopEndpoints(ctx context.Context) error {
	return tx.exec(ctx, `
		UPDATE endpoints
		SET state = 'disabled', why = 'restored', disabled_at = $1
		WHERE state = 'enabled'`, unixMS(tx.now))
}

// ChangeSecret gives an endpoint another secret. For a day what is sent is signed with
// both.
func (s *Store) ChangeSecret(ctx context.Context, actor, id string) (Endpoint, error) {
	return s.onEndpoint(ctx, actor, ActSecretChanged, id, func(tx *tx, e *Endpoint) error {
		return tx.changeSecret(ctx, e)
	})
}

func (tx *tx) changeSecret(ctx context.Context, e *Endpoint) error {
	e.SecretOld, e.Secret, e.OldUntil = e.Secret, newSigningSecret(), tx.now.Add(oldSecretFor)
	secret, err := tx.sealed(endpointSecret, e.ID, e.Secret)
	if err != nil {
		return err
	}
	old, err := tx.sealed(endpointSecretOld, e.ID, e.SecretOld)
	if err != nil {
		return err
	}
	if err := tx.forGood(ctx, deedEnded, "", ""); err != nil { // an older copy does not sign with what was replaced
		return err
	}
	return tx.exec(ctx, `
		UPDATE endpoints
		SET secret = $2, secret_old = $3, old_until = $4
		WHERE id = $1`, e.ID, secret, old, unixMS(e.OldUntil))
}

// TestEndpoint sends an endpoint something that did not happen.
func (s *Store) TestEndpoint(ctx context.Context, actor, id string) error {
	_, err := s.onEndpoint(ctx, actor, ActEndpointTested, id, func(tx *tx, e *Endpoint) error {
		return tx.test(ctx, e)
	})
	return err
}

func (tx *tx) test(ctx context.Context, e *Endpoint) error {
	if e.State != EndpointEnabled {
		return ErrDisabled
	}
	return tx.tell(ctx, Notice{Type: NoticeTest, Subject: e.ID})
}

// ReplaySince sends an endpoint again what happened after a number: see [Store.Notices].
func (s *Store) ReplaySince(ctx context.Context, actor, id string, since int64) error {
	_, err := s.onEndpoint(ctx, actor, ActEventsResent, id, func(tx *tx, e *Endpoint) error {
		return tx.replaySince(ctx, e, since)
	})
	return err
}

func (tx *tx) replaySince(ctx context.Context, e *Endpoint, since int64) error {
	if err := canReadAfter(ctx, tx, since); err != nil {
		return err
	}
	e.Cursor = min(e.Cursor, since)
	return tx.exec(ctx, `UPDATE endpoints SET cursor = $2 WHERE id = $1`, e.ID, e.Cursor)
}

// RemoveEndpoint removes an endpoint with what is known of its deliveries, for good.
func (s *Store) RemoveEndpoint(ctx context.Context, actor, id string) error {
	_, err := s.onEndpoint(ctx, actor, ActEndpointRemoved, id, func(tx *tx, e *Endpoint) error {
		if err := tx.forGood(ctx, deedEndpointRemoved, id, ""); err != nil {
			return err
		}
		return tx.removeEndpoint(ctx, id)
	})
	return err
}

func (tx *tx) removeEndpoint(ctx context.Context, id string) error {
	if err := tx.exec(ctx, `DELETE FROM deliveries WHERE endpoint_id = $1`, id); err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM endpoints WHERE id = $1`, id)
}

// Endpointed is how it stands with all endpoints.
type Endpointed struct {
	Enabled  int
	Failing  int       // of those enabled: the last try failed
	Disabled int       // because somebody asked for that
	Stopped  int       // without anybody asking for it
	Oldest   time.Time // when happened what waits longest for one that is enabled; zero: nothing does
}

// Endpointed counts endpoints by how they stand.
func (s *Store) Endpointed(ctx context.Context) (e Endpointed, err error) {
	var taken, untaken time.Time
	err = s.read.QueryRowContext(ctx, `
		SELECT COUNT(CASE WHEN state = 'enabled' THEN 1 END),
			COUNT(CASE WHEN state = 'enabled' AND failures > 0 THEN 1 END),
			COUNT(CASE WHEN state = 'disabled' AND why = 'asked' THEN 1 END),
			COUNT(CASE WHEN state = 'disabled' AND why <> 'asked' THEN 1 END),
			MIN(CASE WHEN state = 'enabled' THEN (
				SELECT outbox.at
				FROM deliveries JOIN outbox ON outbox.seq = deliveries.seq
				WHERE deliveries.endpoint_id = endpoints.id AND deliveries.state = 'waiting'
				ORDER BY deliveries.seq
				LIMIT 1) END),
			MIN(CASE WHEN state = 'enabled' THEN (
				SELECT outbox.at
				FROM outbox
				WHERE outbox.seq > endpoints.cursor
				ORDER BY outbox.seq
				LIMIT 1) END)
		FROM endpoints`).
		Scan(&e.Enabled, &e.Failing, &e.Disabled, &e.Stopped, timeOf{&taken}, timeOf{&untaken})
	if e.Oldest = taken; e.Oldest.IsZero() || !untaken.IsZero() && untaken.Before(taken) {
		e.Oldest = untaken
	}
	return e, err
}
