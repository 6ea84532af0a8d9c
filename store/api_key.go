package store

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"balancelink/store/limits"
)

// APIKey is what a program of the business shows to be let in. The key itself leaves
// the program once, when it is made.
type APIKey struct {
	ID        string
	Mark      string // how the key begins
	Name      string
	Scopes    []KeyScope
	MadeBy    string // staff id
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // to the minute; zero: not yet
	RevokedAt time.Time // zero: not revoked
	RevokedBy string    // staff id
}

// KeyScope is one thing that a key may be used for.
type KeyScope string

// The scopes.
const (
	ReadCustomers  KeyScope = "customers:read"
	WriteCustomers KeyScope = "customers:write"
	WriteLinks     KeyScope = "links:write"
	ReadBalances   KeyScope = "balances:read"
	WriteRefreshes KeyScope = "refresh:write"
	WriteFunds     KeyScope = "funds:write"
	ReadEvents     KeyScope = "events:read"
	WriteWebhooks  KeyScope = "webhooks:write"
)

// KeyScopes are all scopes, in the order in which they are offered.
func KeyScopes() []KeyScope {
	return []KeyScope{
		ReadCustomers, WriteCustomers, WriteLinks, ReadBalances, WriteRefreshes, WriteFunds, ReadEvents, WriteWebhooks,
	}
}

// ErrManyKeys says that as many keys work as may.
var ErrManyKeys = errors.New("store: too many keys of the API")

// Allows says whether a key may be used for something.
func (k APIKey) Allows(s KeyScope) bool { return slices.Contains(k.Scopes, s) }

// Works says whether a key lets anybody in.
func (k APIKey) Works(now time.Time) bool { return k.RevokedAt.IsZero() && now.Before(k.ExpiresAt) }

const keyColumns = `id, mark, name, scopes, made_by, created_at, expires_at, used_at, revoked_at, revoked_by`

func scanKey(row scanner) (k APIKey, err error) {
	var scopes string
	err = row.Scan(&k.ID, &k.Mark, &k.Name, &scopes, &k.MadeBy, timeOf{&k.CreatedAt}, timeOf{&k.ExpiresAt},
		timeOf{&k.UsedAt}, timeOf{&k.RevokedAt}, &k.RevokedBy)
	for scope := range strings.FieldsSeq(scopes) {
		k.Scopes = append(k.Scopes, KeyScope(scope))
	}
	return k, err
}

// AddAPIKey makes a key that begins with a prefix, good for so long, and returns it
// whole, which is kept nowhere. Where as many work as may it is [ErrManyKeys].
func (s *Store) AddAPIKey(
	ctx context.Context, actor, prefix string, k APIKey, validFor time.Duration,
) (made APIKey, key string, err error) {
	k.Mark = prefix + strings.ToLower(rand.Text()[:8])
	key = k.Mark + "_" + NewSecret()
	err = s.inTx(ctx, func(tx *tx) error {
		var working int
		if err := tx.QueryRowContext(ctx, `
			SELECT COUNT(*)
			FROM api_keys
			WHERE revoked_at IS NULL AND expires_at > $1`, unixMS(tx.now)).Scan(&working); err != nil {
			return err
		}
		if working >= limits.Keys {
			return ErrManyKeys
		}
		k.ID, k.MadeBy, k.CreatedAt, k.ExpiresAt = newID(), staffID(actor), tx.now, tx.now.Add(validFor)
		err := tx.exec(ctx, `
			INSERT INTO api_keys (id, mark, hash, name, scopes, made_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			k.ID, k.Mark, HashSecret(key), k.Name, spaced(k.Scopes), k.MadeBy, unixMS(k.CreatedAt), unixMS(k.ExpiresAt))
		if err != nil {
			return err
		}
		return tx.audit(ctx, Act{
			Actor: actor, Action: ActKeyMade, Subject: k.ID, Detail: k.Mark + ": " + spaced(k.Scopes),
		})
	})
	return k, key, err
}

// APIKeys returns all keys, the newest first.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	return collect(ctx, s.read, scanKey, `SELECT `+keyColumns+` FROM api_keys ORDER BY id DESC`)
}

// APIKeyNames returns what every key is called, by id.
func (s *Store) APIKeyNames(ctx context.Context) (map[string]string, error) {
	all, err := s.APIKeys(ctx)
	by := make(map[string]string, len(all))
	for _, k := range all {
		by[k.ID] = k.Name
	}
	return by, err
}

// APIKeyByID returns one key, whether it works or not.
func (s *Store) APIKeyByID(ctx context.Context, id string) (APIKey, error) {
	return one(ctx, s.read, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE id = $1`, id)
}

// UseAPIKey returns what is known of a whole key that works, and notes that it was used,
// once a minute. One that is unknown, has expired or was revoked is [ErrNotFound]: nobody
// is told which.
func (s *Store) UseAPIKey(ctx context.Context, key string) (APIKey, error) {
	k, err := one(ctx, s.read, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE hash = $1`, HashSecret(key))
	if err != nil {
		return APIKey{}, err
	}
	now := s.now()
	if !k.Works(now) {
		return APIKey{}, ErrNotFound
	}
	if now.Sub(k.UsedAt).Abs() < time.Minute {
		return k, nil
	}
	// A full disk keeps nobody from reading.
	_ = s.exec(ctx, `UPDATE api_keys SET used_at = $2 WHERE id = $1`, k.ID, unixMS(now.Truncate(time.Minute)))
	return k, nil
}

// RevokeAPIKey ends a key for good, from the next request on. Repeating it does no harm.
func (s *Store) RevokeAPIKey(ctx context.Context, actor, id string) error {
	return s.inTx(ctx, func(tx *tx) error {
		k, err := one(ctx, tx, scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE id = $1`, id)
		if err != nil || !k.RevokedAt.IsZero() {
			return err
		}
		if err := tx.endKey(ctx, id, staffID(actor), tx.now.UnixMilli()); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedKeyRevoked, id, staffID(actor)); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActKeyRevoked, Subject: id, Detail: k.Mark})
	})
}

func (tx *tx) endKey(ctx context.Context, id, by string, at int64) error {
	return tx.exec(ctx, `
		UPDATE api_keys
		SET revoked_at = $2, revoked_by = $3
		WHERE id = $1 AND revoked_at IS NULL`, id, at, by)
}
