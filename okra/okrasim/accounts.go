package okrasim

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// figures is one observation of a balance, as decimal text in major units.
// An empty Available means that the bank did not say.
type figures struct{ Ledger, Available string }

// An account has two sets of figures, as it had with Okra: what the bank knows
// now, and what Okra saved when it last asked the bank.
type account struct {
	opening
	ID, BalanceID string
	Login, Index  int

	Scenario  Scenario
	Age       time.Duration // of the figures that the bank has unasked, as at a link
	Connected bool          // to the owner
	Records   []string      // links that shared it, oldest first
	Bank      figures
	Saved     figures
	SavedAt   time.Time
	Moves     int  // refreshes that moved it
	Expired   bool // the owner was told to let the customer sign in again
}

func (a *account) customer() customer { return customers[a.Login] }

func openAccounts(now time.Time) []*account {
	var list []*account
	for login, c := range customers {
		for i, o := range c.Accounts {
			f := figures{o.Ledger, o.Available}
			list = append(list, &account{
				opening: o, Login: login, Index: i, Scenario: o.Scenario, Age: o.Age,
				ID: fixedID(kindAccount, login, i), BalanceID: fixedID(kindBalance, login, i),
				Bank: f, Saved: f, SavedAt: now,
			})
		}
	}
	return list
}

// accountsWhere returns the accounts that fit, in the order of the sandbox.
func (s *Server) accountsWhere(fits func(*account) bool) []*account {
	var list []*account
	for _, a := range s.accounts {
		if fits(a) {
			list = append(list, a)
		}
	}
	return list
}

func (s *Server) account(id string) *account {
	for _, a := range s.accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// visible returns the saved figures as far as the scenario lets the bank tell.
func (a *account) visible() figures {
	f := a.Saved
	if a.Scenario.hidesAvailable() {
		f.Available = ""
	}
	return f
}

// fetch saves what the bank knows.
func (a *account) fetch(now time.Time) {
	a.Saved, a.SavedAt = a.Bank, now
}

// move moves the balance by a step that looks random and is not. One that
// somebody set since the last fetch stays as set.
func (a *account) move() {
	if a.Scenario != Unchanged && a.Bank == a.Saved {
		a.Moves++
		kobo := (a.Moves*738_911+a.Login*104_729+a.Index*15_485_863)%700_000 - 300_050
		a.Bank = a.Bank.plus(big.NewRat(int64(kobo), 100))
	}
}

func (f figures) plus(step *big.Rat) figures {
	f.Ledger = addDecimal(f.Ledger, step)
	if f.Available != "" {
		f.Available = addDecimal(f.Available, step)
	}
	return f
}

// addDecimal writes the sum as JavaScript would, without trailing zeros.
func addDecimal(text string, step *big.Rat) string {
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("okrasim: not a decimal: " + text)
	}
	sum := n.Add(n, step).FloatString(2)
	return strings.TrimSuffix(strings.TrimRight(sum, "0"), ".")
}

// AccountInfo is an account of the sandbox, for tests and demonstrations.
type AccountInfo struct {
	ID, CustomerID, Login, NUBAN, Name, BankName string
	Scenario                                     Scenario
}

// Accounts lists every account of the sandbox, linked or not.
func (s *Server) Accounts() []AccountInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []AccountInfo
	for _, a := range s.accounts {
		c := a.customer()
		list = append(list, AccountInfo{a.ID, customerID(a.Login), c.User, a.NUBAN, c.Name, c.Bank.Name, a.Scenario})
	}
	return list
}

// SetScenario gives an account another scenario. It panics when there is no
// such account.
func (s *Server) SetScenario(accountID string, sc Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	if a == nil {
		panic("okrasim: no account " + accountID)
	}
	a.Scenario = sc
}

// SetBankScenario gives every account at a bank the same scenario.
func (s *Server) SetBankScenario(slug string, sc Scenario) error {
	b := bankBySlug(slug)
	if b == nil || !knownScenario(sc) {
		return fmt.Errorf("okrasim: no bank %q, or no scenario %q", slug, sc)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accountsWhere(func(a *account) bool { return a.customer().Bank == b }) {
		a.Scenario = sc
	}
	return nil
}

// SetAge makes the figures that the bank has unasked so old: those that a link
// finds, and those of webhooks sent by hand. A refresh still brings today's.
func (s *Server) SetAge(accountID string, age time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	if a == nil || age < 0 {
		return fmt.Errorf("okrasim: no account %q, or no age %v", accountID, age)
	}
	a.Age = age
	return nil
}

// Calm ends every scenario, age and outage and sets the bank's clock right.
// Balances stay as they are.
func (s *Server) Calm() {
	s.settle(func(a *account) { a.Scenario, a.Age = Normal, 0 })
}

// Restore gives every account the scenario and the age with which the sandbox
// begins, ends an outage and sets the bank's clock right.
func (s *Server) Restore() {
	s.settle(func(a *account) { a.Scenario, a.Age = a.opening.Scenario, a.opening.Age })
}

func (s *Server) settle(each func(*account)) {
	if err := s.SetOutage(NoOutage); err != nil {
		panic(err)
	}
	s.ResetClock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		each(a)
		a.Expired = false
	}
}

// SetBalance changes what the bank knows; the next link, refresh or webhook
// finds it, and balance/check says that the balance changed. Amounts are
// decimal text in major units, any JSON number, and reach the wire as they
// are; an empty available means that the bank does not say.
func (s *Server) SetBalance(accountID, ledger, available string) error {
	for _, text := range []string{ledger, available} {
		if text != "" && !isNumber(text) {
			return fmt.Errorf("okrasim: %q is no amount", text)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(accountID)
	if a == nil || ledger == "" {
		return fmt.Errorf("okrasim: no account %q, or no ledger balance", accountID)
	}
	a.Bank = figures{ledger, available}
	return nil
}

func isNumber(text string) bool {
	return json.Valid([]byte(text)) && strings.ContainsRune("-0123456789", rune(text[0]))
}
