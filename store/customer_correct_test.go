package store_test

import (
	"errors"
	"testing"

	"balancelink/store"
)

// same compares nothing.
func same(l store.Link, customer store.Customer) store.Link { return l }

func (d *db) correct(c store.Customer) error {
	return d.CorrectCustomer(d.t.Context(), store.Program, c, same)
}

func TestAReferenceSignsInHoweverItsLettersAreWrittenUnlessAnotherHasItSo(t *testing.T) {
	d := newDB(t)
	ids := map[string]string{}
	for _, reference := range []string{"LN-1001", "LN-1002", "ln-1002", "Ln-1003"} {
		c := must(d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Customer", Reference: reference}))
		d.ok(d.SetCustomerPassword(t.Context(), store.OfCustomer(c.ID), "", "hash"))
		ids[reference] = c.ID
	}
	without := must(d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Without a password", Reference: "LN-1003"}))
	for login, reference := range map[string]string{
		"LN-1001": "LN-1001", "ln-1001": "LN-1001", "Ln-1001": "LN-1001", "LN-1002": "LN-1002", "ln-1002": "ln-1002",
		"Ln-1002": "", "ln-1003": "Ln-1003", "LN-1003": "Ln-1003", "": "", "LN-100": "",
	} {
		got, err := d.CustomerByLogin(t.Context(), login)
		if got.ID != ids[reference] || reference == "" && !errors.Is(err, store.ErrNotFound) || got.ID == without.ID {
			t.Errorf("%q signs in %q, %v; want %q", login, got.Reference, err, reference)
		}
	}
}

func TestTheLoginFollowsTheAddressOfWhoHasAPassword(t *testing.T) {
	d := newDB(t)
	add := func(c store.Customer) store.Customer { return must(d.AddCustomer(t.Context(), store.Program, c)) }
	amina, bola := add(store.Customer{Name: "Amina", Reference: "LN-1", Email: "amina@example.com"}), add(store.Customer{Name: "Bola", Email: "bola@example.com"})
	chidi := add(store.Customer{Name: "Chidi"})
	for _, c := range []store.Customer{amina, bola} {
		d.ok(d.SetCustomerPassword(t.Context(), store.OfCustomer(c.ID), "", "hash of "+c.Name))
	}
	logins := func(what string, want map[string]string) {
		t.Helper()
		for login, id := range want {
			got, err := d.CustomerByLogin(t.Context(), login)
			if id == "" && !errors.Is(err, store.ErrNotFound) || got.ID != id {
				t.Errorf("%s: %s signs in %q, %v; want %q", what, login, got.Name, err, id)
			}
		}
	}
	amina.Email = "Amina.Bello@example.com"
	d.ok(d.correct(amina))
	logins("a new address", map[string]string{"amina@example.com": "", "amina.bello@example.com": amina.ID, "LN-1": amina.ID})
	bola.Email = "AMINA.bello@example.com"
	d.ok(d.correct(bola))
	logins("the address of another", map[string]string{"amina.bello@example.com": amina.ID, "bola@example.com": ""})
	chidi.Email = "bola@example.com"
	d.ok(d.correct(chidi))
	logins("without a password", map[string]string{"bola@example.com": ""})
	amina.Email, amina.Name = "", "Amina B."
	d.ok(d.correct(amina))
	logins("no address", map[string]string{"amina.bello@example.com": "", "LN-1": amina.ID})
	bola.Name = "Bola B."
	d.ok(d.correct(bola))
	logins("another name only", map[string]string{"amina.bello@example.com": ""})
}

func TestACorrectionTakesNobodysReferenceAndChangesNothingElse(t *testing.T) {
	d := newDB(t)
	add := func(c store.Customer) store.Customer { return must(d.AddCustomer(t.Context(), store.Program, c)) }
	amina, bola := add(store.Customer{Name: "Amina", Reference: "LN-1"}), add(store.Customer{Name: "Bola"})
	add(store.Customer{Name: "Without a reference"})
	before := bola
	bola.Reference, bola.Name = "LN-1", "Bola B."
	if err := d.correct(bola); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a reference that is taken: %v", err)
	}
	if got := must(d.CustomerByID(t.Context(), bola.ID)); got.Name != before.Name {
		t.Errorf("it changed the name to %q", got.Name)
	}
	amina.Note = "Her own reference stays."
	d.ok(d.correct(amina))
	amina.Reference = ""
	d.ok(d.correct(amina))
	d.ok(d.correct(bola))
	if err := d.correct(store.Customer{ID: "nobody", Name: "X"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

func TestACorrectedNameIsComparedWithEveryLinkThatWaits(t *testing.T) {
	d := newDB(t)
	id := d.customer("Bolo")
	park := func(customerID, record string, accounts ...store.LinkedAccount) string {
		a := d.attempt(customerID)
		d.report(a.Nonce, claim("widget", record))
		d.ok(d.FinishLink(t.Context(), a.ID, store.Link{ProviderRecord: record, Bank: gtb, Accounts: accounts, Doubt: "Another.", Holder: "BOLA", NameMatch: store.NamesDifferent}))
		return a.ID
	}
	first, second, empty := park(id, "r1", naira("a1", "0000000001")), park(id, "r2", naira("a2", "0000000002")), park(id, "r3")
	others := park(d.customer("Bolo"), "r4", naira("a4", "0000000004"))
	again := func(l store.Link, customer store.Customer) store.Link {
		l.Holder, l.NameMatch, l.Doubt = customer.Name+" at the bank", store.NamesSame, "Corrected."
		return l
	}
	d.ok(d.CorrectCustomer(t.Context(), store.Program, store.Customer{ID: id, Name: "Bola"}, again))
	for attempt, want := range map[string]string{first: "Corrected.", second: "Corrected.", empty: "Another.", others: "Another."} {
		r := must(d.ReviewByID(t.Context(), attempt))
		if r.Reason != want || want == "Corrected." && (r.NameMatch != store.NamesSame || r.Holder != "Bola at the bank" || len(r.Accounts) != 1) {
			t.Errorf("%q, %s, %q, %d accounts; want %q", r.Reason, r.NameMatch, r.Holder, len(r.Accounts), want)
		}
	}
	d.ok(d.ApproveLink(t.Context(), store.Program, first, "It was a typo."))
	for _, a := range must(d.AttemptsByCustomer(t.Context(), store.OfCustomer(id))) {
		if a.ID == first && (a.State != store.AttemptLinked || a.NameMatch != store.NamesSame || a.Reason != "Corrected.") {
			t.Errorf("approved: %s, %s, %q", a.State, a.NameMatch, a.Reason)
		}
	}
	d.ok(d.CorrectCustomer(t.Context(), store.Program, store.Customer{ID: id, Name: "Bola", Note: "x"}, func(l store.Link, _ store.Customer) store.Link {
		t.Error("the name is the same, and was compared")
		return l
	}))
}

func TestAKindThatNobodySaysStaysWhatItIs(t *testing.T) {
	d := newDB(t)
	c := must(d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Adire Foods", Reference: "LN-1"}))

	for _, step := range []struct{ kind, want store.Kind }{
		{"", store.Person}, {store.Business, store.Business}, {"", store.Business}, {store.Person, store.Person},
	} {
		c.Kind = step.kind
		put, _, err := d.PutCustomer(t.Context(), store.Program, c, same)
		d.ok(err)
		if got := must(d.CustomerByID(t.Context(), c.ID)).Kind; got != step.want || put.Kind != step.want {
			t.Errorf("after %q: %q, answered %q, want %q", step.kind, got, put.Kind, step.want)
		}
	}
	entries := must(d.Entered(t.Context(), []store.Customer{{Name: "Adire Foods", Reference: "LN-1"}}))
	if changed := entries[0].Changed(); len(changed) != 0 {
		t.Errorf("a file without a kind changes %v", changed)
	}
}
