package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

// evaluated counts how many of so many tries, spread over an hour, are
// looked at. None is right.
func (d *db) evaluated(tries int, of func(i int) store.Throttle) (n int) {
	d.t.Helper()
	for i := range tries {
		until, err := d.BeginTry(d.t.Context(), of(i))
		if !errors.Is(err, store.ErrUnseen) {
			d.ok(err)
		}
		if err == nil && until.IsZero() {
			n++
		}
		d.advance(time.Hour / time.Duration(tries))
	}
	return n
}

// byOneOf bounds tries at a customer by one of the three logins that they have.
func byOneOf(i int, network string) store.Throttle {
	l := store.CustomerLogin([]string{"a@example.com", "LN-7", "08031001001"}[i%3])
	return store.ThrottleByCustomer(l, store.CustomerMeant("amina", l), network)
}

var loginA = store.StaffLogin("a@lender.example")

func TestOfTenThousandGuessesInAnHourFewAreEvaluated(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		of          func(i int) store.Throttle
		least, most int
	}{
		"at one login from one network":                      {func(int) store.Throttle { return store.ThrottleByNetwork(loginA, "192.0.2.0/24") }, 10, 20},
		"at one login from many networks":                    {func(i int) store.Throttle { return store.ThrottleByNetwork(loginA, fmt.Sprint(i)) }, 30, 40},
		"at one login on one device":                         {func(int) store.Throttle { return store.ThrottleByDevice(loginA, "a device") }, 10, 20},
		"at one customer from one network by three logins":   {func(i int) store.Throttle { return byOneOf(i, "192.0.2.0/24") }, 10, 20},
		"at one customer from many networks by three logins": {func(i int) store.Throttle { return byOneOf(i, fmt.Sprint(i)) }, 30, 40},
		"in one session":                                     {func(int) store.Throttle { return store.ThrottleByPerson("somebody") }, 10, 20},
		"at many logins from one network": {func(i int) store.Throttle {
			return store.ThrottleByNetwork(store.StaffLogin(fmt.Sprint(i)), "192.0.2.0/24")
		}, 500, 600},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			if n := d.evaluated(10_000, tt.of); n > tt.most || n < tt.least {
				t.Errorf("%d tries were evaluated, want %d to %d", n, tt.least, tt.most)
			}
		})
	}
}

func TestOneNetworkAloneLeavesALoginToOthers(t *testing.T) {
	d := newDB(t)
	for i := range 24 * 60 {
		must(d.BeginTry(t.Context(), store.ThrottleByNetwork(loginA, "192.0.2.0/24")))
		d.advance(time.Minute)
		if i%20 > 0 {
			continue
		}
		g := store.ThrottleByNetwork(loginA, fmt.Sprint("elsewhere ", i))
		if until := must(d.BeginTry(t.Context(), g)); !until.IsZero() {
			t.Fatalf("in minute %d others wait until %v", i, until)
		}
		d.ok(d.EndTry(t.Context(), g, true))
	}
}

func TestOneNetworkAloneLeavesACustomerToOthersByWhicheverLogin(t *testing.T) {
	d := newDB(t)
	for i := range 24 * 60 {
		if _, err := d.BeginTry(t.Context(), byOneOf(i, "192.0.2.0/24")); !errors.Is(err, store.ErrUnseen) {
			d.ok(err)
		}
		d.advance(time.Minute)
		if i%20 > 0 {
			continue
		}
		g := byOneOf(i/20, fmt.Sprint("elsewhere ", i))
		if until, err := d.BeginTry(t.Context(), g); err != nil || !until.IsZero() {
			t.Fatalf("in minute %d others wait until %v, %v", i, until, err)
		}
		d.ok(d.EndTry(t.Context(), g, true))
	}
}

// Whoever guesses at two logins is told of each what they would be told if it were nobody's.
func TestNobodyIsToldThatTwoLoginsAreOneCustomers(t *testing.T) {
	d := newDB(t)
	nobodys := func(i int) store.Throttle {
		l := store.CustomerLogin([]string{"b@example.com", "LN-8", "08051001001"}[i%3])
		return store.ThrottleByCustomer(l, store.CustomerMeant("", l), "198.51.100.0/24")
	}
	unseen := 0
	for i := range 300 {
		is, err := d.BeginTry(t.Context(), byOneOf(i, "192.0.2.0/24"))
		if errors.Is(err, store.ErrUnseen) {
			unseen++
		} else {
			d.ok(err)
		}
		if want := must(d.BeginTry(t.Context(), nobodys(i))); !is.Equal(want) {
			t.Fatalf("try %d: a customer's waits until %v, nobody's until %v", i, is, want)
		}
		d.advance(time.Duration(i%7) * time.Second)
	}
	if unseen == 0 {
		t.Error("all were looked at: this shows nothing")
	}
}

func TestWhoSignsInByOneLoginBeginsAnewByAllOfTheirs(t *testing.T) {
	d := newDB(t)
	for i := range 4 {
		must(d.BeginTry(t.Context(), byOneOf(i, "192.0.2.0/24")))
	}
	must(d.BeginTry(t.Context(), byOneOf(0, "192.0.2.0/24")))
	if _, err := d.BeginTry(t.Context(), byOneOf(1, "192.0.2.0/24")); !errors.Is(err, store.ErrUnseen) {
		t.Fatalf("the sixth try: %v", err)
	}
	d.advance(time.Minute)
	must(d.BeginTry(t.Context(), byOneOf(2, "192.0.2.0/24")))
	d.ok(d.EndTry(t.Context(), byOneOf(2, "192.0.2.0/24"), true))
	for i := range 4 {
		must(d.BeginTry(t.Context(), byOneOf(i, "192.0.2.0/24")))
	}
}

func TestALoginIsOneHoweverItIsTyped(t *testing.T) {
	for _, typed := range []string{"A@Lender.Example", " a@lender.example\t", "A@LENDER.EXAMPLE"} {
		if store.StaffLogin(typed) != loginA {
			t.Errorf("%q is another login", typed)
		}
	}
	if store.CustomerLogin("a@lender.example") == loginA {
		t.Error("the customer of that name is the member of staff")
	}
	for _, typed := range []string{"+2348031001001", "2348031001001", "+234 (0) 803-100-1001", "00234 803 100 1001", " 803 100 1001 "} {
		if store.CustomerLogin(typed) != store.CustomerLogin("08031001001") || store.CodeLogin(typed) != store.CodeLogin("08031001001") {
			t.Errorf("%q is another login", typed)
		}
	}
}

func TestALinkForANewPasswordForgivesItsLoginEverywhere(t *testing.T) {
	d := newDB(t)
	m := d.member("a@lender.example", store.RoleOwner)
	for i := range 30 {
		must(d.BeginTry(t.Context(), store.ThrottleByNetwork(loginA, fmt.Sprint(i%10))))
		must(d.BeginTry(t.Context(), store.ThrottleByDevice(loginA, "a device")))
	}
	other := store.ThrottleByNetwork(store.StaffLogin("b@lender.example"), "1")
	must(d.BeginTry(t.Context(), other))
	if until := must(d.BeginTry(t.Context(), store.ThrottleByNetwork(loginA, "new"))); until.IsZero() {
		t.Fatal("nobody is delayed")
	}
	d.ok(d.UseStaffLink(t.Context(), must(d.NewStaffLink(t.Context(), store.Program, m.ID, time.Hour)), "", "hash"))
	if until := must(d.BeginTry(t.Context(), store.ThrottleByNetwork(loginA, "1"))); !until.IsZero() {
		t.Errorf("with the new password they wait until %v", until)
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject LIKE 'source:%'`); n != 2 {
		t.Errorf("%d sources of guesses are kept, want theirs and the other login's", n)
	}
}

func TestARestartDoesNotForgetGuesses(t *testing.T) {
	d := newDB(t)
	g := store.ThrottleByNetwork(loginA, "192.0.2.1")
	d.evaluated(1000, func(int) store.Throttle { return g })
	before := must(d.BeginTry(t.Context(), g))
	d.reopen()
	if after := must(d.BeginTry(t.Context(), g)); !after.Equal(before) || after.IsZero() {
		t.Errorf("after the restart one may guess at %v, before it was %v", after, before)
	}
}

func TestManyGuessesAtOnceAreNoWayAroundTheDelay(t *testing.T) {
	d := newDB(t)
	var evaluated atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if until, err := d.BeginTry(t.Context(), store.ThrottleByNetwork(loginA, "192.0.2.1")); err == nil && until.IsZero() {
				evaluated.Add(1)
			}
		})
	}
	wg.Wait()
	if n := evaluated.Load(); n != 5 {
		t.Errorf("%d of 100 tries at once were evaluated, want 5", n)
	}
}

func TestOnlyACompleteSignInClearsItsSourceAndNothingThatIsShared(t *testing.T) {
	d := newDB(t)
	g := store.ThrottleByNetwork(loginA, "192.0.2.0/24")
	for range 4 {
		must(d.BeginTry(t.Context(), g))
	}
	number := func(kind string) int {
		return d.Number(t, `SELECT COALESCE(SUM(number), 0) FROM guesses WHERE subject LIKE $1`, kind+":%")
	}
	want := func(when string, source, login, network int) {
		t.Helper()
		if s, l, n := number("source"), number("login"), number("network"); s != source || l != login || n != network {
			t.Errorf("%s: %d wrong guesses of the source, %d at the login, %d from the network, want %d, %d and %d", when, s, l, n, source, login, network)
		}
	}
	must(d.BeginTry(t.Context(), g))
	d.ok(d.EndTry(t.Context(), g, false))
	want("after a right password, a code still being asked", 4, 4, 4)
	must(d.BeginTry(t.Context(), g))
	d.ok(d.EndTry(t.Context(), g, true))
	want("after the sign-in", 0, 4, 4)
}

func TestWhatIsKeptOfGuessesIsBounded(t *testing.T) {
	storetest.Long(t)
	d := newDB(t)
	for _, kind := range []string{"login:", "source:", "network:", "person:"} {
		d.Exec(t, `
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50500)
			INSERT INTO guesses (subject, number, last_at) SELECT $1 || i, 1, $2 FROM n`, kind, noon.UnixMilli())
	}
	d.advance(time.Second)
	g := store.ThrottleByNetwork(loginA, "192.0.2.0/24")
	must(d.BeginTry(t.Context(), g))
	must(d.BeginTry(t.Context(), store.ThrottleByPerson("somebody")))
	for _, kind := range []string{"login:", "source:", "network:"} {
		if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE subject LIKE $1`, kind+"%"); n != 50_000 {
			t.Errorf("%d subjects are kept of %s, want 50,000", n, kind)
		}
	}
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses WHERE last_at > $1`, noon.UnixMilli()); n != 4 {
		t.Errorf("%d of the newest are among them, want all", n)
	}
	d.advance(25 * time.Hour)
	must(d.BeginTry(t.Context(), g))
	if n := d.Number(t, `SELECT COUNT(*) FROM guesses`); n != 3 {
		t.Errorf("%d subjects are kept after a day, want 3", n)
	}
}

func TestAClockThatWasSetBackLocksNobodyOut(t *testing.T) {
	d := newDB(t)
	g := store.ThrottleByNetwork(loginA, "192.0.2.1")
	d.evaluated(1000, func(int) store.Throttle { return g })
	d.advance(-1000 * time.Hour)
	if until := must(d.BeginTry(t.Context(), g)); !until.IsZero() {
		t.Errorf("one may guess at %v, it is %v", until, d.clock())
	}
}

func TestWhoIsErasedLeavesNoGuesses(t *testing.T) {
	d := newDB(t)
	cu := must(d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina", Email: "a@example.com", Reference: "LN-7", Phone: "+2348031001001"}))
	for _, l := range []string{"A@example.com", "LN-7", "0803 100 1001"} {
		login := store.CustomerLogin(l)
		for _, id := range []string{"", cu.ID} { // before they were a customer, and since
			must(d.BeginTry(t.Context(), store.ThrottleByCustomer(login, store.CustomerMeant(id, login), "192.0.2.0/24")))
		}
		must(d.BeginTry(t.Context(), store.ThrottleByDevice(store.CustomerMeant(cu.ID, login), "a device")))
		must(d.BeginTry(t.Context(), store.ThrottleByNetwork(store.CodeLogin(l), "192.0.2.0/24")))
		must(d.BeginTry(t.Context(), store.ThrottleByDevice(store.CustomerLogin(l), "a device")))
	}
	must(d.BeginTry(t.Context(), store.ThrottleByPerson(cu.ID)))
	d.ok(d.Erase(t.Context(), store.Program, cu.ID, "asked"))
	if left := d.Texts(t, `SELECT subject FROM guesses`); len(left) != 1 || left[0] != "network:192.0.2.0/24" {
		t.Errorf("left of them is %q", left)
	}
}
