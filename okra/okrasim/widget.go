package okrasim

import (
	"cmp"
	"crypto/rand"
	"embed"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed widget
var widgetFiles embed.FS

// widgetCSP lets any page embed the widget, as Okra's did, and runs only what
// this server serves.
const widgetCSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"

// widgetOptions is what the simulator reads of the options that okra-js posts
// to the iframe.
type widgetOptions struct {
	Name          string   `json:"name"`
	Env           string   `json:"env"`
	AppID         string   `json:"app_id"`
	Key           string   `json:"key"`
	Token         string   `json:"token"`
	Products      []string `json:"products"`
	ShowBalance   bool     `json:"showBalance"`
	WebhookURL    string   `json:"webhook_url"`
	CallbackURL   string   `json:"callback_url"`
	ReauthAccount string   `json:"reauth_account"`
	ReauthBank    string   `json:"reauth_bank"`
	IsCorporate   bool     `json:"isCorporate"` // log-ins of firms, and no others
	Filter        struct {
		Banks []string `json:"banks"` // slugs; empty: all
	} `json:"filter"`
	Options object `json:"options"`
	Meta    object `json:"meta"`
}

// A session is one open widget.
type session struct {
	Options  widgetOptions
	Opened   time.Time
	Login    int  // meaningful after the password
	Password bool // was right
	OTP      bool // was right
}

// serveRoot handles GET /: the widget when okra-js asks, else the panel.
func (s *Server) serveRoot(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("isIframe") != "true" {
		s.servePanel(w, r)
		return
	}
	s.window.ServeHTTP(w, r)
}

// serveWindow handles what an open widget is made of: its page at GET /, and GET
// /widget/{file}.
func (s *Server) serveWindow(w http.ResponseWriter, r *http.Request) {
	if file := r.PathValue("file"); file != "" {
		http.ServeFileFS(w, r, widgetFiles, "widget/"+file)
		return
	}
	w.Header().Set("Content-Security-Policy", widgetCSP)
	http.ServeFileFS(w, r, widgetFiles, "widget/widget.html")
}

// serveSession handles POST /widget/session: it checks the options and answers
// with what the widget shows.
func (s *Server) serveSession(w http.ResponseWriter, r *http.Request) {
	var opt widgetOptions
	if err := readJSON(r, &opt); err != nil {
		writeJSON(w, http.StatusForbidden, widgetError(1000, "Validation", "These options cannot be read."))
		return
	}
	if refusal := s.refuse(opt); refusal != nil {
		writeJSON(w, http.StatusForbidden, refusal)
		return
	}
	writeJSON(w, http.StatusOK, object{"session": s.openSession(opt), "name": cmp.Or(opt.Name, "An app"),
		"showBalance": opt.ShowBalance, "reauthBank": reauthBank(opt), "reauthAccount": opt.ReauthAccount,
		"banks": each(offered(opt), func(b *bank) object {
			return object{"slug": b.Slug, "name": b.Name, "colour": b.Colour, "logins": loginHints(b, opt.IsCorporate)}
		})})
}

// openSession keeps a new session and forgets those older than an hour.
func (s *Server) openSession(opt widgetOptions) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	maps.DeleteFunc(s.sessions, func(_ string, open *session) bool { return now.Sub(open.Opened) > time.Hour })
	id = rand.Text()
	s.sessions[id] = &session{Options: opt, Opened: now}
	return id
}

// refuse returns the widget error that wrong options get, nil for right ones.
func (s *Server) refuse(opt widgetOptions) object {
	known := []string{"auth", "balance", "identity", "transactions", "income", "payments"}
	unknown := func(product string) bool { return !slices.Contains(known, product) }
	switch {
	case opt.Key != s.cfg.PublicKey, opt.Token != s.cfg.ClientToken, opt.Env != env,
		opt.AppID != "" && s.cfg.AppID != "" && opt.AppID != s.cfg.AppID:
		return widgetError(
			1006, "Invalid API Credentials",
			"The key, the token, the app or the environment is not one that this simulated Okra knows.",
		)
	case len(opt.Products) == 0, slices.ContainsFunc(opt.Products, unknown):
		return widgetError(1009, "Validation", "The products must be some of: "+strings.Join(known, ", ")+".")
	}
	return nil
}

// widgetError has the documented form of errors in the widget.
func widgetError(code int, method, message string) object {
	return object{"error": object{"type": "error", "status": false, "code": code, "method": method, "message": message}}
}

// reauthBank is the bank to sign in to again. Okra's mobile templates sent the
// text "undefined" for none, so what is no bank is no wish.
func reauthBank(opt widgetOptions) string {
	if some := offered(opt); len(some) == 1 { // there is nothing to choose
		return some[0].Slug
	}
	if opt.ReauthAccount == "" || bankBySlug(opt.ReauthBank) == nil {
		return ""
	}
	return opt.ReauthBank
}

// offered are the banks to choose from: those at which the sandbox has a log-in.
func offered(opt widgetOptions) []*bank {
	var some []*bank
	for _, b := range banks {
		named := len(opt.Filter.Banks) == 0 && len(loginHints(b, opt.IsCorporate)) > 0
		if named || slices.Contains(opt.Filter.Banks, b.Slug) {
			some = append(some, b)
		}
	}
	return some
}

func loginHints(b *bank, corporate bool) []object {
	hints := []object{}
	for _, c := range customers {
		if c.Bank == b && c.corporate() == corporate {
			hints = append(hints, object{"username": c.User, "password": c.Password})
		}
	}
	return hints
}

// A widgetStep is what the page posts after the session has begun.
type widgetStep struct {
	Session  string   `json:"session"`
	Bank     string   `json:"bank"`
	Username string   `json:"username"`
	Password string   `json:"password"`
	OTP      string   `json:"otp"`
	NUBANs   []string `json:"nubans"`
}

// step reads a widgetStep and runs f on its session under s.mu.
func (s *Server) step(w http.ResponseWriter, r *http.Request, f func(*session, widgetStep) answer) {
	var in widgetStep
	if err := readJSON(r, &in); err != nil {
		reply(w, refused("This request cannot be read."))
		return
	}
	s.mu.Lock()
	a := refused("This window has expired. Please close it and start again.")
	if open := s.sessions[in.Session]; open != nil {
		a = f(open, in)
	}
	s.mu.Unlock()
	reply(w, a)
}

// refused tells the person why a step did not work.
func refused(message string) answer {
	return answer{Status: http.StatusUnprocessableEntity, Body: object{"message": message}}
}

// serveLogin handles POST /widget/login.
func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request) {
	s.step(w, r, func(open *session, in widgetStep) answer {
		l := loginByUser(in.Username)
		if l < 0 || customers[l].Password != in.Password || customers[l].Bank.Slug != in.Bank ||
			customers[l].corporate() != open.Options.IsCorporate {
			return refused("The bank does not know this user name and password. Please try again.")
		}
		open.Login, open.Password = l, true
		return answer{Body: object{"ok": true}}
	})
}

// serveOTP handles POST /widget/otp and answers with the accounts to pick from.
func (s *Server) serveOTP(w http.ResponseWriter, r *http.Request) {
	s.step(w, r, func(open *session, in widgetStep) answer {
		if !open.Password || in.OTP != sandboxOTP {
			return refused("This is not the code that the bank sent. Please try again.")
		}
		open.OTP = true
		accounts := s.accountsWhere(func(a *account) bool { return a.Login == open.Login })
		return answer{Body: object{"accounts": each(accounts, func(a *account) object {
			o := object{"nuban": a.NUBAN, "type": a.Type, "currency": a.Currency, "name": a.holder()}
			if open.Options.ShowBalance {
				o["balance"] = cmp.Or(a.visible().Available, a.Saved.Ledger)
			}
			return o
		})}}
	})
}

// serveShare handles POST /widget/share: it ends the session, makes the record
// and answers with the onSuccess message, null when that is to be lost.
func (s *Server) serveShare(w http.ResponseWriter, r *http.Request) {
	s.step(w, r, func(open *session, in widgetStep) answer {
		if !open.OTP || len(in.NUBANs) == 0 {
			return refused("Please choose at least one account.")
		}
		message, early, err := s.link(open.Login, in.NUBANs, open.Options)
		if err != nil {
			return refused("Please choose among your own accounts.")
		}
		delete(s.sessions, in.Session)
		return answer{Body: object{"success": message}, First: early}
	})
}
