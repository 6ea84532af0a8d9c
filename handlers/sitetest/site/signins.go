package site

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"balancelink/handlers"
	"balancelink/handlers/signin"
	"balancelink/handlers/web"
	"balancelink/store"
)

// SignIns makes the cookies of people who have signed in at a server, without
// asking them for anything.
type SignIns struct {
	service *signin.Service
	store   *store.Store
}

// NewSignIns returns those of a server.
func NewSignIns(t testing.TB, server *handlers.Server) *SignIns {
	t.Helper()
	once, err := web.NewShownOnce(server.Site)
	if err != nil {
		t.Fatal(err)
	}
	service, err := signin.New(signin.Config{Site: server.Site, Store: server.Store, Once: once, Cost: CheapCost})
	if err != nil {
		t.Fatal(err)
	}
	return &SignIns{service: service, store: server.Store}
}

// Staff signs a member of staff in, who has given all that they sign in with.
func (s *SignIns) Staff(t testing.TB, id string) *http.Cookie {
	t.Helper()
	m, err := s.store.StaffByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	given := store.Proof{Password: s.service.Now()}
	if m.SecondFactor {
		given.SecondFactor = s.service.Now()
	}
	return cookieOf(t, s.service.Staff, store.Session{Principal: id, Version: m.Version, Proof: given})
}

// Customer signs a customer in.
func (s *SignIns) Customer(t testing.TB, id string) *http.Cookie {
	t.Helper()
	return cookieOf(t, s.service.Customers, store.Session{Principal: id})
}

// Visit lets a customer in whose visit by a personal link has begun.
func (s *SignIns) Visit(t testing.TB, visitID string) *http.Cookie {
	t.Helper()
	return cookieOf(t, s.service.Links, store.Session{Principal: visitID})
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
