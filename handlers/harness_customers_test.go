package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"balancelink/store"
)

// addCustomer adds a customer as staff do and returns the id.
func (b *browser) addCustomer(name string) string {
	b.t.Helper()
	p := b.post("/customers", url.Values{"name": {name}})
	p.wantStatus(http.StatusOK)
	id := strings.TrimPrefix(p.Path, "/customers/")
	if id == p.Path {
		b.t.Fatalf("after adding a customer at %s", p.Path)
	}
	return id
}

// customerWith adds a customer with an e-mail address and returns the id.
func (b *browser) customerWith(name, email, reference string) string {
	b.t.Helper()
	p := b.post("/customers", url.Values{"name": {name}, "email": {email}, "reference": {reference}})
	p.wantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/customers/")
}

var personalLink = regexp.MustCompile(`/connect/[\w-]{20,}`)

// invite makes a personal link as staff do and returns its path.
func (b *browser) invite(customerID string) string {
	b.t.Helper()
	p := b.post("/customers/"+customerID+"/invitations", nil)
	p.wantStatus(http.StatusOK)
	html, err := p.Html()
	if err != nil {
		b.t.Fatal(err)
	}
	link := personalLink.FindString(html)
	if link == "" {
		b.t.Fatal("the page shows no personal link")
	}
	return link
}

// consent opens a personal link, agrees, and returns the nonce of the attempt.
func (b *browser) consent(link string) string {
	b.t.Helper()
	p := b.get(link)
	p.wantStatus(http.StatusOK)
	version, _ := p.Find("input[name=consent]").Attr("value")
	p = b.post(link+"/attempts", url.Values{"consent": {version}})
	p.wantStatus(http.StatusOK)
	nonce := strings.TrimPrefix(p.Path, "/connect/attempts/")
	if nonce == p.Path {
		b.t.Fatalf("after consenting at %s", p.Path)
	}
	return nonce
}

// claims posts what the bank's window reports: it is accepted, or known already
// when a webhook was faster.
func (b *browser) claims(nonce string, success []byte) {
	b.t.Helper()
	if p := b.postJSON("/connect/attempts/"+nonce+"/success", string(success)); p.Status != http.StatusAccepted && p.Status != http.StatusOK {
		b.t.Fatalf("the claim is answered %d: %s", p.Status, p.text("body"))
	}
}

// shares shares a bank's accounts in the window of an attempt.
func (s *site) shares(b *browser, nonce, customerID, login string) {
	s.t.Helper()
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b.claims(nonce, success)
	s.eventually("the attempt is linked", func() bool {
		a, err := s.Store.AttemptByNonce(s.t.Context(), store.OfCustomer(customerID), nonce)
		return err == nil && a.State == store.AttemptLinked
	})
}

// holder is whose a sandbox log-in is.
func (s *site) holder(login string) string {
	s.t.Helper()
	for _, a := range s.Sim.Accounts() {
		if a.Login == login {
			return a.Name
		}
	}
	s.t.Fatalf("no sandbox log-in %s", login)
	return ""
}

// link takes a new customer all the way to linked accounts of a sandbox log-in.
// name has to be its holder's, or it would wait for staff.
func (s *site) link(staff *browser, name, login string) (customerID string, customer *browser) {
	s.t.Helper()
	customerID = staff.addCustomer(name)
	customer = s.browser()
	nonce := customer.consent(staff.invite(customerID))
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if success != nil {
		customer.claims(nonce, success)
	}
	s.eventually("the attempt is linked", func() bool {
		a, err := s.Store.AttemptByNonce(s.t.Context(), store.OfCustomer(customerID), nonce)
		if a.State == store.AttemptNeedsReview {
			s.t.Fatalf("%s at %s needs review: %s", name, login, a.Reason)
		}
		return err == nil && a.State == store.AttemptLinked
	})
	return customerID, customer
}

// connects takes a customer through a new personal link to a bank's accounts.
func (s *site) connects(staff *browser, customerID, login string) *browser {
	s.t.Helper()
	b := s.browser()
	s.shares(b, b.consent(staff.invite(customerID)), customerID, login)
	return b
}

func (s *site) attempt(customerID, nonce string) store.Attempt {
	s.t.Helper()
	a, err := s.Store.AttemptByNonce(s.t.Context(), store.OfCustomer(customerID), nonce)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// doubtful lets a customer of one name connect the bank of another.
func (s *site) doubtful(staff *browser, name, login string) (customerID string, customer *browser, review string) {
	s.t.Helper()
	customerID, customer = staff.addCustomer(name), s.browser()
	nonce := customer.consent(staff.invite(customerID))
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	customer.postJSON("/connect/attempts/"+nonce+"/success", string(success)).wantStatus(http.StatusAccepted)
	s.eventually("staff have to look", func() bool {
		a, err := s.Store.AttemptByNonce(s.t.Context(), store.OfCustomer(customerID), nonce)
		review = "/reviews/" + a.ID
		return err == nil && a.State == store.AttemptNeedsReview
	})
	return customerID, customer, review
}

// setPassword sets a customer's first password, which signs them in.
func (b *browser) setPassword(password string) {
	b.t.Helper()
	p := b.post("/me/password", url.Values{"password": {password}, "again": {password}})
	p.wantStatus(http.StatusOK)
}

// accounts are a customer's accounts by account number.
func (s *site) accounts(customerID string) map[string]store.Account {
	s.t.Helper()
	all, err := s.Store.AccountsByCustomer(s.t.Context(), customerID)
	if err != nil {
		s.t.Fatal(err)
	}
	by := map[string]store.Account{}
	for _, a := range all {
		by[a.NUBAN] = a
	}
	return by
}

// said saves a balance of an account as a webhook would have told it then.
func (s *site) said(a store.Account, ago time.Duration, ledger int64, available store.Amount) {
	s.t.Helper()
	err := s.Store.SaveBalance(s.t.Context(), store.Balance{
		AccountID: a.ID, Source: store.SourceWebhook, Currency: a.Currency, Ledger: ledger, Available: available, AsOf: s.clock().Add(-ago),
	})
	if err != nil {
		s.t.Fatal(err)
	}
}
