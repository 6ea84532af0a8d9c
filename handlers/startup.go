package handlers

import (
	"context"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// DataKeys are the keys of the sealed columns.
func DataKeys(set settings.Settings) (*store.Keyring, error) {
	keys, err := set.DataKeys()
	if err != nil {
		return nil, err
	}
	return store.NewKeyring(keys...)
}

// NewDataKeys returns what tells of new data keys, if they come from a file: see
// [worker.Sealer].
func NewDataKeys(set settings.Settings) func() (*store.Keyring, error) {
	file := set.FollowDataKey()
	return func() (*store.Keyring, error) {
		keys, err := file.Changed()
		if err != nil || keys == nil {
			return nil, err
		}
		return store.NewKeyring(keys...)
	}
}

// RecordSettings writes to the audit log with which settings the program starts,
// when they are not those that it started with before.
func RecordSettings(ctx context.Context, db *store.Store, set settings.Settings) error {
	return db.RecordChange(
		ctx, store.Act{Actor: store.Program, Action: store.ActSettingsChanged, Detail: set.Summary()},
	)
}
