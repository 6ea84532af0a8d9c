package handlers_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/signin"
	"balancelink/store"
)

// signIn tries a password from an address of its own and returns the answer.
func (p *principals) signIn(t testing.TB, path, login, password string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{"email": {login}, "login": {login}, "password": {password}}
	req := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	n := p.comers.Add(1)
	req.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1000", n>>16&255, n>>8&255, n&255)
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, req)
	return w
}

// Who is known cannot be told by the work: one password is hashed, whoever it
// is, and with the same parameters.
func TestWhoeverSignsInCostsOneHash(t *testing.T) {
	p := newPrincipals(t)
	ctx, hash := t.Context(), signin.FullCost.Hash("correct horse battery")
	member := func(email string) store.Staff {
		m, err := p.store.AddStaff(ctx, store.Program, store.Staff{Email: email, PasswordHash: hash, Role: store.RoleViewer})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	member("known@lender.example")
	gone := member("gone@lender.example")
	cu, err := p.store.AddCustomer(ctx, store.Program, store.Customer{Name: "Amina", Reference: "LN-7"})
	if err == nil {
		err = p.store.SetCustomerPassword(ctx, store.OfCustomer(cu.ID), "", hash)
	}
	if err == nil {
		err = p.store.DisableStaff(ctx, store.Program, gone.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ path, login string }{
		{"/login", "known@lender.example"}, {"/login", "nobody@lender.example"}, {"/login", "gone@lender.example"}, {"/login", ""},
		{"/me/login", "LN-7"}, {"/me/login", "LN-8"}, {"/me/login", ""},
	} {
		stop := p.server.CountHashes()
		w := p.signIn(t, row.path, row.login, "not the password")
		if n := stop(); n != 1 || w.Code != http.StatusUnauthorized {
			t.Errorf("%s as %q: %d hashes and %d, want one and 401", row.path, row.login, n, w.Code)
		}
	}
	work := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
	if a, b := work(hash), work(p.server.NobodysHash()); a != b {
		t.Errorf("a hash costs %s, nobody's %s", a, b)
	}
}

// signIns is how many sign-ins of each sort the benchmark compares.
const signIns = 200

// BenchmarkSignInTiming measures how well somebody can tell by the time of a
// refusal whether an account exists: 0.5 is not at all, 1 is always.
func BenchmarkSignInTiming(b *testing.B) {
	p := newPrincipalsHere(b)
	hash := signin.FullCost.Hash("correct horse battery")
	for i := range signIns { // each is tried once, so that nobody is delayed
		if _, err := p.store.AddStaff(b.Context(), store.Program, store.Staff{Email: fmt.Sprintf("known%d@lender.example", i), PasswordHash: hash, Role: store.RoleViewer}); err != nil {
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
			if w := p.signIn(b, "/login", login, "not the password"); w.Code != http.StatusUnauthorized {
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
