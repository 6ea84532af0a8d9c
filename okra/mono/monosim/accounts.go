package monosim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A holding is an account at a bank, linked or not.
type holding struct {
	opening
	*person
	Index     int
	Scenarios []Scenario
	Balance   int64 // as the bank knows it, in minor units
	Moves     int   // questions that moved it
}

// An account is a holding that somebody linked. Linked twice it is two accounts: DOTMAC
// has an old and a new id for one bank account (INF).
type account struct {
	*holding
	ID        string
	Customer  string // empty: taken up again after a restart
	Ref       string
	Request   string // data_request_id
	Session   string
	Match     *bool // whether it is the account that was asked for; nil: nobody asked
	Linked    time.Time
	Ready     time.Time // when its first data come
	Data      string    // data_status: what Mono has
	Retrieved []string
	Saved     int64 // the stored copy
	SavedAt   time.Time
	Job       *job // the latest; nil: none yet
	Expired   bool // a question ended because of the sign-in
	again     bool // taken up again after a restart
	quirks    []Scenario
}

func openHoldings() (list []*holding) {
	for i := range persons {
		for _, o := range persons[i].Accounts {
			list = append(list, &holding{
				opening: o, person: &persons[i], Index: len(list), Balance: o.Balance,
				Scenarios: slices.Clone(o.Scenarios),
			})
		}
	}
	return list
}

// is says whether the account, or its link, has a scenario.
func (a *account) is(sc Scenario) bool {
	return slices.Contains(a.Scenarios, sc) || slices.Contains(a.quirks, sc)
}

// bank is what the bank does; empty: all is well.
func (h *holding) bank() Scenario { return firstOf(h.Scenarios, OfBank) }

// account returns a linked account, nil for an unknown id. One that was linked before a
// restart is taken up again. Whatever is due by now has happened. s.mu must be held.
func (s *Server) account(id string) *account {
	i := slices.IndexFunc(s.accounts, func(a *account) bool { return a.ID == id })
	if i >= 0 {
		s.settle(s.accounts[i])
		return s.accounts[i]
	}
	parsed, ok := parseID(id, kindAccount)
	if !ok || s.unlinked[id] {
		return nil
	}
	a := s.open(id, s.holdings[parsed.Holding], parsed.At)
	a.again = true
	s.settle(a)
	return a
}

// open keeps an account whose first data come after the bank's delay.
func (s *Server) open(id string, h *holding, at time.Time) *account {
	a := &account{
		holding: h, ID: id, Linked: at, Ready: at.Add(s.bankDelay(h)), Data: "PROCESSING", Retrieved: []string{},
		Request: "AL" + s.token(10), Session: s.token(20),
	}
	if h.bank() == SlowLink {
		a.Ready = at.Add(10 * time.Minute)
	}
	s.accounts = append(s.accounts, a)
	return a
}

// forget lets an account be unknown. s.mu must be held.
func (s *Server) forget(a *account) {
	s.unlinked[a.ID] = true
	s.accounts = slices.DeleteFunc(s.accounts, func(other *account) bool { return other == a })
}

func (s *Server) bankDelay(h *holding) time.Duration {
	if h.bank() == SlowBank {
		return 10 * s.cfg.BankDelay
	}
	return s.cfg.BankDelay
}

// settle does what is due: the bank's first data, and the end of a job.
func (s *Server) settle(a *account) {
	if a.Data == "PROCESSING" && !s.now().Before(a.Ready) {
		s.firstData(a)
	}
	if j := a.Job; j != nil && !j.Ended && !s.now().Before(j.Due) {
		s.finish(j)
	}
}

// gives is what the bank gives: a data_status and what was retrieved.
func (h *holding) gives() (status string, retrieved []string) {
	switch h.bank() {
	case BalanceOnly:
		return "FAILED", []string{"balance"} // dollar accounts: DOTMAC, 2026-04-15
	case NoBalance:
		return "PARTIAL", []string{"transactions"}
	case NoData:
		return "UNAVAILABLE", []string{}
	}
	return "AVAILABLE", []string{"identity", "balance", "transactions"}
}

// fetch saves what the bank gives at a time. data_status only grows ("Data status",
// 2025-09-15).
func (a *account) fetch(at time.Time) {
	status, retrieved := a.gives()
	if rank(status) >= rank(a.Data) {
		a.Data = status
	}
	for _, what := range retrieved {
		if !slices.Contains(a.Retrieved, what) {
			a.Retrieved = append(a.Retrieved, what)
		}
	}
	if slices.Contains(retrieved, "balance") {
		a.Saved = a.Balance
	}
	a.SavedAt = at
}

func rank(status string) int {
	return slices.Index([]string{"PROCESSING", "UNAVAILABLE", "FAILED", "PARTIAL", "AVAILABLE"}, status)
}

// move moves the balance by a step that looks random and is not. One that somebody set
// since the last fetch stays as set.
func (a *account) move() {
	if a.bank() == Unchanged || a.Balance != a.Saved {
		return
	}
	a.Moves++
	a.Balance += int64((a.Moves*738_911+(a.Index+1)*15_485_863)%700_000) - 300_050
}

// amount is the stored figure on the wire: minor units as a JSON number.
func (a *account) amount() any {
	switch {
	case a.is(TextBalance):
		return strconv.FormatInt(a.Saved, 10) // a table of the documents calls it a string
	case a.is(FractionalKobo):
		return json.Number(fmt.Sprintf("%d.5", a.Saved)) // as in the averages of income data
	}
	return json.Number(strconv.FormatInt(a.Saved, 10))
}

func (a *account) currency() string {
	if a.is(Naira) && a.Currency == "NGN" {
		return "Naira" // webhooks of 2020, still in the documents of 2022-05-19
	}
	return a.Currency
}

// holder is the name as the bank prints it.
func (a *account) holder() string {
	words := strings.Fields(strings.ToUpper(a.Name))
	if a.is(NameOrder) {
		words = append(words[len(words)-1:], words[:len(words)-1]...)
	}
	return strings.Join(words, " ")
}

// bvn is the last four digits of the holder's BVN.
func (a *account) bvn() any {
	if a.is(NullBVN) {
		return nil
	}
	return a.fullBVN()[7:]
}

func (h *holding) fullBVN() string { return fmt.Sprintf("222%08d", (h.Index+1)*1_234_567%100_000_000) }

// ref is our ref as it comes back; absent where nobody gave one.
func (a *account) putRef(meta object) {
	if a.Ref != "" && !a.is(NoRef) {
		meta["ref"] = a.Ref
	}
}

// word is a data_status or a sync_status as the account's answers write it.
func (a *account) word(word string) string {
	if a.is(LowerCase) {
		return strings.ToLower(word) // as the documents print them here and there
	}
	return word
}

// authMethod is how everybody signs in.
const authMethod = "internet_banking"

const isoDate = "2006-01-02T15:04:05.000Z"
