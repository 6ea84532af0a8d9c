package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"balancelink/store"
)

// Mallory sends the link made for him to Bola, who signs in at her bank with it.
func TestSomebodyLuredIntoAnothersLinkConnectsNothing(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	link := staff.invite(staff.addCustomer("Mallory Danjuma"))
	s.browser().get(link).wantText("main", "This page is for Mallory Danjuma")
	id, mallory, review := s.doubtful(staff, "Mallory Danjuma", "Bola123")
	if n := len(s.accounts(id)); n != 0 {
		t.Fatalf("%d accounts were bound", n)
	}
	p := mallory.get("/me")
	p.wantText("main", "being checked by Lender Ltd")
	if text := p.text("main"); strings.Contains(text, "0301") || strings.Contains(strings.ToUpper(text), "BOLA") || strings.Contains(text, "86,450") {
		t.Errorf("Mallory reads %q", text)
	}
	p = staff.get(review)
	p.wantText("h1", "Is this account Mallory Danjuma’s?")
	p.wantText("main", "BOLA ADEYEMI")
	p.wantText("main", "••••0301")
	if strings.Contains(p.text("main"), "1100200301") {
		t.Error("the whole account number is shown")
	}
	staff.get("/").wantText("main", "1 waiting for review")
	staff.get("/reviews").wantText("tbody", "BOLA ADEYEMI")
	p = staff.get("/customers/" + id)
	p.wantText("section[aria-labelledby=attempts]", "Decide")
	p.wantText("main > .notice", "Access Bank waits for review: is it Mallory Danjuma's? Decide")
	p.wantText(".empty", "A connection waits for review")
	if strings.Contains(p.text("main"), "No bank connected yet") || p.Find(".empty .button-primary").Length() > 0 {
		t.Errorf("a customer who waits for review is sent another link: %q", p.text(".empty"))
	}
	if p := mallory.get("/me"); strings.Contains(p.text("main"), "No bank connected yet") || p.Find(".empty .button-primary").Length() > 0 {
		t.Errorf("a customer who waits for review is told to connect: %q", p.text(".empty"))
	}
}

// A customer without an account is told of what is under way, not to begin anew.
func TestWhoHasALinkOrAConnectionUnderWayIsNotSentAnother(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	id := staff.addCustomer(s.holder("Amina123"))
	staff.get("/customers/"+id).wantText(".empty", "No bank connected yet")
	link := staff.invite(id)
	staff.get("/customers/"+id).wantText(".empty", "A personal link is open.")
	s.outage("down") // nobody confirms it
	claim := store.Report{State: store.AttemptClaimed, ClaimedBy: "widget", ProviderRecord: "5f0000000000000000000001"}
	if _, err := s.Store.ReportAttempt(t.Context(), s.browser().consent(link), claim); err != nil {
		t.Fatal(err)
	}
	staff.get("/customers/"+id).wantText(".empty", "A connection is being confirmed")
}

func TestStaffDecideAboutADoubtfulLinkAndTheCustomerReadsTheOutcome(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	reason := url.Values{"reason": {"She called from her own number."}}

	id, customer, review := s.doubtful(staff, "Tope Bakare", "Bola123")
	p := staff.post(review+"/approve", url.Values{"reason": {"  "}})
	p.wantStatus(http.StatusUnprocessableEntity)
	p.wantText("#approve-reason-error", "Enter a reason")
	p = staff.post(review+"/approve", reason)
	p.wantStatus(http.StatusOK)
	p.wantText("h1", "Links to review")
	customer.get("/me").wantText("main", "₦86,450.00")
	staff.post(review+"/refuse", reason).wantStatus(http.StatusConflict)
	staff.get(review).wantStatus(http.StatusConflict)
	staff.get("/customers/"+id).wantText("section[aria-labelledby=attempts]", "Decided: She called from her own number.")

	id, customer, review = s.doubtful(staff, "Tope Balogun", "Funke123")
	staff.post(review+"/refuse", url.Values{"reason": {"Not hers."}}).wantStatus(http.StatusOK)
	p = customer.get("/me")
	p.wantText("main", "could not accept")
	if strings.Contains(p.text("main"), "Not hers") {
		t.Error("the customer reads what staff wrote for themselves")
	}
	if n := len(s.accounts(id)); n != 0 {
		t.Errorf("%d accounts were bound", n)
	}
}

func TestAnAccountThatSomebodyHasIsNotGivenAway(t *testing.T) {
	s := newSite(t)
	staff := s.signedIn()
	owner, _ := s.link(staff, "Bola Adeyemi", "Bola123")
	reason := url.Values{"reason": {"They say so."}}
	id, _, review := s.doubtful(staff, "Bola Adeyemi", "Bola123")
	p := staff.get(review)
	p.wantText("section[aria-labelledby=held]", "Bola Adeyemi has it linked. Unlink it there before you approve.")
	p = staff.post(review+"/approve", reason)
	p.wantStatus(http.StatusConflict)
	p.wantText("#approve-reason-error", "Unlink it there first")
	staff.post("/accounts/"+s.accounts(owner)["1100200301"].ID+"/unlink", nil).wantStatus(http.StatusOK)
	staff.post(review+"/approve", reason).wantStatus(http.StatusOK)
	if a := s.accounts(id)["1100200301"]; a.Status != store.AccountLinked {
		t.Errorf("the account is %q", a.Status)
	}
}
