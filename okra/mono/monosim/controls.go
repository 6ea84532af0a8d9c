package monosim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AccountInfo is an account at a bank, for tests and demonstrations.
type AccountInfo struct {
	NUBAN, Type, Currency   string
	Holder, User, Password  string
	Bank, BankCode, NIPCode string
	Balance                 int64 // as the bank knows it, in minor units
	Scenarios               []Scenario
	Linked                  []string // Mono's ids of it, oldest first
}

// Accounts lists every account at a bank, linked or not.
func (s *Server) Accounts() (list []AccountInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.holdings {
		list = append(list, s.infoOf(h))
	}
	return list
}

func (s *Server) infoOf(h *holding) AccountInfo {
	i := AccountInfo{
		NUBAN: h.NUBAN, Type: h.Type, Currency: h.Currency, Holder: h.Name, User: h.User, Password: h.Password,
		Bank: h.Bank.Name, BankCode: h.Bank.Code, NIPCode: h.Bank.NIP, Balance: h.Balance,
		Scenarios: slices.Clone(h.Scenarios),
	}
	for _, a := range s.accounts {
		if a.holding == h {
			i.Linked = append(i.Linked, a.ID)
		}
	}
	return i
}

// holding finds an account at a bank by its NUBAN, or by an id that Mono gave it.
func (s *Server) holding(name string) *holding {
	if id, ok := parseID(name, kindAccount); ok {
		return s.holdings[id.Holding]
	}
	i := slices.IndexFunc(s.holdings, func(h *holding) bool { return h.NUBAN == name })
	if i < 0 {
		return nil
	}
	return s.holdings[i]
}

// SetScenarios gives an account, named by its NUBAN or by Mono's id, these scenarios in
// place of those that it has; none: all is well. It panics when there is no such account
// or scenario.
func (s *Server) SetScenarios(account string, list ...Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holding(account)
	if err := checkScenarios(list); h == nil || err != nil {
		panic(fmt.Sprintf("monosim: no account %s, or %v", account, err))
	}
	h.Scenarios = slices.Clone(list)
}

// NextLink gives the next link that an app asks for these scenarios. Those of the group
// OfLinks are its own; all others go to whatever comes of it.
func (s *Server) NextLink(list ...Scenario) {
	if err := checkScenarios(list); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = slices.Clone(list)
}

// SetBalance changes what the bank knows, in minor units. The next question, or the next
// link, finds it.
func (s *Server) SetBalance(account string, minor int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holding(account)
	if h == nil {
		return fmt.Errorf("monosim: no account %s", account)
	}
	h.Balance = minor
	return nil
}

// Shared is what came of a link.
type Shared struct {
	Account string // Mono's id
	Code    string // to exchange, whether the person brings it back or not
	Back    string // where the person's browser is sent; empty: nowhere
}

// Share does what a person does on the page of a link, named by its ref or its address:
// it signs in and chooses the account with that NUBAN. On a page to sign in again there
// is nothing to choose.
func (s *Server) Share(linkOrRef, nuban string) (Shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.link(linkOrRef)
	if l == nil || s.dead(l) {
		return Shared{}, fmt.Errorf("monosim: no page of a link %q is open", linkOrRef)
	}
	h := s.holding(nuban)
	if l.Account == nil && (h == nil || l.Bank != nil && l.Bank != h.Bank) {
		return Shared{}, fmt.Errorf("monosim: no account %q at the bank of the link", nuban)
	}
	return s.share(l, h), nil
}

// Link links an account without a page that an app has asked for.
func (s *Server) Link(nuban, ref string) (Shared, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.holding(nuban)
	if h == nil {
		return Shared{}, fmt.Errorf("monosim: no account %q", nuban)
	}
	l := &link{Ref: ref, Made: s.now(), Customer: customerID(h.User + "@example.com")}
	s.keep(l)
	return s.share(l, h), nil
}

func (s *Server) share(l *link, h *holding) Shared {
	code := s.complete(l, h)
	return Shared{s.codes[code].Account.ID, code, l.back}
}

// link finds the newest link that has a ref, a code or an address. s.mu must be held.
func (s *Server) link(name string) *link {
	code := name[strings.LastIndex(name, "/")+1:]
	for _, l := range slices.Backward(s.links) {
		if l.Code == code || l.Ref == name && name != "" {
			return l
		}
	}
	return nil
}

// dead says that the page of a link is gone.
func (s *Server) dead(l *link) bool {
	life := pageLife
	if l.is(ShortLife) {
		life = shortLife
	}
	return l.Used && l.is(OneUse) || s.now().Sub(l.Made) >= life
}

// Unlink does what a person can do at Mono without us: the account is unknown from now
// on, and a webhook says so.
func (s *Server) Unlink(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(id)
	if a == nil {
		return fmt.Errorf("monosim: no account %s is linked", id)
	}
	s.forget(a)
	s.send(a, s.unlinkedEvent(a))
	return nil
}

// Recall takes up accounts that an application remembers from before a restart, so that
// the list of all accounts has them; each is taken up by itself when it is asked about.
// It returns how many of the ids are known.
func (s *Server) Recall(ids ...string) (known int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.account(id) != nil {
			known++
		}
	}
	return known
}

// Reauthorize does what a person does who signs in to a linked account again.
func (s *Server) Reauthorize(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(id)
	if a == nil {
		return fmt.Errorf("monosim: no account %s is linked", id)
	}
	s.signedInAgain(a)
	return nil
}

// Answered is when a bank last answered about a linked account, by what Mono says of it:
// its data came, or a job is finished. Zero: it never did.
func (s *Server) Answered(id string) (at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(id)
	if a == nil {
		return at
	}
	at = a.SavedAt
	if j := a.Job; j != nil && j.Ended && j.status() == "finished" && j.Due.After(at) {
		at = j.Due
	}
	return at
}

// Calm ends every scenario and outage. Balances and links stay.
func (s *Server) Calm() { s.restore(func(h *holding) []Scenario { return nil }) }

// Restore gives every account the scenarios with which it begins and ends an outage.
// Balances and links stay.
func (s *Server) Restore() {
	s.restore(func(h *holding) []Scenario { return slices.Clone(h.opening.Scenarios) })
}

func (s *Server) restore(scenarios func(*holding) []Scenario) {
	if err := s.SetOutage(NoOutage); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = nil
	for _, h := range s.holdings {
		h.Scenarios = scenarios(h)
	}
	for _, a := range s.accounts {
		a.Expired = false
	}
}
