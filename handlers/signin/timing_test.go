package signin

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/storetest"
)

// forms are the two at which passwords are given, with nothing around them.
type forms struct {
	*Service
	handler http.Handler
	comers  int // who each have an address of their own
}

func newForms(t testing.TB) *forms {
	t.Helper()
	set, err := settings.Load(nil, []string{"SESSION_KEY=0123456789abcdef0123456789abcdef"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.New(web.Config{Settings: set, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Site: site, Store: storetest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.POST("/login", s.Handle(s.Login))
	e.POST("/me/login", s.Handle(s.CustomerLogin))
	return &forms{Service: s, handler: e}
}

// signIn tries a password from an address of its own and returns the answer.
func (f *forms) signIn(t testing.TB, path, login, password string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{"email": {login}, "login": {login}, "password": {password}}
	req := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f.comers++
	req.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1000", f.comers>>16&255, f.comers>>8&255, f.comers&255)
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, f.InLanguage(req))
	return w
}

// countHashes counts the passwords that are hashed, one at a time, until stop.
func (f *forms) countHashes() (stop func() int) {
	real, turnstile, done, n := f.Passwords.slots, make(chan struct{}), make(chan struct{}), 0
	f.Passwords.slots = turnstile
	go func() {
		defer close(done)
		for range turnstile {
			n++
			turnstile <- struct{}{}
		}
	}()
	return func() int {
		close(turnstile)
		<-done
		f.Passwords.slots = real
		return n
	}
}

// Who is known cannot be told by the work: one password is hashed, whoever it
// is, and with the same parameters.
func TestWhoeverSignsInCostsOneHash(t *testing.T) {
	t.Parallel()
	f := newForms(t)
	ctx, hash := t.Context(), FullCost.Hash("correct horse battery")
	member := func(email string) store.Staff {
		m, err := f.store.AddStaff(ctx, store.Program, store.Staff{Email: email, PasswordHash: hash, Role: store.RoleViewer})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	member("known@lender.example")
	gone := member("gone@lender.example")
	cu, err := f.store.AddCustomer(ctx, store.Program, store.Customer{Name: "Amina", Reference: "LN-7", Phone: "+2348031001001"})
	if err == nil {
		err = f.store.SetCustomerPassword(ctx, store.OfCustomer(cu.ID), "", hash)
	}
	if err == nil {
		err = f.store.DisableStaff(ctx, store.Program, gone.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ path, login string }{
		{"/login", "known@lender.example"}, {"/login", "nobody@lender.example"}, {"/login", "gone@lender.example"}, {"/login", ""},
		{"/me/login", "LN-7"}, {"/me/login", "LN-8"}, {"/me/login", ""},
		{"/me/login", "0803 100 1001"}, {"/me/login", "0805 100 1001"},
	} {
		stop := f.countHashes()
		w := f.signIn(t, row.path, row.login, "not the password")
		if n := stop(); n != 1 || w.Code != http.StatusUnauthorized {
			t.Errorf("%s as %q: %d hashes and %d, want one and 401", row.path, row.login, n, w.Code)
		}
	}
	work := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
	if a, b := work(hash), work(f.Passwords.nobody); a != b {
		t.Errorf("a hash costs %s, nobody's %s", a, b)
	}
}

// signIns is how many sign-ins of each sort the benchmark compares.
const signIns = 200

// BenchmarkSignInTiming measures how well somebody can tell by the time of a
// refusal whether an account exists: 0.5 is not at all, 1 is always.
func BenchmarkSignInTiming(b *testing.B) {
	f := newForms(b)
	hash := FullCost.Hash("correct horse battery")
	for i := range signIns { // each is tried once, so that nobody is delayed
		if _, err := f.store.AddStaff(b.Context(), store.Program, store.Staff{Email: fmt.Sprintf("known%d@lender.example", i), PasswordHash: hash, Role: store.RoleViewer}); err != nil {
			b.Fatal(err)
		}
	}
	var area float64
	for b.Loop() {
		var took [2][]time.Duration
		for i := range 2 * signIns {
			who := i % 2
			login := fmt.Sprintf("%s%d@lender.example", []string{"known", "nobody"}[who], i/2)
			start := time.Now()
			if w := f.signIn(b, "/login", login, "not the password"); w.Code != http.StatusUnauthorized {
				b.Fatalf("sign-in %d: %d", i, w.Code)
			}
			took[who] = append(took[who], time.Since(start))
		}
		area = auc(took[0], took[1])
	}
	b.ReportMetric(area, "AUC")
	verdict := "missed"
	if area >= 0.45 && area <= 0.55 {
		verdict = "reached"
	}
	fmt.Fprintf(os.Stdout, "\n%d sign-ins with known and %d with unknown addresses: AUC %.3f, aim 0.45–0.55: %s\n\n", signIns, signIns, area, verdict)
}

// auc is the probability that one of the first took longer than one of the others.
func auc(first, others []time.Duration) float64 {
	slices.Sort(others)
	var sum int
	for _, d := range first {
		below, _ := slices.BinarySearchFunc(others, d, cmp.Compare[time.Duration])
		sum += below
	}
	return float64(sum) / float64(len(first)*len(others))
}
