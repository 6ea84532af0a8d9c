package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// peopled is a database with a customer and a member of staff who have all that
// can be taken from them.
type peopled struct {
	*db
	account store.Account
	staff   string
	link    string // secret of a personal link
	key     string // of the API
	hook    string // an endpoint
	restore func()
}

func newPeopled(t *testing.T, how string) peopled {
	d := newDB(t)
	p := peopled{db: d, account: d.linked("Amina")}
	ctx := t.Context()
	d.Store.Exec(t, `UPDATE customers SET email = 'amina@mail.example'`)
	d.ok(d.SetCustomerPassword(ctx, store.OfCustomer(p.account.CustomerID), "", "old hash"))
	p.staff = must(d.AddStaff(ctx, store.Program, store.Staff{Email: "bola@lender.example", PasswordHash: "old hash", Role: store.RoleOwner})).ID
	must(d.AddStaff(ctx, store.Program, store.Staff{Email: "other@lender.example", PasswordHash: "hash", Role: store.RoleOwner}))
	d.ok(d.SetSecondFactor(ctx, p.staff, "", "OLDSEED", 1, []string{"code 1", "code 2"}))
	for _, kind := range []string{"staff", "customer"} {
		who := map[string]string{"staff": p.staff, "customer": p.account.CustomerID}[kind]
		d.ok(d.SaveSession(ctx, store.Session{TokenHash: kind, Kind: kind, Principal: who, CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour)}))
	}
	_, p.link, _ = d.AddInvitation(ctx, store.Program, p.account.CustomerID, "", time.Hour)
	k, _ := d.key()
	p.key, p.hook = k.ID, d.endpoint().ID
	d.ok(d.TestEndpoint(ctx, store.Program, p.hook))
	if storetest.OnPostgres() && how == "restored" {
		copied := d.dumped()
		p.restore = func() {
			t.Helper()
			d.emptied()
			must(d.dump().Restore(ctx, copied.File))
			d.Store = storetest.Open(t, d.path, d.clock)
		}
		return p
	}
	if storetest.OnPostgres() {
		d.ok(d.Close())
		back := storetest.Keep(t, d.path)
		d.Store = storetest.Open(t, d.path, d.clock)
		p.restore = func() {
			t.Helper()
			d.ok(d.Close())
			back()
			d.Store = storetest.Open(t, d.path, d.clock)
		}
		return p
	}
	copied := d.backup()
	p.restore = func() {
		t.Helper()
		d.ok(d.Close())
		if how == "restored" {
			_, _, err := store.Restore(ctx, "sqlite:"+d.path, copied.File, storetest.Keys(t, 'k'), nil)
			d.ok(err)
		} else { // put there by hand
			from := must(os.Open(copied.File))
			defer from.Close()
			to := must(os.Create(d.path))
			defer to.Close()
			must(io.Copy(to, from))
		}
		d.Store = storetest.Open(t, d.path, d.clock)
	}
	return p
}

// forGood is what only goes one way, and what shows in an older copy that it was
// done again.
var forGood = map[string]struct {
	do   func(p peopled) error
	gone func(p peopled) bool
}{
	"a consent withdrawn": {
		func(p peopled) error {
			_, err := p.WithdrawConsent(p.t.Context(), store.Program, store.OfCustomer(p.account.CustomerID))
			return err
		},
		func(p peopled) bool {
			return !must(p.HasConsent(p.t.Context(), p.account.CustomerID, "")) && p.Store.Number(p.t, `SELECT COUNT(*) FROM accounts WHERE status <> 'unlinked'`) == 0
		},
	},
	"an account unlinked": {
		func(p peopled) error {
			return p.UnlinkAccount(p.t.Context(), store.Program, store.Whole(), p.account.ID)
		},
		func(p peopled) bool { return p.db.account(p.account.ID).Status == store.AccountUnlinked },
	},
	"staff disabled": {
		func(p peopled) error { return p.DisableStaff(p.t.Context(), store.Program, p.staff) },
		func(p peopled) bool { return !must(p.StaffByID(p.t.Context(), p.staff)).DisabledAt.IsZero() },
	},
	"staff disabled and let in again": {
		func(p peopled) error {
			return errors.Join(p.DisableStaff(p.t.Context(), store.Program, p.staff), p.EnableStaff(p.t.Context(), store.Program, p.staff))
		},
		func(p peopled) bool { return must(p.StaffByID(p.t.Context(), p.staff)).DisabledAt.IsZero() },
	},
	"a role taken": {
		func(p peopled) error { return p.SetStaffRole(p.t.Context(), store.Program, p.staff, store.RoleViewer) },
		func(p peopled) bool { return must(p.StaffByID(p.t.Context(), p.staff)).Role == store.RoleViewer },
	},
	"a password of staff replaced": {
		func(p peopled) error { return p.SetStaffPassword(p.t.Context(), store.Program, p.staff, "new hash") },
		func(p peopled) bool { return must(p.StaffByID(p.t.Context(), p.staff)).PasswordHash != "old hash" },
	},
	"a second factor set anew": {
		func(p peopled) error { return p.SetSecondFactor(p.t.Context(), p.staff, "", "NEWSEED", 1, nil) },
		func(p peopled) bool {
			_, err := p.SecondFactorSeed(p.t.Context(), p.staff)
			return errors.Is(err, store.ErrNotFound) && must(p.StaffByID(p.t.Context(), p.staff)).PasswordHash == ""
		},
	},
	"a second factor removed": {
		func(p peopled) error { return p.RemoveSecondFactor(p.t.Context(), store.Program, p.staff, "") },
		func(p peopled) bool {
			_, err := p.SecondFactorSeed(p.t.Context(), p.staff)
			return errors.Is(err, store.ErrNotFound) && must(p.StaffByID(p.t.Context(), p.staff)).PasswordHash == ""
		},
	},
	"a recovery code used": {
		func(p peopled) error { _, err := p.TakeRecoveryCode(p.t.Context(), p.staff, "code 1"); return err },
		func(p peopled) bool {
			return !must(p.TakeRecoveryCode(p.t.Context(), p.staff, "code 1")) && must(p.TakeRecoveryCode(p.t.Context(), p.staff, "code 2"))
		},
	},
	"a customer's password replaced": {
		func(p peopled) error {
			return p.SetCustomerPassword(p.t.Context(), store.OfCustomer(p.account.CustomerID), "old hash", "new hash")
		},
		func(p peopled) bool {
			return must(p.CustomerPassword(p.t.Context(), p.account.CustomerID)).Hash != "old hash"
		},
	},
	"a customer's password removed": {
		func(p peopled) error {
			return p.RemoveCustomerPassword(p.t.Context(), store.Program, p.account.CustomerID)
		},
		func(p peopled) bool {
			return !must(p.HasPassword(p.t.Context(), p.account.CustomerID)) &&
				p.Store.Number(p.t, `SELECT COUNT(*) FROM customers WHERE login_email <> ''`) == 0 // it is free for who signs in with it next
		},
	},
	"a key of the API revoked": {
		func(p peopled) error { return p.RevokeAPIKey(p.t.Context(), store.ByStaff(p.staff), p.key) },
		func(p peopled) bool {
			k := must(p.APIKeyByID(p.t.Context(), p.key))
			return !k.Works(p.clock()) && k.RevokedBy == p.staff
		},
	},
	"an endpoint removed": {
		func(p peopled) error { return p.RemoveEndpoint(p.t.Context(), store.Program, p.hook) },
		func(p peopled) bool {
			// And no number of a notice is given again, and whoever reads on is told that some are missing.
			head := p.Store.Number(p.t, `SELECT seq FROM outbox_head`)
			_, _, _, err := p.Notices(p.t.Context(), int64(head)-1, nil, 1)
			missing := new(store.MissingError)
			return len(must(p.Endpoints(p.t.Context()))) == 0 && head > 1000 && errors.As(err, &missing)
		},
	},
	"an endpoint disabled": {
		func(p peopled) error { _, err := p.DisableEndpoint(p.t.Context(), store.Program, p.hook); return err },
		hookStopped,
	},
	"an endpoint moved": {
		func(p peopled) error {
			_, err := p.PutEndpoint(p.t.Context(), store.Program, store.Endpoint{ID: p.hook, URL: "https://new.example/"}, nil, nil)
			return err
		},
		hookStopped,
	},
	"a secret of an endpoint changed": {
		func(p peopled) error { _, err := p.ChangeSecret(p.t.Context(), store.Program, p.hook); return err },
		hookStopped,
	},
	"a session ended": {
		func(p peopled) error { return p.EndSession(p.t.Context(), "customer") },
		func(p peopled) bool { return p.Store.Number(p.t, `SELECT COUNT(*) FROM sessions`) == 0 },
	},
	"a personal link revoked": {
		func(p peopled) error {
			i := must(p.LinksByCustomer(p.t.Context(), p.account.CustomerID))[0]
			return p.RevokeInvitation(p.t.Context(), store.Program, p.account.CustomerID, i.ID)
		},
		func(p peopled) bool {
			_, err := p.OpenInvitation(p.t.Context(), p.link)
			return errors.Is(err, store.ErrNotFound)
		},
	},
	"a customer erased": {
		func(p peopled) error { return p.Erase(p.t.Context(), store.Program, p.account.CustomerID, "asked") },
		func(p peopled) bool { return p.Store.Number(p.t, `SELECT COUNT(*) FROM customers`) == 0 },
	},
}

// hookStopped says whether nothing is sent to the endpoint before somebody has looked at it.
func hookStopped(p peopled) bool {
	e := must(p.EndpointByID(p.t.Context(), p.hook))
	_, due := p.due(e)
	stopped := must(p.StoppedEndpoint(p.t.Context()))
	return e.State == store.EndpointDisabled && e.Why == store.DisabledRestored && len(due) == 0 && stopped.ID == p.hook
}

func TestWhatOnlyGoesOneWayIsDoneAgainInAnOlderCopy(t *testing.T) {
	t.Parallel()
	for name, row := range forGood {
		for _, how := range []string{"restored", "put there by hand"} {
			t.Run(name+", "+how, func(t *testing.T) {
				p := newPeopled(t, how)
				p.ok(row.do(p))
				p.restore()
				if !row.gone(p) {
					t.Error("the older copy undid it")
				}
				acts := p.Store.Number(t, `SELECT COUNT(*) FROM audit`)
				p.reopen()
				if n := p.Store.Number(t, `SELECT COUNT(*) FROM audit`); n > acts+1 { // the tests' own code 2 is none
					t.Errorf("the next start did it again: %d acts more", n-acts)
				}
				if c := p.chain(); c.BadRow != 0 {
					t.Errorf("the audit log: %+v", c)
				}
			})
		}
	}
}

func TestAStartWithoutAnOlderCopyDoesNothingAgain(t *testing.T) {
	p := newPeopled(t, "")
	p.ok(p.UnlinkAccount(t.Context(), store.Program, store.Whole(), p.account.ID))
	p.ok(p.SetStaffPassword(t.Context(), store.Program, p.staff, "new hash"))
	p.finish(p.account.CustomerID, "record of Amina again", naira("account of Amina", "0123456789"))
	acts := p.chain().Rows
	p.reopen()
	if m := must(p.StaffByID(t.Context(), p.staff)); m.PasswordHash != "new hash" {
		t.Errorf("the password is %q", m.PasswordHash)
	}
	if a := p.db.account(p.account.ID); a.Status != store.AccountLinked {
		t.Errorf("what was linked again is %s", a.Status)
	}
	if n := p.chain().Rows; n != acts {
		t.Errorf("%d acts more", n-acts)
	}
}

func TestWhatLiesBesideTheDatabaseNamesNobodyAndStaysShort(t *testing.T) {
	p := newPeopled(t, "restored")
	for i := range 1500 {
		p.ok(p.SetStaffPassword(t.Context(), store.Program, p.staff, fmt.Sprint("hash ", i)))
	}
	p.ok(p.DisableStaff(t.Context(), store.Program, p.staff))
	text := must(os.ReadFile(p.path + ".erased"))
	if n := bytes.Count(text, []byte("\n")); n > 700 {
		t.Errorf("%d lines", n)
	}
	for _, canary := range []string{"Amina", "bola", "hash 1", "SEED", "0123456789"} {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%q lies beside the database", canary)
		}
	}
	if found := must(filepath.Glob(filepath.Join(filepath.Dir(p.path), ".erased*"))); len(found) > 0 {
		t.Errorf("it left %v", found)
	}
	p.restore()
	if m := must(p.StaffByID(t.Context(), p.staff)); m.DisabledAt.IsZero() || m.PasswordHash != "" {
		t.Errorf("the older copy has %+v", m)
	}
}

func TestWhatCouldNotBeWrittenBesideIsWrittenAtTheNextStart(t *testing.T) {
	p := newPeopled(t, "restored")
	list := p.path + ".erased"
	before := must(os.ReadFile(list))
	p.ok(errors.Join(os.Remove(list), os.Mkdir(list, 0o700)))
	if err := p.DisableStaff(t.Context(), store.Program, p.staff); err == nil {
		t.Error("it was answered for although it lies nowhere but in the database")
	}
	p.ok(errors.Join(os.Remove(list), os.WriteFile(list, before, 0o600)))
	p.reopen()
	p.restore()
	if m := must(p.StaffByID(t.Context(), p.staff)); m.DisabledAt.IsZero() {
		t.Error("the older copy undid it")
	}
}
