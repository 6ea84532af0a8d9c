package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
)

func (d *db) member(email string, role store.Role) store.Staff {
	d.t.Helper()
	return must(d.AddStaff(d.t.Context(), store.Program, store.Staff{Email: email, PasswordHash: "hash", Role: role}))
}

func (d *db) session(hash, kind, principal string) {
	d.t.Helper()
	m, _ := d.StaffByID(d.t.Context(), principal)
	d.ok(d.SaveSession(d.t.Context(), store.Session{
		TokenHash: hash, Kind: kind, Principal: principal, Version: m.Version, Data: "{}", CreatedAt: d.clock(), LastSeenAt: d.clock(), ExpiresAt: d.clock().Add(time.Hour),
	}))
}

func TestTheLastOwnerStays(t *testing.T) {
	d := newDB(t)
	a := d.member("a@lender.example", store.RoleOwner)
	b := d.member("b@lender.example", store.RoleOwner)
	d.ok(must2(d.InviteStaff(t.Context(), store.Program, store.Staff{Email: "c@lender.example", Role: store.RoleOwner}, time.Hour)))
	d.ok(d.DisableStaff(t.Context(), store.ByStaff(a.ID), b.ID))
	for name, do := range map[string]func() error{
		"disabled": func() error { return d.DisableStaff(t.Context(), store.Program, a.ID) },
		"demoted":  func() error { return d.SetStaffRole(t.Context(), store.Program, a.ID, store.RoleViewer) },
	} {
		if err := do(); !errors.Is(err, store.ErrLastOwner) {
			t.Errorf("the last owner who can sign in is %s: %v, want ErrLastOwner", name, err)
		}
	}
	if m := must(d.StaffByID(t.Context(), a.ID)); m.Role != store.RoleOwner || !m.DisabledAt.IsZero() {
		t.Errorf("the last owner is %+v", m)
	}
}

// must2 is the error of three results.
func must2(_ store.Staff, _ string, err error) error { return err }

func TestTwoOwnersWhoDemoteEachOtherAtOnceLeaveOne(t *testing.T) {
	d := newDB(t)
	for range 50 {
		a := d.member(store.NewSecret()+"@lender.example", store.RoleOwner)
		b := d.member(store.NewSecret()+"@lender.example", store.RoleOwner)
		var wg sync.WaitGroup
		wg.Go(func() { d.SetStaffRole(t.Context(), store.ByStaff(a.ID), b.ID, store.RoleViewer) })
		wg.Go(func() { d.DisableStaff(t.Context(), store.ByStaff(b.ID), a.ID) })
		wg.Wait()
		const owners = `SELECT COUNT(*) FROM staff WHERE role = 'owner' AND disabled_at IS NULL`
		if n := d.Number(t, owners); n != 1 {
			t.Fatalf("%d owners are left, want one", n)
		}
		d.Exec(t, `UPDATE staff SET role = 'viewer'`)
	}
}

func TestWhatIsDoneToAMemberEndsTheirSessionsAndIsWrittenDown(t *testing.T) {
	d := newDB(t)
	a, b := d.member("a@lender.example", store.RoleOwner), d.member("b@lender.example", store.RoleAdmin)
	by := store.ByStaff(a.ID)
	for action, do := range map[string]func() error{
		"role set":              func() error { return d.SetStaffRole(t.Context(), by, b.ID, store.RoleViewer) },
		"staff disabled":        func() error { return d.DisableStaff(t.Context(), by, b.ID) },
		"staff enabled":         func() error { return d.EnableStaff(t.Context(), by, b.ID) },
		"sessions ended":        func() error { return d.EndStaffSessions(t.Context(), by, b.ID) },
		"second factor removed": func() error { return d.RemoveSecondFactor(t.Context(), by, b.ID, "") },
	} {
		d.session("b", "staff", b.ID)
		d.session("half", "halfway", b.ID)
		d.session("a", "staff", a.ID)
		d.ok(do())
		if n := d.Number(t, `SELECT COUNT(*) FROM sessions WHERE principal_id = $1`, b.ID); n != 0 {
			t.Errorf("%s: %d sessions live", action, n)
		}
		if n := d.Number(t, `SELECT COUNT(*) FROM sessions WHERE principal_id = $1`, a.ID); n != 1 {
			t.Errorf("%s: the colleague's session is gone", action)
		}
		if n := d.Number(t, `SELECT COUNT(*) FROM audit WHERE action = $1 AND actor = $2 AND subject = $3`, action, by, b.ID); n != 1 {
			t.Errorf("%q is written %d times, want once", action, n)
		}
	}
}

func TestTheSixthSessionEndsTheOldest(t *testing.T) {
	d := newDB(t)
	m := d.member("a@lender.example", store.RoleOwner)
	for _, hash := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		d.session(hash, "staff", m.ID)
		d.advance(time.Second)
	}
	d.session("other", "staff", "somebody else")
	all := must(d.SessionsByPrincipal(t.Context(), "staff", m.ID, noon))
	var hashes string
	for _, n := range all {
		hashes += n.TokenHash
	}
	if hashes != "76543" {
		t.Errorf("living sessions, newest first: %s, want 76543", hashes)
	}
	d.ok(d.EndOwnSession(t.Context(), "somebody else", "7"))
	d.ok(d.EndOtherSessions(t.Context(), m.ID, "7"))
	if n := d.Number(t, `SELECT COUNT(*) FROM sessions WHERE token_hash IN ('7', 'other')`); n != 2 {
		t.Error("a session was ended that is another's, or that was to stay")
	}
}

func TestALinkToChooseAPasswordWorksOnceAndInTime(t *testing.T) {
	d := newDB(t)
	first := must(d.SetupLink(t.Context(), 30*time.Minute))
	secret := must(d.SetupLink(t.Context(), 30*time.Minute))
	if _, err := d.OpenStaffLink(t.Context(), first); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link of the start before: %v, want ErrNotFound", err)
	}
	if d.contains(secret) {
		t.Error("the secret lies in the database's files")
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if d.UseStaffLink(t.Context(), secret, "Owner@Lender.example", "hash") == nil {
				made.Add(1)
			}
		})
	}
	wg.Wait()
	if n := d.Number(t, `SELECT COUNT(*) FROM staff`); made.Load() != 1 || n != 1 {
		t.Errorf("%d uses of the set-up link made %d owners, want one", made.Load(), n)
	}
	if _, err := d.SetupLink(t.Context(), time.Hour); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a set-up link although there is an owner: %v, want ErrConflict", err)
	}

	m, invited, err := d.InviteStaff(t.Context(), store.Program, store.Staff{Email: "b@lender.example", Role: store.RoleViewer}, 72*time.Hour)
	d.ok(err)
	d.advance(72*time.Hour - time.Millisecond)
	if l := must(d.OpenStaffLink(t.Context(), invited)); l.StaffID != m.ID || l.Email != "b@lender.example" {
		t.Errorf("link = %+v", l)
	}
	d.advance(time.Millisecond)
	if err := d.UseStaffLink(t.Context(), invited, "", "hash"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired link: %v, want ErrNotFound", err)
	}
	d.ok(d.ForgetStaffLinks(t.Context()))
	d.advance(-time.Hour)
	if _, err := d.OpenStaffLink(t.Context(), invited); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired link, the clock being set back: %v, want ErrNotFound", err)
	}
	again := must(d.NewStaffLink(t.Context(), store.Program, m.ID, time.Hour))
	newest := must(d.NewStaffLink(t.Context(), store.Program, m.ID, time.Hour))
	for name, secret := range map[string]string{"replaced": again, "unknown": store.NewSecret(), "empty": ""} {
		if err := d.UseStaffLink(t.Context(), secret, "", "hash"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	d.ok(d.DisableStaff(t.Context(), store.Program, m.ID))
	if err := d.UseStaffLink(t.Context(), newest, "", "hash"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link of somebody disabled: %v, want ErrNotFound", err)
	}
	d.ok(d.EnableStaff(t.Context(), store.Program, m.ID))
	d.ok(d.UseStaffLink(t.Context(), newest, "", "chosen"))
	if got := must(d.StaffByID(t.Context(), m.ID)); got.PasswordHash != "chosen" {
		t.Errorf("password hash = %q", got.PasswordHash)
	}
}

func TestACodeIsTakenOnce(t *testing.T) {
	d := newDB(t)
	m := d.member("a@lender.example", store.RoleOwner)
	d.ok(d.SetSecondFactor(t.Context(), m.ID, "", "SEED", 100, []string{"one", "two"}))
	if got := must(d.StaffByID(t.Context(), m.ID)); !got.SecondFactor {
		t.Error("the second factor is not on")
	}
	for _, row := range []struct {
		step int64
		want bool
	}{{100, false}, {99, false}, {101, true}, {101, false}, {100, false}, {103, true}} {
		if got := must(d.TakeStep(t.Context(), m.ID, row.step)); got != row.want {
			t.Errorf("step %d taken = %v, want %v", row.step, got, row.want)
		}
	}
	if must(d.TakeRecoveryCode(t.Context(), "somebody else", "one")) || !must(d.TakeRecoveryCode(t.Context(), m.ID, "one")) || must(d.TakeRecoveryCode(t.Context(), m.ID, "one")) {
		t.Error("a recovery code is not taken exactly once, by whose it is")
	}
	if n := must(d.RecoveryCodesLeft(t.Context(), m.ID)); n != 1 {
		t.Errorf("%d recovery codes are left, want 1", n)
	}
	d.ok(d.SetSecondFactor(t.Context(), m.ID, "", "OTHER", 0, []string{"three"}))
	if must(d.TakeRecoveryCode(t.Context(), m.ID, "two")) || must(d.SecondFactorSeed(t.Context(), m.ID)) != "OTHER" {
		t.Error("what was set before is still good")
	}
	d.ok(d.RemoveSecondFactor(t.Context(), store.Program, m.ID, ""))
	if _, err := d.SecondFactorSeed(t.Context(), m.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the seed after removing: %v, want ErrNotFound", err)
	}
}

// Somebody signs in with what was good when it was looked at and is not any more
// when the session begins.
func TestASignInThatWasUnderWayWhenWhatItGoesByWasChangedComesToNothing(t *testing.T) {
	d := newDB(t)
	a, b := d.member("a@lender.example", store.RoleOwner), d.member("b@lender.example", store.RoleAdmin)
	by := store.ByStaff(a.ID)
	for name, do := range map[string]func() error{
		"the password":     func() error { return d.SetStaffPassword(t.Context(), store.Program, b.ID, "new") },
		"their own, there": func() error { return d.ChangeOwnPassword(t.Context(), b.ID, "there", "newer") },
		"a second factor":  func() error { return d.SetSecondFactor(t.Context(), b.ID, "there", "SEED", 0, nil) },
		"its removal":      func() error { return d.RemoveSecondFactor(t.Context(), by, b.ID, "") },
		"the role":         func() error { return d.SetStaffRole(t.Context(), by, b.ID, store.RoleViewer) },
		"sign-in":          func() error { return d.DisableStaff(t.Context(), by, b.ID) },
		"sign-in again":    func() error { return d.EnableStaff(t.Context(), by, b.ID) },
		"everywhere else":  func() error { return d.EndOtherSessions(t.Context(), b.ID, "there") },
		"by a colleague":   func() error { return d.EndStaffSessions(t.Context(), by, b.ID) },
		"by a welcome link": func() error {
			return d.UseStaffLink(t.Context(), must(d.NewStaffLink(t.Context(), by, b.ID, time.Hour)), "", "newest")
		},
	} {
		d.ok(d.EnableStaff(t.Context(), by, b.ID))
		seen := must(d.StaffByID(t.Context(), b.ID))
		d.ok(do())
		for _, kind := range []string{"staff", "halfway"} {
			d.ok(d.SaveSession(t.Context(), store.Session{
				TokenHash: "late", Kind: kind, Principal: b.ID, Version: seen.Version, Data: "{}", CreatedAt: d.clock(), LastSeenAt: d.clock(), ExpiresAt: d.clock().Add(time.Hour),
			}))
			if n := d.Number(t, `SELECT COUNT(*) FROM sessions WHERE token_hash = 'late'`); n != 0 {
				t.Errorf("%s: a %s session begins by what was before", name, kind)
			}
		}
	}
}

func TestWhatASessionHasProvenIsAddedToAndStaysWithIt(t *testing.T) {
	d := newDB(t)
	m := d.member("a@lender.example", store.RoleViewer)
	d.session("one", "staff", m.ID)
	d.session("other", "staff", m.ID)
	proof := func(hash string) store.Proof {
		return must(d.SessionByTokenHash(t.Context(), "staff", hash, noon.Add(-time.Minute))).Proof
	}
	if p := proof("one"); !p.ConfirmedAt().IsZero() || !p.Whole(m) {
		t.Errorf("at first it has proven %+v", p)
	}
	d.ok(d.ConfirmSession(t.Context(), "one", store.Proof{Password: noon}))
	d.advance(time.Second)
	d.ok(d.SetSecondFactor(t.Context(), m.ID, "one", "SEED", 0, nil))
	d.ok(d.ChangeOwnPassword(t.Context(), m.ID, "one", "new"))
	d.ok(d.RotateSession(t.Context(), "one", "two"))
	if p := proof("two"); !p.Password.Equal(noon) || !p.ConfirmedAt().Equal(noon.Add(time.Second)) {
		t.Errorf("it has proven %+v", p)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions live, want the one in which the factor was set", n)
	}
	if p := (store.Proof{Password: noon}); p.Whole(must(d.StaffByID(t.Context(), m.ID))) {
		t.Error("a password alone is all that somebody with a second factor signs in with")
	}
	d.ok(d.RemoveSecondFactor(t.Context(), store.ByStaff(m.ID), m.ID, "two"))
	if p := proof("two"); !p.ConfirmedAt().Equal(noon) {
		t.Errorf("after the removal it has proven %+v", p)
	}
}
