package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestSigningInAsksForACodeOnce(t *testing.T) {
	s := site.New(t)
	a, codes := s.SignedIn().Enrol()
	s.NewStep()
	b := s.Browser()
	p := b.Password(site.StaffEmail, site.StaffPassword)
	if p.WantStatus(http.StatusOK); p.Path != "/login/code" || b.Cookie(site.StaffCookie) != "" {
		t.Fatalf("after the password at %s with cookie %q, want to be asked for the code", p.Path, b.Cookie(site.StaffCookie))
	}
	if p := b.Get("/customers"); p.Path != "/login" {
		t.Errorf("half signed in one gets to %s", p.Path)
	}
	code := a.Code(0)
	b.Post("/login/code", url.Values{"code": {"12345"}}).WantStatus(http.StatusUnauthorized)
	p = b.Post("/login/code", url.Values{"code": {code[:3] + " " + code[3:]}, "next": {"/customers"}})
	if p.WantStatus(http.StatusOK); p.Path != "/customers" {
		t.Fatalf("after the code at %s", p.Path)
	}
	for name, tt := range map[string]struct {
		code string
		want int
	}{
		"the same code again": {code, http.StatusUnauthorized}, "a code of before": {a.Code(-1), http.StatusUnauthorized},
		"a code of long ago": {a.Code(-3), http.StatusUnauthorized}, "a code too early": {a.Code(2), http.StatusUnauthorized},
	} {
		other := s.Browser()
		other.Password(site.StaffEmail, site.StaffPassword)
		other.Post("/login/code", url.Values{"code": {tt.code}}).WantStatus(tt.want)
		if other.Cookie(site.StaffCookie) != "" {
			t.Errorf("%s signs in", name)
		}
	}
	s.Advance(time.Hour)
	for _, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		other := s.Browser()
		other.Password(site.StaffEmail, site.StaffPassword)
		other.Post("/login/code", url.Values{"code": {strings.ToUpper(codes[3])}}).WantStatus(want)
	}
}

func TestWrongCodesAreSlowedDownLikeWrongPasswords(t *testing.T) {
	s := site.New(t)
	a, _ := s.SignedIn().Enrol()
	s.Advance(time.Minute)
	b := s.Browser()
	b.Password(site.StaffEmail, site.StaffPassword)
	for range 5 {
		b.Post("/login/code", url.Values{"code": {"000000"}}).WantStatus(http.StatusUnauthorized)
		b.Password(site.StaffEmail, site.StaffPassword)
	}
	p := b.Post("/login/code", url.Values{"code": {a.Code(0)}})
	p.WantStatus(http.StatusTooManyRequests)
	if p.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	if p := b.Password(site.StaffEmail, site.StaffPassword); p.Status != http.StatusTooManyRequests {
		t.Errorf("the right password during the delay: %d, want 429", p.Status)
	}
}

func TestOutsideTheSimulationOwnersMustHaveASecondFactor(t *testing.T) {
	s := site.New(t, site.RealProvider...)
	b := s.SignedIn()
	for _, path := range []string{"/", "/customers", "/staff", "/profile", "/inbox"} {
		if p := b.Get(path); p.Path != "/profile/second-factor" {
			t.Errorf("%s is shown at %s before the second factor is set", path, p.Path)
		}
	}
	p := b.Post("/customers", url.Values{"name": {"Amina"}})
	p.WantText("h1", "Set up your second factor")
	b.Enrol()
	p = b.Get("/customers")
	if p.WantStatus(http.StatusOK); p.Path != "/customers" || p.Find("tbody tr").Length() != 0 {
		t.Errorf("after it at %s with %d customers, want none", p.Path, p.Find("tbody tr").Length())
	}
	if p := b.Post("/profile/second-factor/remove", nil); p.Status != http.StatusConflict {
		t.Errorf("an owner removes the second factor: %d, want 409", p.Status)
	}
}

func TestASecondFactorThatIsSetOrReplacedEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]string{"in the simulation": nil, "with a real provider": site.RealProvider} {
		t.Run(name, func(t *testing.T) {
			s := site.New(t, set...)
			here, there := s.SignedIn(), s.SignedIn()
			a, _ := here.Enrol()
			if p := there.Get("/profile/second-factor"); p.Path != "/login" {
				t.Errorf("begun by the password alone it goes on at %s", p.Path)
			}
			if p := here.Get("/staff"); p.Path != "/staff" {
				t.Errorf("who set it up is at %s", p.Path)
			}
			s.NewStep()
			half := s.Browser()
			half.Password(site.StaffEmail, site.StaffPassword)
			whole := s.Browser()
			whole.Password(site.StaffEmail, site.StaffPassword)
			whole.Post("/login/code", url.Values{"code": {a.Code(0)}}).WantStatus(http.StatusOK)
			here.Post("/confirm", url.Values{"proof": {a.Code(1)}})
			b, _ := here.Enrol()
			if p := whole.Get("/staff"); p.Path != "/login" {
				t.Errorf("by the code of an app that was replaced it goes on at %s", p.Path)
			}
			if p := half.Post("/login/code", url.Values{"code": {b.Code(1)}}); p.Path != "/login" {
				t.Errorf("half signed in before it was replaced, it goes on at %s", p.Path)
			}
			if p := here.Get("/staff"); p.Path != "/staff" {
				t.Errorf("who replaced it is at %s", p.Path)
			}
		})
	}
}

func TestASecondFactorThatIsRemovedEndsTheOtherSessionsAndNoLongerProvesAnything(t *testing.T) {
	s := site.New(t)
	s.Member("viewer@lender.example", store.RoleViewer)
	here, there := s.Browser(), s.Browser()
	here.Password("viewer@lender.example", site.StaffPassword)
	a, _ := here.Enrol()
	s.NewStep()
	there.Password("viewer@lender.example", site.StaffPassword)
	there.Post("/login/code", url.Values{"code": {a.Code(0)}}).WantStatus(http.StatusOK)
	s.Advance(10 * time.Minute)
	there.Get("/").WantStatus(http.StatusOK)
	here.Get("/").WantStatus(http.StatusOK)
	here.Post("/confirm", url.Values{"proof": {a.Code(0)}}).WantStatus(http.StatusOK)
	if p := here.Post("/profile/second-factor/remove", nil); p.Path != "/profile" {
		t.Fatalf("after removing it at %s", p.Path)
	}
	if p := there.Get("/profile"); p.Path != "/login" {
		t.Errorf("the other session is at %s", p.Path)
	}
	if p := here.Get("/profile/second-factor"); p.Path != "/confirm" {
		t.Errorf("a factor that is no more still proves who it is: at %s", p.Path)
	}
}

func TestASeedThatWasChangedLetsNobodyIn(t *testing.T) {
	s := site.New(t)
	a, _ := s.SignedIn().Enrol()
	s.NewStep()
	s.Spoil("second_factors.seed")
	b := s.Browser()
	b.Password(site.StaffEmail, site.StaffPassword)
	p := b.Post("/login/code", url.Values{"code": {a.Code(0)}})
	p.WantStatus(http.StatusInternalServerError)
	p.WantText("h1", "This cannot be shown")
}
