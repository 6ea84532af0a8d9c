package monosim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A link is one hosted page on which a person signs in to their bank.
type link struct {
	Code     string // the last part of its address
	Made     time.Time
	Ref      string
	Redirect string
	Customer string
	Bank     *bank    // to sign in at; nil: the person chooses
	Number   string   // of the account that is asked for; empty: none is
	Account  *account // to sign in to again; nil: a new link
	Used     bool

	// How far the person has come.
	at     *bank
	found  []*holding // of whoever has logged in
	passed bool       // the one-time code was right
	back   string     // where the person was sent

	quirks []Scenario
}

// How long things live. Of a code the documents say it; of a page nobody does (INF).
const (
	codeLife  = 10 * time.Minute
	pageLife  = 24 * time.Hour
	shortLife = 10 * time.Minute
)

func (l *link) is(sc Scenario) bool { return slices.Contains(l.quirks, sc) }

// initiate handles POST /v2/accounts/initiate ("Connect link", 2025-01-28; "Reauth
// link", 2026-01-28). That a redirect_url is wanted is the newer page's word.
func (s *Server) initiate(c *call) answer {
	l := &link{Ref: c.text("meta", "ref"), Redirect: c.text("redirect_url"), Made: s.now()}
	if list := s.wrongWith(c); len(list) > 0 {
		return refused(list)
	}
	if c.text("scope") == "reauth" {
		if l.Account = s.account(c.text("account")); l.Account == nil {
			return s.unknown(c.text("account"))
		}
		l.Bank, l.Customer = l.Account.Bank, l.Account.Customer
	} else {
		l.Customer = s.customerOf(c)
		l.Bank = bankByID(c.text("institution", "id"))
		if c.at("check_account_match") == true {
			l.Number = c.text("institution", "account_number")
		}
	}
	s.keep(l)
	data := object{
		"mono_url": s.cfg.LinkURL + "/" + l.Code, "customer": l.Customer, "meta": object{"ref": l.Ref},
		"scope": c.text("scope"), "redirect_url": l.Redirect, "created_at": l.Made.Format(isoDate),
	}
	if l.Account != nil {
		data["account"], data["institution"], data["auth_method"] = l.Account.ID, l.Bank.ID, authMethod
	}
	return success("Request was successfully completed", data)
}

// keep keeps a new link, with what was wished of the next one, and drops what nobody can
// use any more.
func (s *Server) keep(l *link) {
	now := s.now()
	s.links = slices.DeleteFunc(s.links, func(old *link) bool { return now.Sub(old.Made) > pageLife })
	maps.DeleteFunc(s.codes, func(_ string, k *code) bool { return now.Sub(k.Made) > codeLife })
	maps.DeleteFunc(s.sessions, func(_ string, open *session) bool { return now.After(open.until) })
	l.Code, l.quirks = "AL"+s.token(10), s.next
	s.next = nil
	s.links = append(s.links, l)
}

// wrongWith says what a request for a link lacks.
func (s *Server) wrongWith(c *call) (list []complaint) {
	lack := func(field, message string) { list = append(list, complaint{field, message}) }
	switch c.text("scope") {
	case "auth":
		list = append(list, wrongCustomer(c)...)
	case "reauth":
		if c.text("account") == "" {
			lack("account", "account is required")
		}
	default:
		lack("scope", "scope must be one of auth, reauth")
	}
	if to, err := url.Parse(c.text("redirect_url")); err != nil || to.Scheme == "" {
		lack("redirect_url", "redirect_url must be a valid URL")
	}
	if id := c.text("institution", "id"); id != "" && bankByID(id) == nil {
		lack("institution.id", "institution not found")
	}
	if c.at("check_account_match") == true && c.text("institution", "account_number") == "" {
		lack("institution.account_number", "account_number is required to check_account_match")
	}
	return list
}

func wrongCustomer(c *call) (list []complaint) {
	if id := c.text("customer", "id"); id != "" {
		if !knownCustomer(id) {
			list = append(list, complaint{"customer.id", "customer not found"})
		}
		return list
	}
	if c.text("customer", "name") == "" {
		list = append(list, complaint{"customer.name", "customer name is required"})
	}
	if !strings.Contains(c.text("customer", "email"), "@") {
		list = append(list, complaint{"customer.email", "customer email must be a valid email"})
	}
	return list
}

// A code stands for an account that was linked.
type code struct {
	Account *account
	Made    time.Time
	Used    bool
	quirks  []Scenario
}

// newCode makes a code of the documented shape.
func (s *Server) newCode(a *account, quirks []Scenario) string {
	name := "code_" + strings.ToLower(s.token(24))
	s.codes[name] = &code{Account: a, Made: s.now(), quirks: quirks}
	return name
}

// exchange handles POST /v2/accounts/auth. Every page of the documents shows the answer
// flat, clients that have used it say that it lies in an envelope. Whether a code may be
// exchanged again nobody says (INF: it may not).
func (s *Server) exchange(c *call) answer {
	if c.text("code") == "" {
		return refused([]complaint{{"code", "code is required"}})
	}
	k := s.codes[c.text("code")]
	if k == nil || s.now().Sub(k.Made) >= codeLife || s.unlinked[k.Account.ID] ||
		k.Used && !slices.Contains(k.quirks, CodeTwice) {
		return failed(http.StatusBadRequest, "Invalid authorization code")
	}
	k.Used = true
	if slices.Contains(k.quirks, FlatExchange) {
		return answer{Body: object{"id": k.Account.ID}}
	}
	return success("Request was successfully completed", object{"id": k.Account.ID})
}

// complete ends a link with the account that a person chose, or with the one that they
// signed in to again, and returns the code. s.mu must be held.
func (s *Server) complete(l *link, h *holding) string {
	a := l.Account
	if a != nil {
		h = a.holding
	}
	h.add(l.quirks)
	if a != nil {
		s.signedInAgain(a)
	} else {
		a = s.connect(h, l)
	}
	l.Used, l.at, l.found, l.passed = true, nil, nil, false
	code := s.newCode(a, l.quirks) // a sign-in again has one, too (partners' guide, 2025-07-28)
	l.back = l.answer("code", code)
	switch {
	case l.is(NeverReturns):
		l.back = ""
	case l.is(NoCode):
		l.back = l.Redirect
	}
	return code
}

// answer is where a person is sent: the address that the app named, with its own query
// kept. What else stands in it is documented nowhere: apps read code.
func (l *link) answer(pairs ...string) string {
	to, err := url.Parse(l.Redirect)
	if err != nil || l.Redirect == "" {
		return ""
	}
	for i := 0; i < len(pairs); i += 2 {
		if to.RawQuery != "" {
			to.RawQuery += "&"
		}
		to.RawQuery += pairs[i] + "=" + url.QueryEscape(pairs[i+1])
	}
	return to.String()
}

// connect links an account at a bank, whatever was linked before.
func (s *Server) connect(h *holding, l *link) *account {
	if l.is(Replaces) {
		for _, a := range slices.Clone(s.accounts) {
			if a.holding == h {
				s.forget(a)
			}
		}
	}
	h.signedIn(s.accounts)
	a := s.open(s.newID(kindAccount, h.Index), h, s.now())
	a.Ref, a.Customer, a.quirks = l.Ref, l.Customer, l.quirks
	if l.Number != "" {
		match := l.Number == h.NUBAN
		a.Match = &match
	}
	if !a.is(UpdatedFirst) && !a.is(Shuffled) {
		s.tasks.Later(s.cfg.BankDelay/4, func() { s.locked(func() { s.send(a, s.connectedEvent(a)) }) })
	}
	s.tasks.Later(a.Ready.Sub(s.now()), func() { s.locked(func() { s.firstData(a) }) })
	return a
}

// firstData ends the wait for the first data of a link. In Mono's own samples
// account_updated is made 0.7 seconds before account_connected.
func (s *Server) firstData(a *account) {
	if a.Data != "PROCESSING" || s.unlinked[a.ID] {
		return
	}
	a.fetch(a.Ready)
	connected, updated := s.connectedEvent(a), s.updatedEvent(a, nil)
	switch {
	case a.again: // it was told of before the restart
	case a.is(Shuffled):
		s.send(a, connected, updated)
	case a.is(UpdatedFirst):
		s.send(a, updated, connected)
	default:
		s.send(a, updated)
	}
}

// add gives an account the scenarios of a list that are not of the link alone.
func (h *holding) add(list []Scenario) {
	for _, sc := range list {
		if sc.Info().Group != OfLinks && !slices.Contains(h.Scenarios, sc) {
			h.Scenarios = append(h.Scenarios, sc)
		}
	}
}

// signedIn mends a holding of which an account was known to need a sign-in.
func (h *holding) signedIn(accounts []*account) {
	for _, a := range accounts {
		if a.holding == h && a.Expired {
			a.Expired = false
			h.Scenarios = slices.DeleteFunc(h.Scenarios, func(sc Scenario) bool { return sc == NeedsLogin })
		}
	}
}

// signedInAgain tells that a person has signed in to an account again, which keeps its
// id, and then what the bank gives.
func (s *Server) signedInAgain(a *account) {
	a.signedIn(s.accounts)
	reauthorized := s.reauthorizedEvent(a)
	if !a.is(Shuffled) {
		s.send(a, reauthorized)
	}
	s.tasks.Later(s.bankDelay(a.holding), func() {
		s.locked(func() {
			if s.unlinked[a.ID] {
				return
			}
			a.fetch(s.now())
			list := []object{s.updatedEvent(a, nil)}
			if a.is(Shuffled) {
				list = append([]object{reauthorized}, list...)
			}
			s.send(a, list...)
		})
	})
}
