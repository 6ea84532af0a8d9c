package worker

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"balancelink/okra"
	"balancelink/okra/okrasim"
	"balancelink/store"
)

// twins are two customers of one name, each with a bank window. The first one's
// browser reports what the other's window brought.
func twins(t *testing.T, echoes, later bool) (b *bench, thief, owner store.Attempt) {
	t.Helper()
	b = newBench(t)
	name := b.holder("Efe123")
	thief, owner = b.attempt(name), b.attempt(name)
	success := b.connect("Efe123", owner.Nonce)
	if !echoes {
		b.silent()
	}
	if !later {
		b.echo(owner, success)
	}
	b.claim(thief, success)
	b.work()
	if later {
		b.echo(owner, success)
		b.work()
	}
	b.claim(owner, success)
	b.work()
	return b, thief, owner
}

// echo receives the webhook of a link, which names the attempt.
func (b *bench) echo(a store.Attempt, success []byte) {
	b.t.Helper()
	c, err := okra.ParseClaim(success)
	b.ok(err)
	b.receive([]byte(`{"method":"AUTH","code":"AUTH_SUCCESS","status":"is_success","env":"production-sandbox","record":"` + c.Record +
		`","customerId":"` + c.Customer + `","ended_at":"` + b.clock().UTC().Format("2006-01-02T15:04:05.000Z") + `","options":{"attempt":"` + a.Nonce + `"}}`))
	b.ok(b.applyAll(b.t.Context()))
}

// silent lets records echo nothing of what the widget was given.
func (b *bench) silent() {
	mute := okrasim.Edits("silent", "options", func(o map[string]any) { delete(o, "options"); delete(o, "meta") })
	b.wire = func(sim http.Handler, w *httptest.ResponseRecorder, r *http.Request) {
		api := okrasim.Faulty{API: sim}
		api.Set(mute, "products/records/get")
		api.ServeHTTP(w, r)
	}
}

func TestOfTwoCustomersOfOneNameNobodyGetsTheOthersAccount(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		echoes, later bool
		owner         store.AttemptState
	}{
		"the record tells":                {true, true, store.AttemptLinked},
		"a webhook tells":                 {false, false, store.AttemptLinked},
		"a webhook tells when it is late": {false, true, store.AttemptLinked},
	} {
		t.Run(name, func(t *testing.T) {
			b, thief, owner := twins(t, row.echoes, row.later)
			b.wantAttempt(thief, store.AttemptNeedsReview)
			if n := len(b.accounts(thief.CustomerID)); n != 0 {
				t.Errorf("who reported another's record has %d accounts", n)
			}
			b.wantAttempt(owner, row.owner)
		})
	}
}

func TestWhatTheProviderIsSilentAboutIsBoundByTheVeryNameAlone(t *testing.T) {
	t.Parallel()
	for customer, want := range map[string]store.AttemptState{
		"Efe Oghenekaro":       store.AttemptLinked,
		"OGHENEKARO, Éfe":      store.AttemptLinked,
		"Efe James Oghenekaro": store.AttemptNeedsReview,
		"Efe Oghenekara":       store.AttemptNeedsReview,
		"Efe Oghenekaro Ltd":   store.AttemptNeedsReview,
		"E. Oghenekaro":        store.AttemptNeedsReview,
	} {
		t.Run(customer, func(t *testing.T) {
			b := newBench(t)
			b.silent()
			a := b.attempt(customer)
			b.claim(a, b.connect("Efe123", a.Nonce))
			b.work()
			b.wantAttempt(a, want)
		})
	}
}

func TestANameThatIsOnlySimilarIsForStaff(t *testing.T) {
	b := newBench(t)
	for _, customer := range []string{"Bola Adeyemo", "Bola Adeyemi Ltd", "B. Adeyemi", "Bola"} {
		a := b.attempt(customer)
		b.claim(a, b.connect("Bola123", a.Nonce))
		b.work()
		if got := b.wantAttempt(a, store.AttemptNeedsReview); got.Reason == "" || len(b.accounts(a.CustomerID)) != 0 {
			t.Errorf("%s: %q, %d accounts", customer, got.Reason, len(b.accounts(a.CustomerID)))
		}
	}
}

func TestWhatABrowserReportedFirstStaysToBeSeen(t *testing.T) {
	b := newBench(t)
	mine, other := b.attempt("Efe Oghenekaro"), b.attempt("Efe Oghenekaro")
	foreign := b.connect("Efe123", other.Nonce)
	b.claim(mine, foreign)
	first, err := b.Store.AttemptReport(t.Context(), mine.ID)
	b.ok(err)
	for _, r := range []store.Report{{State: store.AttemptClosed, Body: `{}`}, {Body: `{"x":1}`}, {State: store.AttemptFailed, Body: `{"code":1003}`}} {
		_, err := b.Store.ReportAttempt(t.Context(), mine.Nonce, r)
		b.ok(err)
	}
	b.claim(mine, b.connect("Efe123", mine.Nonce))
	kept, err := b.Store.AttemptReport(t.Context(), mine.ID)
	b.ok(err)
	if kept != first || first == "" {
		t.Errorf("the report that is kept is %q, want the first: %q", kept, first)
	}
}
