package okrasim

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"balancelink/okra/provider/simulate"
)

//go:embed panel/*.html
var panelFiles embed.FS

var panelPages = template.Must(template.New("").Funcs(template.FuncMap{
	"money": showMoney, "at": showTime, "answer": showStatus, "outcome": outcomeOf,
}).ParseFS(panelFiles, "panel/*.html"))

const panelCSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// panelRoutes are the pages with which a person makes things happen. All that
// they do, the methods of Server do too.
func (s *Server) panelRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /panel/{file}", simulate.ServePanelFile)
	mux.HandleFunc("GET /sim/accounts/{id}", s.serveAccount)
	mux.HandleFunc("POST /sim/accounts/{id}/scenario", s.onAccount(s.postScenario))
	mux.HandleFunc("POST /sim/accounts/{id}/balance", s.onAccount(s.postBalance))
	mux.HandleFunc("POST /sim/accounts/{id}/age", s.onAccount(s.postAge))
	mux.HandleFunc("POST /sim/accounts/{id}/webhook", s.onAccount(s.postWebhook))
	mux.HandleFunc("GET /sim/banks/{slug}", s.serveBank)
	mux.HandleFunc("POST /sim/banks/{slug}/scenario", s.postBankScenario)
	mux.HandleFunc("POST /sim/outage", s.postOutage)
	mux.HandleFunc("POST /sim/clock", s.postClock)
	mux.HandleFunc("POST /sim/calm", s.postCalm)
	mux.HandleFunc("POST /sim/restore", s.postRestore)
}

// panelPage is what every page of the panel needs, and what one of them shows.
type panelPage struct {
	Title  string
	App    string // origin of the application; empty: not known
	Said   string // what the last form did
	Status int    // of the answer; 0: 200
	Wrong  string // why the form did nothing
	Field  string // which form is wrong
	Typed  url.Values

	OTP       string
	Now       time.Time // the bank's
	Ahead     time.Duration
	Steps     []clockStep
	Awkward   int // accounts that are not calm
	Outage    Outage
	Outages   []Outage
	Banks     []panelBank
	Exchanges []Exchange

	Bank      panelBank
	Account   panelAccount
	Scenario  Scenario
	Scenarios []ScenarioInfo
	Ages      []ageInfo
	SendModes []SendModeInfo
}

// panelBank is a bank with those of its customers that the sandbox knows.
type panelBank struct {
	Name, Slug string
	Customers  []panelCustomer
}

type panelCustomer struct {
	customer
	Accounts []panelAccount
}

type panelAccount struct {
	account
	Info   ScenarioInfo
	Holder customer
}

// page begins a page of the panel with what all of them show.
func (s *Server) page(r *http.Request, title string) panelPage {
	p := panelPage{
		Title: title, App: s.appOrigin(), Said: s.noteOf(r.URL.Query().Get("said")), Now: s.now(), Ahead: s.Ahead(),
		Outage: s.Outage(), OTP: sandboxOTP, Scenarios: scenarios,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Banks = s.panelBanks()
	for _, a := range s.accounts {
		if a.Scenario != Normal || a.Age != 0 {
			p.Awkward++
		}
	}
	return p
}

func (s *Server) panelBanks() (list []panelBank) {
	for _, b := range banks {
		pb := panelBank{Name: b.Name, Slug: b.Slug}
		for login, c := range customers {
			if c.Bank != b {
				continue
			}
			pc := panelCustomer{customer: c}
			for _, a := range s.accountsWhere(func(a *account) bool { return a.Login == login }) {
				pc.Accounts = append(pc.Accounts, viewOf(a))
			}
			pb.Customers = append(pb.Customers, pc)
		}
		list = append(list, pb)
	}
	return list
}

func viewOf(a *account) panelAccount {
	return panelAccount{*a, a.Scenario.Info(), a.customer()}
}

// appOrigin is where the application's own pages are: where its webhooks go.
func (s *Server) appOrigin() string {
	u, err := url.Parse(s.cfg.WebhookURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// servePanel handles GET /: everything there is, in its present state.
func (s *Server) servePanel(w http.ResponseWriter, r *http.Request) {
	s.showPanel(w, s.page(r, "The simulated bank"))
}

func (s *Server) showPanel(w http.ResponseWriter, p panelPage) {
	p.Outages, p.Steps, p.Exchanges = outages, clockSteps, s.Exchanges()
	s.render(w, "overview.html", p)
}

// serveAccount handles GET /sim/accounts/{id}.
func (s *Server) serveAccount(w http.ResponseWriter, r *http.Request) {
	s.showAccount(w, r, s.page(r, ""))
}

func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, p panelPage) {
	s.mu.Lock()
	a := s.account(r.PathValue("id"))
	if a != nil {
		p.Account = viewOf(a)
	}
	s.mu.Unlock()
	if a == nil {
		s.showNothing(w, r)
		return
	}
	p.Title = p.Account.Type + " " + p.Account.NUBAN
	p.Scenario, p.Ages, p.SendModes = p.Account.Scenario, ages, sendModes
	s.render(w, "account.html", p)
}

// serveBank handles GET /sim/banks/{slug}.
func (s *Server) serveBank(w http.ResponseWriter, r *http.Request) {
	s.showBank(w, r, s.page(r, ""))
}

func (s *Server) showBank(w http.ResponseWriter, r *http.Request, p panelPage) {
	i := slices.IndexFunc(p.Banks, func(b panelBank) bool { return b.Slug == r.PathValue("slug") })
	if i < 0 {
		s.showNothing(w, r)
		return
	}
	p.Bank, p.Title = p.Banks[i], p.Banks[i].Name
	p.Scenario = p.Bank.common()
	s.render(w, "bank.html", p)
}

// common is the scenario that all accounts of a bank have, empty if they differ.
func (b panelBank) common() (sc Scenario) {
	for _, c := range b.Customers {
		for _, a := range c.Accounts {
			if sc != "" && sc != a.Scenario {
				return ""
			}
			sc = a.Scenario
		}
	}
	return sc
}

// showNothing answers for an account or a bank that the sandbox lacks.
func (s *Server) showNothing(w http.ResponseWriter, r *http.Request) {
	p := s.page(r, "There is no such thing here")
	p.Status = http.StatusNotFound
	s.render(w, "nothing.html", p)
}

func (s *Server) render(w http.ResponseWriter, name string, p panelPage) {
	simulate.Draw(w, s.cfg.Logger, panelPages, simulate.Page{
		Template: name, Policy: panelCSP, Status: p.Status, Data: p,
	})
}
