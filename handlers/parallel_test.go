package handlers_test

import (
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

func TestTwoHundredClicksAtOnceAskTheBankOnce(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina456")
	a := s.Accounts(id)["2230011442"]
	viewers := []struct {
		*site.Browser
		cookie, path string
	}{
		{staff, site.StaffCookie + "=" + staff.Cookie(site.StaffCookie), "/accounts/" + a.ID + "/refresh"},
		{customer, site.LinkCookie + "=" + customer.Cookie(site.LinkCookie), "/me/accounts/" + a.ID + "/refresh"},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	start := make(chan struct{})
	var wg sync.WaitGroup
	var answers sync.Map // status → how many
	for i := range 200 {
		v := viewers[i%len(viewers)]
		wg.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+v.path, v.Form(nil))
			if err != nil {
				t.Error(err)
				return
			}
			site.WithFormHeader(req.Header).Set("Cookie", v.cookie)
			req.Header.Set("Origin", s.URL)
			<-start
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if to, _ := url.Parse(resp.Header.Get("Location")); to != nil && to.Path == "/login" {
				t.Error("a click was not signed in: the test proves nothing")
			}
			n, _ := answers.LoadOrStore(resp.StatusCode, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		})
	}
	close(start)
	wg.Wait()
	var sum int64
	answers.Range(func(status, n any) bool {
		if status != http.StatusSeeOther && status != http.StatusTooManyRequests {
			t.Errorf("%d clicks were answered %d", n.(*atomic.Int64).Load(), status)
		}
		sum += n.(*atomic.Int64).Load()
		return true
	})
	if sum != 200 {
		t.Errorf("%d clicks were answered, want 200", sum)
	}
	s.Eventually("the refresh has ended", func() bool {
		log, err := s.Store.RefreshesByAccount(t.Context(), store.Whole(), a.ID, 10)
		return err == nil && len(log) == 1 && log[0].State == store.RefreshChanged
	})
	if n := s.Sim.Calls("balance/refresh"); n != 1 {
		t.Errorf("the bank was asked %d times, want once", n)
	}
}
