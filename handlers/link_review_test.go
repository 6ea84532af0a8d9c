package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// Mallory sends the link made for him to Bola, who signs in at her bank with it.
func TestSomebodyLuredIntoAnothersLinkConnectsNothing(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	link := staff.Invite(staff.AddCustomer("Mallory Danjuma"))
	s.Browser().Get(link).WantText("main", "This page is for Mallory Danjuma")
	id, mallory, review := s.Doubtful(staff, "Mallory Danjuma", "Bola123")
	if n := len(s.Accounts(id)); n != 0 {
		t.Fatalf("%d accounts were bound", n)
	}
	p := mallory.Get("/me")
	p.WantText("main", "being checked by Lender Ltd")
	if text := p.TextOf("main"); strings.Contains(text, "0301") || strings.Contains(strings.ToUpper(text), "BOLA") || strings.Contains(text, "86,450") {
		t.Errorf("Mallory reads %q", text)
	}
	p = staff.Get(review)
	p.WantText("h1", "Is this account Mallory Danjuma’s?")
	p.WantText("main", "BOLA ADEYEMI")
	p.WantText("main", "••••0301")
	if strings.Contains(p.TextOf("main"), "1100200301") {
		t.Error("the whole account number is shown")
	}
	staff.Get("/").WantText("main", "1 waiting for review")
	staff.Get("/reviews").WantText("tbody", "BOLA ADEYEMI")
	p = staff.Get("/customers/" + id)
	p.WantText("#timeline", "Decide")
	p.WantText(".next", "Access Bank waits for review: is it Mallory Danjuma's?")
	p.WantText("#next", "Decide")
	p.WantText(".empty", "A connection waits for review")
	if strings.Contains(p.TextOf("main"), "No bank connected yet") || p.Find(".empty .button-primary").Length() > 0 {
		t.Errorf("a customer who waits for review is sent another link: %q", p.TextOf(".empty"))
	}
	if p := mallory.Get("/me"); strings.Contains(p.TextOf("main"), "No bank connected yet") || p.Find(".empty .button-primary").Length() > 0 {
		t.Errorf("a customer who waits for review is told to connect: %q", p.TextOf(".empty"))
	}
}

// A customer without an account is told of what is under way, not to begin anew.
func TestWhoHasALinkOrAConnectionUnderWayIsNotSentAnother(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id := staff.AddCustomer(s.Holder("Amina123"))
	staff.Get("/customers/"+id).WantText(".empty", "No bank connected yet")
	link := staff.Invite(id)
	staff.Get("/customers/"+id).WantText(".empty", "A personal link is open.")
	nonce := s.Browser().Consent(link)
	s.Outage("down") // nobody confirms it
	claim := store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "5f0000000000000000000001"}
	if _, err := s.Store.ReportAttempt(t.Context(), nonce, claim); err != nil {
		t.Fatal(err)
	}
	staff.Get("/customers/"+id).WantText(".empty", "A connection is being confirmed")
}

func TestStaffDecideAboutADoubtfulLinkAndTheCustomerReadsTheOutcome(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	reason := url.Values{"reason": {"She called from her own number."}}

	id, customer, review := s.Doubtful(staff, "Tope Bakare", "Bola123")
	p := staff.Post(review+"/approve", url.Values{"reason": {"  "}})
	p.WantStatus(http.StatusUnprocessableEntity)
	p.WantText("#approve-reason-error", "Enter a reason")
	p = staff.Post(review+"/approve", reason)
	p.WantStatus(http.StatusOK)
	p.WantText("h1", "Links to review")
	customer.Get("/me").WantText("main", "₦86,450.00")
	staff.Post(review+"/refuse", reason).WantStatus(http.StatusConflict)
	staff.Get(review).WantStatus(http.StatusConflict)
	staff.Get("/customers/"+id).WantText("#timeline", "Decided: She called from her own number.")

	id, customer, review = s.Doubtful(staff, "Tope Balogun", "Funke123")
	staff.Post(review+"/refuse", url.Values{"reason": {"Not hers."}}).WantStatus(http.StatusOK)
	p = customer.Get("/me")
	p.WantText("main", "could not accept")
	if strings.Contains(p.TextOf("main"), "Not hers") {
		t.Error("the customer reads what staff wrote for themselves")
	}
	if n := len(s.Accounts(id)); n != 0 {
		t.Errorf("%d accounts were bound", n)
	}
}

func TestAnAccountThatSomebodyHasIsNotGivenAway(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	owner, _ := s.Link(staff, "Bola Adeyemi", "Bola123")
	reason := url.Values{"reason": {"They say so."}}
	id, _, review := s.Doubtful(staff, "Bola Adeyemi", "Bola123")
	p := staff.Get(review)
	p.WantText("section[aria-labelledby=held]", "Bola Adeyemi has it linked. Unlink it there before you approve.")
	p = staff.Post(review+"/approve", reason)
	p.WantStatus(http.StatusConflict)
	p.WantText("#approve-reason-error", "Unlink it there first")
	staff.Post("/accounts/"+s.Accounts(owner)["1100200301"].ID+"/unlink", nil).WantStatus(http.StatusOK)
	staff.Post(review+"/approve", reason).WantStatus(http.StatusOK)
	if a := s.Accounts(id)["1100200301"]; a.Status != store.AccountLinked {
		t.Errorf("the account is %q", a.Status)
	}
}
