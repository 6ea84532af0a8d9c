package handlers

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/signin"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/limits"
)

// Routes is every route that the server answers.
func (s *Server) Routes(t testing.TB) gin.RoutesInfo {
	t.Helper()
	e, err := s.engine()
	if err != nil {
		t.Fatal(err)
	}
	return e.Routes()
}

// Replace puts another provider in the place of the one for new links.
func (s *Server) Replace(by func(provider.Provider) provider.Provider) {
	s.upstreams[0].Provider = by(s.upstreams[0].Provider)
}

// StaffCookie signs a member of staff in and returns the cookie that says so.
// They have given all that they sign in with.
func (s *Server) StaffCookie(t testing.TB, id string) *http.Cookie {
	t.Helper()
	m, err := s.Store.StaffByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	given := store.Proof{Password: s.Now()}
	if m.SecondFactor {
		given.SecondFactor = s.Now()
	}
	return cookieOf(t, s.signin.Staff, store.Session{Principal: id, Version: m.Version, Proof: given})
}

// CustomerCookie signs a customer in and returns the cookie that says so.
func (s *Server) CustomerCookie(t testing.TB, id string) *http.Cookie {
	return cookieOf(t, s.signin.Customers, store.Session{Principal: id})
}

// VisitCookie lets a customer in whose visit by a personal link has begun.
func (s *Server) VisitCookie(t testing.TB, visitID string) *http.Cookie {
	return cookieOf(t, s.signin.Links, store.Session{Principal: visitID})
}

func cookieOf(t testing.TB, s *signin.Sessions, row store.Session) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequestWithContext(t.Context(), "POST", "/", nil)
	if err := s.StartAs(c, row); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

// BodyLimit is how many bytes a route takes.
func BodyLimit(route string) int {
	if takes, ok := bodies[route]; ok {
		return int(takes.Most)
	}
	return limits.Form
}

// CountHashes counts the passwords that are hashed, one at a time, until stop.
func (s *Server) CountHashes() (stop func() int) {
	real, turnstile, done, n := s.signin.Passwords.Slots, make(chan struct{}), make(chan struct{}), 0
	s.signin.Passwords.Slots = turnstile
	go func() {
		defer close(done)
		for range turnstile {
			n++
			turnstile <- struct{}{}
		}
	}()
	return func() int {
		close(turnstile)
		<-done
		s.signin.Passwords.Slots = real
		return n
	}
}

// NobodysHash is what is compared with when there is nobody.
func (s *Server) NobodysHash() string { return s.signin.Passwords.Nobody }

// RememberPoll notes that whoever sent the request has the card that polls address.
func RememberPoll(s *Server, r *http.Request, address string) {
	s.polls.Remember(&gin.Context{Request: r}, address)
}

// Remembered is how many entries a map has and how many bytes their keys are.
func Remembered(s *Server, name string) (entries, bytes int) {
	count := func(holder any, fields ...string) {
		m := reflect.ValueOf(holder)
		for _, name := range fields {
			m = reflect.Indirect(m).FieldByName(name)
		}
		for _, k := range m.MapKeys() {
			entries, bytes = entries+1, bytes+size(k)
		}
	}
	switch name {
	case "handlers/web/Polls.until":
		count(s.polls, "until")
	case "handlers/web/Limiter.buckets":
		count(s.hooks[0], "guard", "strikes", "buckets")
		count(s.windows, "buckets")
		count(s.reports, "buckets")
	case "handlers/web/refusals.seen":
		count(s.Site, "refused", "seen")
	case "handlers/hook/guard.rejected":
		count(s.hooks[0], "guard", "rejected")
	case "handlers/web/downloads.running":
		count(s.Site, "downloads", "running")
	case "handlers/signin/failures.counts":
		count(s.signin, "failed", "counts")
	default:
		panic("no map " + name)
	}
	return entries, bytes
}

// size is how many bytes a key takes, with its texts.
func size(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Struct:
		n := 0
		for i := range v.NumField() {
			n += size(v.Field(i))
		}
		return n
	}
	return int(v.Type().Size())
}
