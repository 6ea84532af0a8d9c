package okrasim

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A note is what a form did. Only its name stands in an address, so that no
// link can put words into the panel's mouth.
type note struct{ Name, Text string }

func (s *Server) noteOf(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes {
		if n.Name == name {
			return n.Text
		}
	}
	return ""
}

// say sends the browser back to a page that then says what happened.
func (s *Server) say(w http.ResponseWriter, r *http.Request, path, format string, args ...any) {
	n := note{rand.Text(), fmt.Sprintf(format, args...)}
	s.mu.Lock()
	s.notes = append(s.notes, n)
	s.notes = s.notes[max(0, len(s.notes)-20):]
	s.mu.Unlock()
	http.Redirect(w, r, path+"?"+url.Values{"said": {n.Name}}.Encode(), http.StatusSeeOther)
}

// A complaint is why a form did nothing.
type complaint struct {
	Status int
	Field  string // the form that is wrong
	Text   string
}

func wrong(field, format string, args ...any) *complaint {
	return &complaint{http.StatusUnprocessableEntity, field, fmt.Sprintf(format, args...)}
}

// read parses a form, whose size ServeHTTP bounds.
func read(r *http.Request) *complaint {
	err := r.ParseForm()
	var tooBig *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooBig):
		return &complaint{http.StatusRequestEntityTooLarge, "", "That form is too large."}
	}
	return &complaint{http.StatusBadRequest, "", "That form cannot be read."}
}

// complain puts a complaint and what was typed on the page again.
func (p panelPage) complain(r *http.Request, c *complaint) panelPage {
	p.Status, p.Field, p.Wrong, p.Typed = c.Status, c.Field, c.Text, r.PostForm
	return p
}

// onAccount lets a form act on its account: act says what it did, or why nothing.
func (s *Server) onAccount(act func(a AccountInfo, form url.Values) (said string, no *complaint)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		list := s.Accounts()
		i := slices.IndexFunc(list, func(a AccountInfo) bool { return a.ID == r.PathValue("id") })
		if i < 0 {
			s.showNothing(w, r)
			return
		}
		said, no := "", read(r)
		if no == nil {
			said, no = act(list[i], r.PostForm)
		}
		if no != nil {
			s.showAccount(w, r, s.page(r, "").complain(r, no))
			return
		}
		s.say(w, r, "/sim/accounts/"+list[i].ID, "%s", said)
	}
}

// postScenario handles POST /sim/accounts/{id}/scenario.
func (s *Server) postScenario(a AccountInfo, form url.Values) (string, *complaint) {
	sc := Scenario(form.Get("scenario"))
	if !knownScenario(sc) {
		return "", wrong("scenario", "There is no such scenario. Choose one of these.")
	}
	s.SetScenario(a.ID, sc)
	return fmt.Sprintf("From now on: %s. %s", sc.Info().Title, sc.Info().Expect), nil
}

var amountPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,2})?$`)

// postBalance handles POST /sim/accounts/{id}/balance.
func (s *Server) postBalance(a AccountInfo, form url.Values) (string, *complaint) {
	ledger, available := strings.TrimSpace(form.Get("ledger")), strings.TrimSpace(form.Get("available"))
	if ledger == "" {
		return "", wrong("balance", "A bank always knows the ledger balance. Write it like 2500 or -130.50.")
	}
	for _, text := range []string{ledger, available} {
		if text != "" && !amountPattern.MatchString(text) {
			return "", wrong(
				"balance",
				"“%s” is no amount. Write it like 2500 or -130.50: digits, and at most two of them behind a point.",
				text,
			)
		}
	}
	if err := s.SetBalance(a.ID, plainDecimal(ledger), plainDecimal(available)); err != nil {
		return "", wrong("balance", "The bank does not take that balance.")
	}
	if form.Get("tell") == "" {
		return "The bank has the new balance. The app finds it at the next Refresh, and Check says that something has changed.", nil
	}
	return s.sendNow(a.ID, Once)
}

// plainDecimal leaves out leading zeros, which JSON does not take.
func plainDecimal(text string) string {
	digits, negative := strings.CutPrefix(text, "-")
	digits = strings.TrimLeft(digits, "0")
	if digits == "" && text != "" || strings.HasPrefix(digits, ".") {
		digits = "0" + digits
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// ages are how old the figures can be made to be.
var ages = []ageInfo{
	{0, "Of this moment", "Up to date"},
	{5, "5 hours old", "Getting old"},
	{72, "3 days old", "Out of date"},
}

type ageInfo struct {
	Hours       int
	Title, Word string
}

// Is says whether an account's figures have this age.
func (i ageInfo) Is(age time.Duration) bool { return time.Duration(i.Hours)*time.Hour == age }

// postAge handles POST /sim/accounts/{id}/age.
func (s *Server) postAge(a AccountInfo, form url.Values) (string, *complaint) {
	hours, err := strconv.Atoi(form.Get("hours"))
	if err != nil || hours < 0 || hours > 24*365 {
		return "", wrong("age", "Choose one of these ages.")
	}
	if err := s.SetAge(a.ID, time.Duration(hours)*time.Hour); err != nil {
		return "", wrong("age", "Choose one of these ages.")
	}
	if hours == 0 {
		return "Whoever links this account now gets figures of that moment.", nil
	}
	return fmt.Sprintf(
		"Whoever links this account now gets figures that are %d hours old. A refresh brings today's.", hours,
	), nil
}

// postWebhook handles POST /sim/accounts/{id}/webhook.
func (s *Server) postWebhook(a AccountInfo, form url.Values) (string, *complaint) {
	m := SendMode(form.Get("mode"))
	if !slices.ContainsFunc(sendModes, func(i SendModeInfo) bool { return i.Name == string(m) }) {
		return "", wrong("webhook", "There is no such webhook. Choose one of these.")
	}
	text := strings.TrimSpace(form.Get("seconds"))
	if text == "" || text == "0" {
		return s.sendNow(a.ID, m)
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > int(longestDelay/time.Second) {
		return "", wrong("webhook", "“%s” is no delay. Write whole seconds, from 0 to 3600.", text)
	}
	if _, err := s.SendWebhook(a.ID, m, time.Duration(seconds)*time.Second); err != nil {
		return "", unsent
	}
	return fmt.Sprintf(
		"The webhook is written and goes out in %d seconds, with the balance as it is now.", seconds,
	), nil
}

var unsent = &complaint{
	http.StatusConflict, "webhook", "Nothing was sent: nobody has told the bank where the app hears webhooks.",
}

func (s *Server) sendNow(id string, m SendMode) (string, *complaint) {
	statuses, err := s.SendWebhook(id, m, 0)
	if err != nil {
		return "", unsent
	}
	var answers []string
	for _, status := range statuses {
		answers = append(answers, showStatus(status))
	}
	return "Sent. The app answered " + strings.Join(answers, ", then ") + ".", nil
}

// postBankScenario handles POST /sim/banks/{slug}/scenario.
func (s *Server) postBankScenario(w http.ResponseWriter, r *http.Request) {
	slug, no := r.PathValue("slug"), read(r)
	sc := Scenario(r.PostForm.Get("scenario"))
	if no == nil && !knownScenario(sc) {
		no = wrong("scenario", "There is no such scenario. Choose one of these.")
	}
	if no != nil {
		s.showBank(w, r, s.page(r, "").complain(r, no))
		return
	}
	if err := s.SetBankScenario(slug, sc); err != nil {
		s.showNothing(w, r)
		return
	}
	s.say(
		w, r, "/sim/banks/"+slug, "From now on at every account of this bank: %s. %s", sc.Info().Title,
		sc.Info().Expect,
	)
}

// postOutage handles POST /sim/outage.
func (s *Server) postOutage(w http.ResponseWriter, r *http.Request) {
	no := read(r)
	if no == nil && s.SetOutage(r.PostForm.Get("outage")) != nil {
		no = wrong("outage", "There is no such outage. Choose one of these.")
	}
	if no != nil {
		s.showPanel(w, s.page(r, "The simulated bank").complain(r, no))
		return
	}
	o := s.Outage()
	s.say(w, r, "/", "The whole provider: %s. %s", o.Title, o.Expect)
}

// clockSteps are how the bank's clock can be stepped; no hours: back to now.
var clockSteps = []clockStep{
	{"-24", "1 day back"}, {"1", "1 hour on"}, {"24", "1 day on"}, {"192", "8 days on"}, {"now", "Back to now"},
}

type clockStep struct{ By, Title string }

// postClock handles POST /sim/clock.
func (s *Server) postClock(w http.ResponseWriter, r *http.Request) {
	no := read(r)
	by := r.PostForm.Get("by")
	if no == nil && !slices.ContainsFunc(clockSteps, func(c clockStep) bool { return c.By == by }) {
		no = wrong("clock", "The clock cannot be stepped like that. Choose one of these.")
	}
	if no != nil {
		s.showPanel(w, s.page(r, "The simulated bank").complain(r, no))
		return
	}
	if by == "now" {
		s.ResetClock()
		s.say(w, r, "/", "The bank's clock is right again.")
		return
	}
	hours, _ := strconv.Atoi(by) // one of clockSteps
	s.StepClock(time.Duration(hours) * time.Hour)
	s.say(
		w, r, "/", "The bank's clock says %s now. The app has a clock of its own, which did not move.",
		showTime(s.now()),
	)
}

// postCalm handles POST /sim/calm.
func (s *Server) postCalm(w http.ResponseWriter, r *http.Request) {
	s.Calm()
	s.say(w, r, "/", "All is calm: every bank answers, and the clock is right. Balances stayed as they were.")
}

// postRestore handles POST /sim/restore.
func (s *Server) postRestore(w http.ResponseWriter, r *http.Request) {
	s.Restore()
	s.say(w, r, "/", "Every account behaves as at the start again. Balances stayed as they were.")
}
