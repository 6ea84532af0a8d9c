package site

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"balancelink/store"
)

// AddCustomer adds a customer as staff do and returns the id.
func (b *Browser) AddCustomer(name string) string {
	b.T.Helper()
	p := b.Post("/customers", url.Values{"name": {name}})
	p.WantStatus(http.StatusOK)
	id := strings.TrimPrefix(p.Path, "/customers/")
	if id == p.Path {
		b.T.Fatalf("after adding a customer at %s", p.Path)
	}
	return id
}

// Customer adds a customer of that name, as the program does.
func (s *Site) Customer(name string) string {
	s.T.Helper()
	cu, err := s.Store.AddCustomer(s.T.Context(), store.Program, store.Customer{Name: name})
	if err != nil {
		s.T.Fatal(err)
	}
	return cu.ID
}

// CustomerWith adds a customer with an e-mail address and returns the id.
func (b *Browser) CustomerWith(name, email, reference string) string {
	b.T.Helper()
	return b.Customer(url.Values{"name": {name}, "email": {email}, "reference": {reference}})
}

// Customer adds a customer as the form has it and returns the id.
func (b *Browser) Customer(form url.Values) string {
	b.T.Helper()
	p := b.Post("/customers", form)
	p.WantStatus(http.StatusOK)
	return strings.TrimPrefix(p.Path, "/customers/")
}

// PersonalLink finds the path of a personal link.
var PersonalLink = regexp.MustCompile(`/connect/[\w-]{20,}`)

// Invite makes a personal link as staff do and returns its path.
func (b *Browser) Invite(customerID string) string {
	b.T.Helper()
	p := b.Post("/customers/"+customerID+"/invitations", nil)
	p.WantStatus(http.StatusOK)
	html, err := p.Html()
	if err != nil {
		b.T.Fatal(err)
	}
	link := PersonalLink.FindString(html)
	if link == "" {
		b.T.Fatal("the page shows no personal link")
	}
	return link
}

// Consent opens a personal link, agrees, and returns the nonce of the attempt.
func (b *Browser) Consent(link string) string {
	b.T.Helper()
	p := b.Get(link)
	p.WantStatus(http.StatusOK)
	version, _ := p.Find("input[name=consent]").Attr("value")
	p = b.Post(link+"/attempts", url.Values{"consent": {version}})
	p.WantStatus(http.StatusOK)
	nonce := strings.TrimPrefix(p.Path, "/connect/attempts/")
	if nonce == p.Path {
		b.T.Fatalf("after consenting at %s", p.Path)
	}
	return nonce
}

// claims posts what the bank's window reports: it is accepted, or known already
// when a webhook was faster.
func (b *Browser) claims(nonce string, success []byte) {
	b.T.Helper()
	p := b.PostJSON("/connect/attempts/"+nonce+"/success", string(success))
	if p.Status != http.StatusAccepted && p.Status != http.StatusOK {
		b.T.Fatalf("the claim is answered %d: %s", p.Status, p.TextOf("body"))
	}
}

// Shares shares a bank's accounts in the window of an attempt.
func (s *Site) Shares(b *Browser, nonce, customerID, login string) {
	s.T.Helper()
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	b.claims(nonce, success)
	s.Eventually("the attempt is linked", func() bool {
		a, err := s.Store.AttemptByNonce(s.T.Context(), store.OfCustomer(customerID), nonce)
		return err == nil && a.State == store.AttemptLinked
	})
}

// Holder is whose a sandbox log-in is.
func (s *Site) Holder(login string) string {
	s.T.Helper()
	for _, a := range s.Sim.Accounts() {
		if a.Login == login {
			return a.Name
		}
	}
	s.T.Fatalf("no sandbox log-in %s", login)
	return ""
}

// Link takes a new customer all the way to linked accounts of a sandbox log-in.
// name has to be its holder's, or it would wait for staff.
func (s *Site) Link(staff *Browser, name, login string) (customerID string, customer *Browser) {
	s.T.Helper()
	customerID = staff.AddCustomer(name)
	customer = s.Browser()
	nonce := customer.Consent(staff.Invite(customerID))
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	if success != nil {
		customer.claims(nonce, success)
	}
	s.Eventually("the attempt is linked", func() bool {
		a, err := s.Store.AttemptByNonce(s.T.Context(), store.OfCustomer(customerID), nonce)
		if a.State == store.AttemptNeedsReview {
			s.T.Fatalf("%s at %s needs review: %s", name, login, a.Reason)
		}
		return err == nil && a.State == store.AttemptLinked
	})
	return customerID, customer
}

// Connects takes a customer through a new personal link to a bank's accounts.
func (s *Site) Connects(staff *Browser, customerID, login string) *Browser {
	s.T.Helper()
	b := s.Browser()
	s.Shares(b, b.Consent(staff.Invite(customerID)), customerID, login)
	return b
}

// Attempt is what has become of a bank window.
func (s *Site) Attempt(customerID, nonce string) store.Attempt {
	s.T.Helper()
	a, err := s.Store.AttemptByNonce(s.T.Context(), store.OfCustomer(customerID), nonce)
	if err != nil {
		s.T.Fatal(err)
	}
	return a
}

// Doubtful lets a customer of one name connect the bank of another.
func (s *Site) Doubtful(staff *Browser, name, login string) (customerID string, customer *Browser, review string) {
	s.T.Helper()
	customerID, customer = staff.AddCustomer(name), s.Browser()
	nonce := customer.Consent(staff.Invite(customerID))
	success, err := s.Sim.Connect(login, nonce, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	customer.PostJSON("/connect/attempts/"+nonce+"/success", string(success)).WantStatus(http.StatusAccepted)
	s.Eventually("staff have to look", func() bool {
		a, err := s.Store.AttemptByNonce(s.T.Context(), store.OfCustomer(customerID), nonce)
		review = "/reviews/" + a.ID
		return err == nil && a.State == store.AttemptNeedsReview
	})
	return customerID, customer, review
}

// SetPassword sets a customer's first password, which signs them in.
func (b *Browser) SetPassword(password string) {
	b.T.Helper()
	p := b.Post("/me/password", url.Values{"password": {password}, "again": {password}})
	p.WantStatus(http.StatusOK)
}

// Accounts are a customer's accounts by account number.
func (s *Site) Accounts(customerID string) map[string]store.Account {
	s.T.Helper()
	all, err := s.Store.AccountsByCustomer(s.T.Context(), customerID)
	if err != nil {
		s.T.Fatal(err)
	}
	by := map[string]store.Account{}
	for _, a := range all {
		by[a.NUBAN] = a
	}
	return by
}

// History is how many balances an account has had.
func (s *Site) History(accountID string) int {
	s.T.Helper()
	all, err := s.Store.BalancesByAccount(s.T.Context(), accountID, 10_000)
	if err != nil {
		s.T.Fatal(err)
	}
	return len(all)
}

// Said saves a balance of an account as a webhook would have told it then.
func (s *Site) Said(a store.Account, ago time.Duration, ledger int64, available store.Amount) {
	s.T.Helper()
	err := s.Store.SaveBalance(s.T.Context(), store.Balance{
		AccountID: a.ID, Source: store.SourceWebhook, Currency: a.Currency, Basis: store.BasisLedger,
		Figure: ledger, Available: available, AsOf: s.Clock().Add(-ago),
	})
	if err != nil {
		s.T.Fatal(err)
	}
}
