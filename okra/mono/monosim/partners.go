package monosim

import (
	"net/http"
	"slices"
	"time"
)

// sessionLife is how long a session of the partners' API lives (INF).
const sessionLife = 15 * time.Minute

// A session is a sign-in by the partners' API, which needs no page: the way to link in
// the sandbox without a browser ("Sandbox guide", 2025-07-28).
type session struct {
	*link
	until  time.Time
	chosen *holding
}

// openSession handles POST /v2/connect/session.
func (s *Server) openSession(c *call) answer {
	list := wrongCustomer(c)
	b := bankByID(c.text("institution"))
	if b == nil {
		list = append(list, complaint{"institution", "institution not found"})
	}
	if c.text("auth_method") == "" {
		list = append(list, complaint{"auth_method", "auth_method is required"})
	}
	if len(list) > 0 {
		return refused(list)
	}
	return s.begun(&link{Made: s.now(), Bank: b, at: b, Customer: s.customerOf(c)})
}

// openReauthSession handles POST /v2/connect/reauth/session.
func (s *Server) openReauthSession(c *call) answer {
	a := s.account(c.text("account"))
	if a == nil {
		return s.unknown(c.text("account"))
	}
	return s.begun(&link{Made: s.now(), Bank: a.Bank, at: a.Bank, Account: a, Customer: a.Customer})
}

func (s *Server) begun(l *link) answer {
	s.keep(l)
	id := s.token(20)
	s.sessions[id] = &session{link: l, until: s.now().Add(sessionLife)}
	b := l.Bank
	return success("Request completed successfully", object{
		"session": object{
			"id": id, "scope": "financial_data", "expiresAt": s.now().Add(sessionLife).UnixMilli(),
			"institution": object{"id": b.ID, "name": b.Name, "identifier": "mono.connections." + b.Code},
		},
		"ui": b.form(),
	})
}

// session returns the session that a call's x-session-id names, nil if there is none.
func (s *Server) session(c *call) *session {
	open := s.sessions[c.Header.Get("x-session-id")]
	if open == nil || open.Used || !s.now().Before(open.until) {
		return nil
	}
	return open
}

func noSession() answer {
	return refused([]complaint{{"x-session-id", "this session is not open"}})
}

// sandboxLogins handles GET /v2/connect/sandbox.
func (s *Server) sandboxLogins(c *call) answer {
	open := s.session(c)
	if open == nil {
		return noSession()
	}
	list := []object{}
	for _, l := range logins(open.Bank) {
		list = append(list, object{
			"hasMultipleAccounts": len(s.holdingsOf(open.Bank, l.User, l.Password)) > 1,
			"values":              object{"username": l.User, "password": l.Password},
		})
	}
	return success("Request completed successfully", object{"credentials": list, "inputs": []object{}})
}

// sessionLogin handles POST /v2/connect/login: a person with one account is asked for
// the one-time code, one with several for the account first.
func (s *Server) sessionLogin(c *call) answer {
	open := s.session(c)
	if open == nil {
		return noSession()
	}
	open.found = s.holdingsOf(open.Bank, c.text("username"), c.text("password"))
	switch len(open.found) {
	case 0:
		return coded(http.StatusBadRequest, 400, "Invalid login credentials", nil)
	case 1:
		open.chosen = open.found[0]
		return wantsOTP()
	}
	rows := []object{}
	for _, h := range open.found {
		rows = append(rows, object{
			"accountNumber": h.NUBAN, "name": h.Name, "type": h.Type, "currency": h.Currency, "status": "active",
			"balance": h.Balance,
		})
	}
	return coded(http.StatusOK, 101, "Multiple accounts found", object{"accounts": rows})
}

func wantsOTP() answer {
	return coded(http.StatusOK, 102, "OTP required", object{"userInput": object{
		"title": "Please input OTP sent to you",
		"form": []object{{
			"type": "elements.input", "name": "otp", "hint": "Please don't share this one time password",
			"contentType": "string",
		}},
	}})
}

// coded is an answer of the partners' API, which has a number of its own.
func coded(status, number int, message string, data any) answer {
	word := "successful"
	if status >= 400 {
		word = "failed"
	}
	return answer{status, object{"status": word, "message": message, "responseCode": number, "data": data}}
}

// sessionCommit handles POST /v2/connect/commit {accountNumber, otp}, of which each may
// come by itself.
func (s *Server) sessionCommit(c *call) answer {
	open := s.session(c)
	if open == nil || len(open.found) == 0 {
		return noSession()
	}
	if number := c.text("accountNumber"); number != "" {
		i := slices.IndexFunc(open.found, func(h *holding) bool { return h.NUBAN == number })
		if i < 0 {
			return coded(http.StatusBadRequest, 400, "Invalid account number", nil)
		}
		open.chosen = open.found[i]
	}
	switch {
	case open.chosen == nil:
		return coded(http.StatusBadRequest, 400, "Account number is required", nil)
	case c.text("otp") == "":
		return wantsOTP()
	case c.text("otp") != sandboxOTP:
		return coded(http.StatusBadRequest, 400, "Invalid OTP Sent", nil)
	}
	return coded(http.StatusOK, 99, "Login successful", object{"code": s.complete(open.link, open.chosen)})
}

// reauthLogin handles POST /v2/connect/reauth/login, whose answers have the number
// inside the data.
func (s *Server) reauthLogin(c *call) answer {
	open := s.session(c)
	if open == nil || open.Account == nil {
		return noSession()
	}
	if !slices.Contains(s.holdingsOf(open.Bank, c.text("username"), c.text("password")), open.Account.holding) {
		return answer{http.StatusBadRequest, object{
			"status": "failed", "message": "Invalid login credentials", "data": object{"responseCode": 400},
		}}
	}
	return success("Login successful", object{"responseCode": 99, "code": s.complete(open.link, nil)})
}

// A login is what a bank lets in.
type login struct{ User, Password string }

// logins are those of a bank, the one of everybody first.
func logins(b *bank) []login {
	list := []login{{goodUser, goodPassword}}
	for _, p := range persons {
		if p.Bank == b {
			list = append(list, login{p.User, p.Password})
		}
	}
	return list
}

// holdingsOf returns the accounts that a log-in sees at a bank, none for a wrong one.
// The documented test user sees everybody's.
func (s *Server) holdingsOf(b *bank, user, password string) (list []*holding) {
	for _, h := range s.holdings {
		all := user == goodUser && password == goodPassword
		if h.Bank == b && (all || h.User == user && h.Password == password) {
			list = append(list, h)
		}
	}
	return list
}
