package command_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/command"
	"balancelink/store"
	"balancelink/store/storetest"
)

const email = "officer@lender.example"

// desk is an operator at the command line, beside a database.
type desk struct {
	t    *testing.T
	path string
}

func (d desk) run(args ...string) (status int, stdout, stderr string) {
	d.t.Helper()
	var out, errs bytes.Buffer
	status = command.Staff(d.t.Context(), append([]string{"--database-url=sqlite:" + d.path}, args...), []string{"PUBLIC_URL=https://balances.example", "DATA_KEY=" + storetest.DataKey}, &out, &errs)
	return status, out.String(), errs.String()
}

// with opens the database as the server does, for as long as f runs.
func (d desk) with(f func(context.Context, *store.Store)) {
	d.t.Helper()
	db := storetest.Open(d.t, d.path, time.Now)
	f(d.t.Context(), db)
	if err := db.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func newDesk(t *testing.T) (desk, store.Staff) {
	t.Helper()
	d := desk{t, filepath.Join(storetest.Folder(t), "test.db")}
	var m store.Staff
	d.with(func(ctx context.Context, db *store.Store) {
		var err error
		if m, err = db.AddStaff(ctx, store.Program, store.Staff{Email: email, PasswordHash: "hash", Role: store.RoleViewer}); err != nil {
			t.Fatal(err)
		}
		if err := db.SetSecondFactor(ctx, m.ID, "", "SEED", 0, nil); err != nil {
			t.Fatal(err)
		}
		if err := db.DisableStaff(ctx, store.Program, m.ID); err != nil {
			t.Fatal(err)
		}
	})
	return d, m
}

func TestSomebodyLockedOutIsLetInAgain(t *testing.T) {
	t.Parallel()
	d, m := newDesk(t)
	for _, tt := range []struct{ args, says string }{
		{"list", "disabled since"}, {"link " + email, "is disabled"}, {"enable Officer@Lender.example", "may sign in again"},
		{"reset-totp " + email, "no second factor"}, {"role " + email + " owner", "is owner now"}, {"list", "owner    active\n"},
	} {
		status, out, errs := d.run(strings.Fields(tt.args)...)
		if status != 0 || !strings.Contains(out, tt.says) {
			t.Errorf("%s: status %d, says %q %q, want %q in it", tt.args, status, out, errs, tt.says)
		}
	}
	_, out, _ := d.run("link", email)
	_, secret, _ := strings.Cut(strings.Fields(out)[0], "https://balances.example/welcome/")
	d.with(func(ctx context.Context, db *store.Store) {
		got, err := db.StaffByID(ctx, m.ID)
		if err != nil || got.SecondFactor || got.Role != store.RoleOwner || !got.DisabledAt.IsZero() {
			t.Errorf("the member is %+v, %v", got, err)
		}
		if l, err := db.OpenStaffLink(ctx, secret); err != nil || l.StaffID != m.ID {
			t.Errorf("the printed link: %+v, %v", l, err)
		}
	})
}

func TestWhatCannotBeDoneIsSaidInASentence(t *testing.T) {
	t.Parallel()
	d, _ := newDesk(t)
	d.run("enable", email)
	d.run("role", email, "owner")
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"link nobody@lender.example": {1, "no member of staff has that e-mail address"}, "role " + email + " viewer": {1, "the last owner"},
		"role " + email + " emperor": {2, "Usage:"}, "": {2, "Usage:"}, "link": {2, "Usage:"}, "list all": {2, "Usage:"},
	} {
		status, out, errs := d.run(strings.Fields(args)...)
		if status != want.status || out != "" || !strings.Contains(errs, want.says) {
			t.Errorf("%q: status %d, says %q %q, want %d and %q", args, status, out, errs, want.status, want.says)
		}
	}
	d.with(func(context.Context, *store.Store) {
		if status, _, errs := d.run("list"); status != 1 || !strings.Contains(errs, "the server is running") {
			t.Errorf("beside the running server: status %d, says %q", status, errs)
		}
	})
}
