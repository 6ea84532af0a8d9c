package monosim

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"

	"balancelink/okra/provider/simulate"
)

//go:embed page/*.html
var pageFiles embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"money": showMoney, "at": showTime}).
	ParseFS(pageFiles, "page/*.html"))

// pageCSP lets a page load its style and post to its own origin and, where a form may be
// answered by a redirect, to the origin of the app: browsers hold that against
// form-action.
const pageCSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"form-action 'self'"

// pageRoutes are all pages of the link's origin.
func (s *Server) pageRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /panel/{file}", simulate.ServePanelFile)
	s.panelRoutes(mux)
	mux.Handle("/", s.window)
	return http.NewCrossOriginProtection().Handler(mux)
}

// linkRoutes are the pages of a link. Names that browser tests may rely on: the fields
// username, password and otp, the radio buttons account with a NUBAN as their value, and
// a button continue or cancel in each form.
func (s *Server) linkRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{code}", s.onLink((*Server).showLink))
	mux.HandleFunc("POST /{code}/login", s.onLink((*Server).postLogin))
	mux.HandleFunc("POST /{code}/otp", s.onLink((*Server).postOTP))
	mux.HandleFunc("POST /{code}/account", s.onLink((*Server).postAccount))
	mux.HandleFunc("POST /{code}/cancel", s.onLink((*Server).postCancel))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.render(w, http.StatusNotFound, "gone.html", pageCSP, linkPage{Title: "There is no such page"})
	})
	return mux
}

// linkPage is what a step of a link shows.
type linkPage struct {
	Title    string
	Wrong    string // why a form did nothing; empty: it did
	Code     string // of the link
	Banks    []*bank
	Bank     *bank
	Again    bool // to sign in to an account that is linked
	Chosen   bool // the app has chosen the bank
	Logins   []login
	OTP      string
	Accounts []*holding
	Typed    string
	to       string // where a form may lead; empty: nowhere but here
}

// onLink finds the link of an address. serve runs under s.mu.
func (s *Server) onLink(serve func(*Server, http.ResponseWriter, *http.Request, *link)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		i := slices.IndexFunc(s.links, func(l *link) bool { return l.Code == r.PathValue("code") })
		switch {
		case i < 0:
			s.render(w, http.StatusNotFound, "gone.html", pageCSP, linkPage{Title: "There is no such page"})
		case s.dead(s.links[i]):
			s.render(w, http.StatusGone, "gone.html", pageCSP, linkPage{Title: "This page has run out"})
		default:
			serve(s, w, r, s.links[i])
		}
	}
}

// showLink handles GET /{code}: the step that the person has come to. ?bank= chooses a
// bank, and without a name of one the list of them.
func (s *Server) showLink(w http.ResponseWriter, r *http.Request, l *link) {
	if r.URL.Query().Has("bank") {
		l.at, l.found, l.passed = bankByID(r.URL.Query().Get("bank")), nil, false
	}
	if l.Bank != nil && l.at == nil {
		l.at = l.Bank
	}
	s.showStep(w, l, http.StatusOK, linkPage{})
}

func (s *Server) showStep(w http.ResponseWriter, l *link, status int, p linkPage) {
	p.Code, p.Bank, p.OTP, p.to = l.Code, l.at, sandboxOTP, l.Redirect
	p.Again, p.Chosen = l.Account != nil, l.Bank != nil
	name := "banks.html"
	switch {
	case l.at == nil:
		p.Title, p.Banks = "Choose your bank", banks
	case l.found == nil:
		name, p.Title, p.Logins = "login.html", "Log in to "+l.at.Name, logins(l.at)
	case !l.passed:
		name, p.Title = "otp.html", "Enter the code"
	default:
		name, p.Title, p.Accounts = "accounts.html", "Choose one account", l.found
	}
	s.render(w, status, name, p.csp(), p)
}

// postLogin handles POST /{code}/login.
func (s *Server) postLogin(w http.ResponseWriter, r *http.Request, l *link) {
	if l.at == nil {
		s.next303(w, r, l)
		return
	}
	found := s.holdingsOf(l.at, r.PostFormValue("username"), r.PostFormValue("password"))
	if len(found) == 0 || l.Account != nil && !slices.Contains(found, l.Account.holding) {
		s.showStep(w, l, http.StatusUnprocessableEntity, linkPage{
			Wrong: "The bank does not know this user name and password. Please try again.",
			Typed: r.PostFormValue("username"),
		})
		return
	}
	l.found = found
	s.next303(w, r, l)
}

// next303 sends the browser to the step that the person has come to.
func (s *Server) next303(w http.ResponseWriter, r *http.Request, l *link) {
	http.Redirect(w, r, "/"+l.Code, http.StatusSeeOther)
}

// postOTP handles POST /{code}/otp, which ends a sign-in to an account that is linked.
func (s *Server) postOTP(w http.ResponseWriter, r *http.Request, l *link) {
	switch {
	case l.found == nil:
		s.next303(w, r, l)
	case r.PostFormValue("otp") != sandboxOTP:
		s.showStep(w, l, http.StatusUnprocessableEntity, linkPage{
			Wrong: "This is not the code that the bank sent. Please try again.",
		})
	case l.Account != nil:
		s.leave(w, r, l, nil)
	default:
		l.passed = true
		s.next303(w, r, l)
	}
}

// postAccount handles POST /{code}/account: one account, neither none nor several.
func (s *Server) postAccount(w http.ResponseWriter, r *http.Request, l *link) {
	if !l.passed {
		s.next303(w, r, l)
		return
	}
	chosen := r.PostFormValue("account")
	i := slices.IndexFunc(l.found, func(h *holding) bool { return h.NUBAN == chosen })
	if i < 0 || len(r.PostForm["account"]) != 1 {
		s.showStep(w, l, http.StatusUnprocessableEntity, linkPage{Wrong: "Please choose one account."})
		return
	}
	s.leave(w, r, l, l.found[i])
}

// leave ends a link and sends the person back to the app, if they go.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, l *link, h *holding) {
	s.complete(l, h)
	if l.back == "" {
		s.render(w, http.StatusOK, "done.html", pageCSP, linkPage{Title: "Your account is linked"})
		return
	}
	http.Redirect(w, r, l.back, http.StatusSeeOther)
}

// postCancel handles POST /{code}/cancel. What stands in the address then is documented
// nowhere; connect-flutter looks for these words (INF).
func (s *Server) postCancel(w http.ResponseWriter, r *http.Request, l *link) {
	l.at, l.found, l.passed = nil, nil, false
	if l.is(NeverReturns) || l.Redirect == "" {
		s.render(w, http.StatusOK, "done.html", pageCSP, linkPage{Title: "Nothing was linked"})
		return
	}
	http.Redirect(w, r, l.answer("status", "cancelled", "reason", "widget_closed"), http.StatusSeeOther)
}

// csp lets the forms of a page lead back to the app, which may be one for phones with a
// scheme of its own.
func (p linkPage) csp() string {
	to, err := url.Parse(p.to)
	switch {
	case err != nil || to.Scheme == "":
		return pageCSP
	case to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return pageCSP + " " + to.Scheme + ":"
	}
	return pageCSP + " " + to.Scheme + "://" + to.Host
}

func (s *Server) render(w http.ResponseWriter, status int, name, csp string, data any) {
	simulate.Draw(w, s.cfg.Logger, pages, simulate.Page{Template: name, Policy: csp, Status: status, Data: data})
}
