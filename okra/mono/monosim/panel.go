package monosim

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"balancelink/okra/provider/simulate"
)

// panelRoutes are the pages with which a person makes things happen. All that they do,
// the methods of Server do too.
func (s *Server) panelRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.showPanel(w, r, "") })
	mux.HandleFunc("POST /sim/outage", s.onPanel(s.postOutage))
	mux.HandleFunc("POST /sim/next", s.onPanel(s.postNext))
	mux.HandleFunc("POST /sim/calm", s.onPanel(func(url.Values) string { s.Calm(); return "" }))
	mux.HandleFunc("POST /sim/restore", s.onPanel(func(url.Values) string { s.Restore(); return "" }))
	mux.HandleFunc("GET /sim/accounts/{nuban}", func(w http.ResponseWriter, r *http.Request) {
		s.showHolding(w, r, "")
	})
	mux.HandleFunc("POST /sim/accounts/{nuban}/scenarios", s.onHolding(s.postScenarios))
	mux.HandleFunc("POST /sim/accounts/{nuban}/balance", s.onHolding(s.postBalance))
	mux.HandleFunc("POST /sim/accounts/{nuban}/unlink", s.onHolding(s.postUnlink))
	mux.HandleFunc("POST /sim/accounts/{nuban}/again", s.onHolding(s.postAgain))
}

const panelCSP = pageCSP

// panelPage is what a page of the panel shows.
type panelPage struct {
	Title string
	Wrong string // why a form did nothing; empty: it did
	Done  bool   // a form has done what it says

	Now       time.Time
	OTP       string
	Banks     []panelBank
	Next      []Scenario
	Outage    Outage
	Outages   []Outage
	Exchanges []simulate.Exchange

	Account AccountInfo
	Groups  []panelGroup
}

type panelBank struct {
	Name     string
	Accounts []AccountInfo
}

// panelGroup is a group of scenarios to choose from.
type panelGroup struct {
	Title string
	List  []panelChoice
}

type panelChoice struct {
	ScenarioInfo
	On bool
}

var groupTitles = map[Group]string{
	OfBank: "What the bank gives", OfCalls: "Calls about the account", OfAnswers: "How answers look",
	OfWebhooks: "How webhooks come", OfLinks: "What becomes of the link",
}

// groupsOf are scenarios of some groups, and which of them are on.
func groupsOf(on []Scenario, groups ...Group) (list []panelGroup) {
	for _, g := range groups {
		pg := panelGroup{Title: groupTitles[g]}
		for _, i := range scenarios {
			if i.Group == g {
				pg.List = append(pg.List, panelChoice{i, slices.Contains(on, i.Name)})
			}
		}
		list = append(list, pg)
	}
	return list
}

// showPanel handles GET /: everything there is, in its present state.
func (s *Server) showPanel(w http.ResponseWriter, r *http.Request, wrong string) {
	p := panelPage{
		Title: "The simulated Mono", Wrong: wrong, Done: r.URL.Query().Has("done"), Now: s.now(), OTP: sandboxOTP,
		Outage: s.Outage(), Outages: outages, Exchanges: s.Exchanges(),
	}
	s.locked(func() { p.Next = s.next })
	p.Groups = groupsOf(p.Next, OfLinks, OfBank, OfAnswers, OfWebhooks, OfCalls)
	for _, b := range banks {
		p.Banks = append(p.Banks, panelBank{Name: b.Name})
	}
	for _, a := range s.Accounts() {
		i := slices.IndexFunc(p.Banks, func(b panelBank) bool { return b.Name == a.Bank })
		p.Banks[i].Accounts = append(p.Banks[i].Accounts, a)
	}
	s.render(w, statusOf(wrong), "panel.html", panelCSP, p)
}

// showHolding handles GET /sim/accounts/{nuban}.
func (s *Server) showHolding(w http.ResponseWriter, r *http.Request, wrong string) {
	a, known := s.named(r.PathValue("nuban"))
	if !known {
		s.render(w, http.StatusNotFound, "gone.html", panelCSP, linkPage{Title: "There is no such account"})
		return
	}
	s.render(w, statusOf(wrong), "account.html", panelCSP, panelPage{
		Title: a.Type + " " + a.NUBAN, Wrong: wrong, Done: r.URL.Query().Has("done"), Account: a,
		Groups: groupsOf(a.Scenarios, OfBank, OfCalls, OfAnswers, OfWebhooks),
	})
}

func (s *Server) named(nuban string) (a AccountInfo, known bool) {
	list := s.Accounts()
	i := slices.IndexFunc(list, func(a AccountInfo) bool { return a.NUBAN == nuban })
	if i < 0 {
		return a, false
	}
	return list[i], true
}

func statusOf(wrong string) int {
	if wrong != "" {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// onPanel lets a form act; act says why it did nothing.
func (s *Server) onPanel(act func(url.Values) (wrong string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if wrong := act(r.PostForm); wrong != "" {
			s.showPanel(w, r, wrong)
			return
		}
		http.Redirect(w, r, "/?done", http.StatusSeeOther)
	}
}

// onHolding lets a form act on its account.
func (s *Server) onHolding(act func(a AccountInfo, form url.Values) (wrong string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		a, known := s.named(r.PathValue("nuban"))
		wrong := ""
		if known {
			wrong = act(a, r.PostForm)
		}
		if !known || wrong != "" {
			s.showHolding(w, r, wrong)
			return
		}
		http.Redirect(w, r, "/sim/accounts/"+a.NUBAN+"?done", http.StatusSeeOther)
	}
}

func (s *Server) postOutage(form url.Values) string {
	if s.SetOutage(form.Get("outage")) != nil {
		return "There is no such outage. Choose one of these."
	}
	return ""
}

// chosen are the scenarios of a form; wrong says that one is unknown.
func chosen(form url.Values) (list []Scenario, wrong string) {
	for _, name := range form["scenario"] {
		list = append(list, Scenario(name))
	}
	if checkScenarios(list) != nil {
		return nil, "There is no such scenario. Choose some of these."
	}
	return list, ""
}

func (s *Server) postNext(form url.Values) string {
	list, wrong := chosen(form)
	if wrong == "" {
		s.NextLink(list...)
	}
	return wrong
}

func (s *Server) postScenarios(a AccountInfo, form url.Values) string {
	list, wrong := chosen(form)
	if wrong == "" {
		s.SetScenarios(a.NUBAN, list...)
	}
	return wrong
}

var amountPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{2})?$`)

func (s *Server) postBalance(a AccountInfo, form url.Values) string {
	text := strings.TrimSpace(form.Get("balance"))
	if !amountPattern.MatchString(text) {
		return fmt.Sprintf("“%s” is no amount. Write it like 2500 or -130.50.", text)
	}
	if !strings.Contains(text, ".") {
		text += ".00"
	}
	minor, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	if err != nil || s.SetBalance(a.NUBAN, minor) != nil {
		return "The bank does not take that balance."
	}
	return ""
}

func (s *Server) postUnlink(a AccountInfo, form url.Values) string {
	if !slices.Contains(a.Linked, form.Get("id")) || s.Unlink(form.Get("id")) != nil {
		return "It is not linked any more."
	}
	return ""
}

func (s *Server) postAgain(a AccountInfo, form url.Values) string {
	if !slices.Contains(a.Linked, form.Get("id")) || s.Reauthorize(form.Get("id")) != nil {
		return "It is not linked any more."
	}
	return ""
}
