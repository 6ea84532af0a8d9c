package handlers

import (
	"context"
	"fmt"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// FirstStaff makes the first member of staff, an owner, when there is nobody
// who could sign in and the settings say who it is; otherwise [SetupLink] does.
// In simulation it also makes the printed password work again when the session
// key it comes from has changed.
func FirstStaff(ctx context.Context, db *store.Store, set settings.Settings, cost PasswordCost) error {
	has, err := db.HasStaff(ctx)
	if err != nil || has && !set.Simulated() {
		return err
	}
	password := set.StaffPassword()
	switch {
	case password == "":
		return nil
	case set.AdminEmail == "":
		return fmt.Errorf("%w: ADMIN_EMAIL says who the first member of staff is, whose ADMIN_PASSWORD was given", settings.ErrMissing)
	}
	if !has {
		_, err := db.AddStaff(ctx, store.Program, store.Staff{Email: set.AdminEmail, PasswordHash: cost.Hash(password), Role: store.RoleOwner})
		return err
	}
	m, err := db.StaffByEmail(ctx, set.AdminEmail)
	if err != nil {
		return nil // signs in as somebody else: nothing to repair
	}
	if m.PasswordHash != "" { // none after a restore of a copy with an older one
		if right, err := checkPassword(m.PasswordHash, password); err != nil || right {
			return err
		}
	}
	return db.SetStaffPassword(ctx, store.Program, m.ID, cost.Hash(password))
}

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
	return db.RecordChange(ctx, store.Act{Actor: store.Program, Action: store.ActSettingsChanged, Detail: set.Summary()})
}
