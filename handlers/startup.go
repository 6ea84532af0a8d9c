package handlers

import (
	"context"
	"fmt"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// FirstStaff makes the first member of staff, an owner, when there is nobody
// who could sign in. In simulation it also makes the printed password work
// again when the session key it comes from has changed.
func FirstStaff(ctx context.Context, db *store.Store, set settings.Settings) error {
	has, err := db.HasStaff(ctx)
	if err != nil || has && !set.Simulated() {
		return err
	}
	password := set.StaffPassword()
	if set.AdminEmail == "" || password == "" {
		return fmt.Errorf("%w: ADMIN_EMAIL and ADMIN_PASSWORD make the first member of staff, and there is nobody yet who could sign in", settings.ErrMissing)
	}
	if !has {
		_, err := db.AddStaff(ctx, store.Program, store.Staff{Email: set.AdminEmail, PasswordHash: HashPassword(password), Role: "owner"})
		return err
	}
	m, err := db.StaffByEmail(ctx, set.AdminEmail)
	if err != nil {
		return nil // signs in as somebody else: nothing to repair
	}
	if right, err := checkPassword(m.PasswordHash, password); err != nil || right {
		return err
	}
	return db.SetStaffPassword(ctx, store.Program, m.ID, HashPassword(password))
}
