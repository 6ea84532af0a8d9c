package okrasim

import (
	"bytes"
	"html/template"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
)

var helpPage = template.Must(template.ParseFS(widgetFiles, "widget/help.html"))

const helpCSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

type helpData struct {
	OTP       string
	Said      string // what the last form did
	Scenarios []ScenarioInfo
	Customers []helpCustomer
}

type helpCustomer struct {
	customer
	Accounts []helpAccount
}

type helpAccount struct {
	account
	Scenarios []ScenarioInfo
	Now       string // name of the scenario
}

// serveHelp handles GET /: what this server is, its log-ins, and forms to make
// things happen at the banks.
func (s *Server) serveHelp(w http.ResponseWriter, r *http.Request) {
	data := helpData{OTP: sandboxOTP, Said: said[r.URL.Query().Get("said")], Scenarios: scenarios}
	s.mu.Lock()
	for login, c := range customers {
		h := helpCustomer{customer: c}
		for _, a := range s.accountsWhere(func(a *account) bool { return a.Login == login }) {
			h.Accounts = append(h.Accounts, helpAccount{*a, scenarios, string(a.Scenario)})
		}
		data.Customers = append(data.Customers, h)
	}
	s.mu.Unlock()
	var page bytes.Buffer
	if err := helpPage.Execute(&page, data); err != nil {
		s.cfg.Logger.Error("okrasim: help page", "err", err)
		http.Error(w, "The help page is broken.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", helpCSP)
	w.Write(page.Bytes())
}

// said is what the help page says after a form was sent.
var said = map[string]string{
	"moved":     "The balance was moved and the webhook was delivered.",
	"unheard":   "The balance was moved, but no webhook was delivered. See the log.",
	"scenario":  "The scenario was set.",
	"no-amount": "That is no amount. Write it like 2500 or -130.50.",
}

var amountPattern = regexp.MustCompile(`^[+-]?[0-9]{1,12}(\.[0-9]{1,2})?$`)

// serveMove handles POST /sim/accounts/{id}/move: it adds the amount to what
// the bank knows and sends a webhook.
func (s *Server) serveMove(w http.ResponseWriter, r *http.Request) {
	id, amount := r.PathValue("id"), r.PostFormValue("amount")
	if !amountPattern.MatchString(amount) {
		sayOnHelp(w, r, "no-amount")
		return
	}
	step, _ := new(big.Rat).SetString(amount)
	s.mu.Lock()
	a := s.account(id)
	if a != nil {
		a.Bank = a.Bank.plus(step)
	}
	s.mu.Unlock()
	if a == nil {
		s.serveUnknown(w, r)
		return
	}
	if err := s.SendBalanceWebhook(id); err != nil {
		s.cfg.Logger.Warn("okrasim: webhook not delivered", "account", id, "err", err)
		sayOnHelp(w, r, "unheard")
		return
	}
	sayOnHelp(w, r, "moved")
}

// serveScenario handles POST /sim/accounts/{id}/scenario.
func (s *Server) serveScenario(w http.ResponseWriter, r *http.Request) {
	id, name := r.PathValue("id"), r.PostFormValue("scenario")
	s.mu.Lock()
	a := s.account(id)
	if a != nil && knownScenario(name) {
		a.Scenario = Scenario(name)
	}
	s.mu.Unlock()
	if a == nil || !knownScenario(name) {
		s.serveUnknown(w, r)
		return
	}
	sayOnHelp(w, r, "scenario")
}

func sayOnHelp(w http.ResponseWriter, r *http.Request, what string) {
	http.Redirect(w, r, "/?"+url.Values{"said": {what}}.Encode()+"#"+r.PathValue("id"), http.StatusSeeOther)
}
