package store_test

import (
	"errors"
	"testing"
	"time"

	"balancelink/store"
)

// reports are what can be told of an attempt whose claim, if any, is of record r1.
var reports = map[string]store.Report{
	"success":         claim("widget", "r1"),
	"another success": claim("widget", "forged"),
	"webhook":         claim("webhook", "r1"),
	"another webhook": claim("webhook", "r2"),
	"close":           {State: store.AttemptClosed, ClaimedBy: "widget"},
	"error":           {State: store.AttemptFailed, Reason: "the bank was closed"},
	"nonsense":        {Body: `{}`},
}

// in brings a new attempt of a customer into a state.
func (d *db) in(state store.AttemptState, customerID, record string) store.Attempt {
	d.t.Helper()
	a := d.attempt(customerID)
	switch state {
	case store.AttemptOpen:
	case store.AttemptClosed, store.AttemptFailed:
		d.report(a.Nonce, store.Report{State: state})
	default:
		d.report(a.Nonce, claim("widget", record))
	}
	switch state {
	case store.AttemptLinked:
		d.ok(d.FinishLink(d.t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb}))
	case store.AttemptNeedsReview:
		d.ok(d.EndAttempt(d.t.Context(), d.state(a).Claim(), state, "look at it"))
	}
	return a
}

func TestWhatAReportMakesOfAnAttempt(t *testing.T) {
	const open, claimed, closed, failed, linked, review = store.AttemptOpen, store.AttemptClaimed, store.AttemptClosed, store.AttemptFailed, store.AttemptLinked, store.AttemptNeedsReview
	d := newDB(t)
	for _, row := range []struct {
		from    store.AttemptState
		expired bool
		report  string
		want    store.AttemptState
		record  string // "-": the one it had
	}{
		{open, false, "success", claimed, "r1"},
		{open, false, "webhook", claimed, "r1"},
		{open, false, "close", closed, "-"},
		{open, false, "error", failed, "-"},
		{open, false, "nonsense", open, "-"},
		{claimed, false, "success", claimed, "-"},
		{claimed, false, "another success", claimed, "-"},
		{claimed, false, "another webhook", claimed, "r2"},
		{claimed, false, "close", claimed, "-"},
		{claimed, false, "error", claimed, "-"},
		{claimed, false, "nonsense", claimed, "-"},
		{closed, false, "success", claimed, "r1"},
		{closed, false, "webhook", claimed, "r1"},
		{closed, false, "error", closed, "-"},
		{closed, false, "nonsense", closed, "-"},
		{failed, false, "success", claimed, "r1"},
		{failed, false, "webhook", claimed, "r1"},
		{failed, false, "close", failed, "-"},
		{linked, false, "success", linked, "-"},
		{linked, false, "another webhook", linked, "-"},
		{linked, false, "close", linked, "-"},
		{linked, false, "error", linked, "-"},
		{linked, false, "nonsense", linked, "-"},
		{review, false, "success", review, "-"},
		{review, false, "another webhook", review, "-"},
		{review, false, "close", review, "-"},
		{open, true, "success", open, "-"},
		{open, true, "webhook", claimed, "r1"},
		{open, true, "close", closed, "-"},
		{closed, true, "success", closed, "-"},
		{closed, true, "webhook", claimed, "r1"},
		{failed, true, "success", failed, "-"},
	} {
		name := string(row.from) + ", then " + row.report
		if row.expired {
			name = "expired, " + name
		}
		t.Run(name, func(t *testing.T) {
			id := d.customer(name)
			before := d.in(row.from, id, "had by "+name)
			before, err := d.AttemptByNonce(t.Context(), store.OfCustomer(id), before.Nonce)
			d.ok(err)
			if row.expired {
				d.advance(30 * time.Minute)
			}
			got := d.report(before.Nonce, reports[row.report])
			want := row.record
			if want == "-" {
				want = before.ProviderRecord
			}
			if got.State != row.want || got.ProviderRecord != want {
				t.Errorf("got %s with record %q, want %s with %q", got.State, got.ProviderRecord, row.want, want)
			}
			if ended := row.want == closed || row.want == failed || row.want == linked || row.want == review; ended != !got.EndedAt.IsZero() {
				t.Errorf("a %s attempt has ended at %v", got.State, got.EndedAt)
			}
		})
	}
}

func TestAReportThatDoesNotCountIsStillKept(t *testing.T) {
	d := newDB(t)
	a := d.in(store.AttemptLinked, d.customer("Amina"), "r1")
	got := d.report(a.Nonce, store.Report{State: store.AttemptFailed, Body: `{"code":1}`})
	if report := d.ReportOf(t, a.ID); report != `{"code":1}` || !got.ReportedAt.Equal(noon) {
		t.Errorf("report = %q at %v", report, got.ReportedAt)
	}
}

func TestAConfirmationIsDueAtOnceThenWhenItWasPutOffTo(t *testing.T) {
	d := newDB(t)
	a := d.state(d.in(store.AttemptClaimed, d.customer("Amina"), "r1"))
	due := func() int {
		all, err := d.DueAttempts(t.Context(), "okra", 10)
		d.ok(err)
		return len(all)
	}
	if due() != 1 {
		t.Fatal("a claimed attempt is not due")
	}
	d.ok(d.RetryAttempt(t.Context(), a.Claim(), noon.Add(time.Minute), "unreachable", "the provider is down"))
	if due() != 0 {
		t.Error("it is due although it was put off")
	}
	d.advance(time.Minute)
	if due() != 1 {
		t.Error("it is not due when its time has come")
	}
	d.ok(d.EndAttempt(t.Context(), a.Claim(), store.AttemptFailed, "unknown"))
	if due() != 0 {
		t.Error("it is due although it has ended")
	}
}

func TestAnotherCustomersAttemptOrAccountIsNotFound(t *testing.T) {
	d := newDB(t)
	a, other := d.linked("Amina"), d.customer("Mallory")
	attempt := d.attempt(a.CustomerID)
	i, _, err := d.AddInvitation(t.Context(), store.Program, a.CustomerID, "", time.Hour)
	d.ok(err)
	for name, ask := range map[string]func(customerID string) error{
		"attempt": func(id string) error {
			_, err := d.AttemptByNonce(t.Context(), store.OfCustomer(id), attempt.Nonce)
			return err
		},
		"account":    func(id string) error { _, err := d.AccountWithin(t.Context(), store.OfCustomer(id), a.ID); return err },
		"invitation": func(id string) error { return d.RevokeInvitation(t.Context(), store.Program, id, i.ID) },
		"consent": func(id string) error {
			_, err := d.ConsentInForce(t.Context(), store.OfCustomer(id), "1", "balance")
			return err
		},
	} {
		for _, stranger := range []string{other, "", "%", "nobody"} {
			if err := ask(stranger); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s for %q: %v, want ErrNotFound", name, stranger, err)
			}
		}
		if err := ask(a.CustomerID); err != nil {
			t.Errorf("%s for its own customer: %v", name, err)
		}
	}
	for name, n := range map[string]int{
		"accounts by record": len(must(d.AccountsByRecord(t.Context(), store.OfCustomer(other), a.ProviderRecord))),
		"cards":              len(must(d.CardsByCustomer(t.Context(), store.OfCustomer(other)))),
		"attempts":           len(must(d.AttemptsByCustomer(t.Context(), store.OfCustomer(other)))),
		"consents":           len(must(d.ConsentsByCustomer(t.Context(), store.OfCustomer(other)))),
	} {
		if n != 0 {
			t.Errorf("%d %s of another customer", n, name)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A page is made once for an attempt, and what came back from it is exchanged once.
func TestAnAttemptWaitsForItsPageAndThenForWhatItsCodeStandsFor(t *testing.T) {
	d := newDB(t)
	ctx := t.Context()
	a := d.in(store.AttemptOpen, d.customer("Amina Bello"), "")
	due := func() int { return len(must(d.AttemptsToOpen(ctx, a.Provider, 10))) }
	if due() != 1 || len(must(d.AttemptsToOpen(ctx, "another", 10))) != 0 {
		t.Fatal("it does not wait for a page of its provider's alone")
	}
	d.ok(d.RetryPage(ctx, a.ID, d.time.Now().Add(time.Minute), "unreachable", "nobody answers"))
	if due() != 0 {
		t.Error("it is due before its pause is over")
	}
	d.advance(time.Minute)
	if due() != 1 {
		t.Error("it is not due when its pause is over")
	}
	d.ok(d.KeepPage(ctx, a.ID, "https://pages.example/AL1"))
	if due() != 0 {
		t.Error("it is due again although it has its page")
	}
	a = must(d.ReportAttempt(ctx, a.Nonce, store.Report{State: store.AttemptClaimed, ClaimedBy: "return", Code: "code_1"}))
	if a.State != store.AttemptClaimed || a.Code != "code_1" || a.Page != "https://pages.example/AL1" {
		t.Errorf("after the return it is %s with the code %q and the page %q", a.State, a.Code, a.Page)
	}
	d.ok(d.NameRecord(ctx, a.ID, "rec-1"))
	d.ok(d.NameRecord(ctx, a.ID, "rec-2"))
	if a = d.state(a); a.ProviderRecord != "rec-1" || a.Code != "" {
		t.Errorf("after the exchange it has the record %q and the code %q", a.ProviderRecord, a.Code)
	}
}
