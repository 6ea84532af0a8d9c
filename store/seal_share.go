package store

import (
	"context"
	"slices"
)

// Of several instances each has its data keys from a setting of its own, and they are
// changed one after the other. A new key is first put behind the one in use everywhere:
// each instance opens what another seals then. Whichever has it in front first takes it
// into use for all: the others seal under it within a second. What there is follows when
// all do.

// leading is the keyring with one of its keys as the newest.
func (k *Keyring) leading(id string) *Keyring {
	i := slices.IndexFunc(k.keys, func(key dataKey) bool { return key.id == id })
	if i <= 0 {
		return k
	}
	return &Keyring{keys: slices.Concat([]dataKey{k.keys[i]}, k.keys[:i], k.keys[i+1:])}
}

// inUse is a keyring with the key as the newest that was taken into use last, unless it
// brings another one. Who is alone with the database has no others to agree with.
func (s *Store) inUse(k *Keyring, needed []string) *Keyring {
	if s.Alone() || !slices.Contains(needed, k.keys[0].id) {
		return k
	}
	return k.leading(needed[len(needed)-1])
}

// FollowKeys has this instance seal under the key that another one has taken into use,
// if it has that key, and says whether it seals under another one now.
func (s *Store) FollowKeys(ctx context.Context) (changed bool, err error) {
	k := s.keys.Load()
	if k == nil || s.Alone() {
		return false, nil
	}
	needed, err := neededKeys(ctx, s.read, s.vault)
	if err != nil || len(needed) == 0 {
		return false, err
	}
	now := k.leading(needed[len(needed)-1])
	return now != k && s.keys.CompareAndSwap(k, now), nil
}

// MissingKeys are the ids of the keys that rows may be under and that this instance does
// not have. It cannot open what lies under them.
func (s *Store) MissingKeys(ctx context.Context) ([]string, error) {
	k := s.keys.Load()
	if k == nil {
		return nil, nil
	}
	needed, err := neededKeys(ctx, s.read, s.vault)
	return slices.DeleteFunc(needed, func(id string) bool { return k.find(id) != nil }), err
}

// sealedElsewhere says whether an instance that runs seals under another key than the
// newest one here: what it writes now would be left behind.
func (tx *tx) sealedElsewhere(ctx context.Context) (other bool, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM instances WHERE data_key <> $1 AND data_key <> '' AND seen_at >= $2)`,
		tx.keyring().keys[0].id, unixMS(tx.now.Add(-LeaseFor))).Scan(&other)
	return other, err
}
