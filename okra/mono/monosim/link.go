package monosim

import (
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

// keep keeps a new link, with what was wished of the next one.
func (s *Server) keep(l *link) {
	l.Code, l.quirks = "AL"+s.token(10), s.next
	s.next = nil
	s.links = append(s.links, l)
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
