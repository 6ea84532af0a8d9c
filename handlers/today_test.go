package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"balancelink/handlers/sitetest/site"
	"balancelink/store"
)

// queued are the customers of the page of today, each with why they are there.
func queued(p site.Page) (all []string) {
	p.T.Helper()
	for _, row := range p.Find("[data-queue] tbody tr").EachIter() {
		var why []string
		for _, b := range row.Find("td[data-label=Why] .badge").EachIter() {
			why = append(why, strings.TrimSpace(b.Text()))
		}
		all = append(all, row.Find("[data-row]").Text()+": "+strings.Join(why, ", "))
	}
	return all
}

func TestTodayHasEverybodyWhoWaitsForAPersonOnceWithWhyAndWhatToDo(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	staff.Get("/today").WantText("main", "Nothing waits")
	staff.AddCustomer("Never Linked")
	old, _ := s.Link(staff, "Amina Bello", "Amina456")
	for _, a := range s.Accounts(old) {
		s.Said(a, 0, 1, store.Minor(1))
	}
	doubtful := "Bola Ade"
	s.Doubtful(staff, doubtful, "Efe123")
	s.Advance(s.Settings.StaleAfter + time.Minute)
	asking, err := s.Store.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Zainab Sule", Phone: "+2348031001001"})
	if err != nil {
		t.Fatal(err)
	}
	s.Exec(`UPDATE customers SET asked_link_at = 1 WHERE id = $1`, asking.ID)
	s.Exec(`UPDATE accounts SET status = 'needs_login' WHERE customer_id = $1 AND nuban = (SELECT MIN(nuban) FROM accounts WHERE customer_id = $1)`, old)

	p := s.SignedIn().Get("/today")
	p.WantStatus(http.StatusOK)
	want := []string{doubtful + ": To review", "Zainab Sule: Asked for a link", "Amina Bello: Needs sign-in, Out of date"}
	if got := queued(p); !slices.Equal(got, want) {
		t.Errorf("there wait %q, want %q", got, want)
	}
	p.WantText(".tools", "3 left")
	if tel := p.Find("a[href='tel:+2348031001001']").Length(); tel != 1 {
		t.Errorf("%d ways to ring", tel)
	}
	for who, act := range map[string]string{
		doubtful: "Decide", "Zainab Sule": "Make a link", "Amina Bello": "Ask to sign in again",
	} {
		if got := p.Find(".button-primary:contains('" + act + ": " + who + "')").Length(); got != 1 {
			t.Errorf("%s: %d of the button %q", who, got, act)
		}
	}
	viewer := s.SignedInAs(store.RoleViewer).Get("/today")
	if n := viewer.Find("form[action$='/contacted'], form[action$='/invitations']").Length(); n != 0 {
		t.Errorf("who may not change customers has %d forms", n)
	}
}

func TestWhoIsPutOffOrSpokenToIsWrittenDownAndCanBeTakenBack(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	var ids []string
	for _, name := range []string{"Ada", "Bisi"} {
		ids = append(ids, staff.AddCustomer(name))
		s.Exec(`UPDATE customers SET asked_link_at = 1 WHERE id = $1`, ids[len(ids)-1])
	}
	row := staff.Get("/today").Find("#row-" + ids[0])
	if next := row.Find("form[action$='/contacted'] [name=next]").AttrOr("value", ""); next != ids[1] {
		t.Errorf("after Ada comes %q", next)
	}
	p := staff.Post("/customers/"+ids[0]+"/contacted", url.Values{"next": {ids[1]}})
	p.WantText(".notice-good", "Noted that you spoke to Ada.")
	p.WantText("#row-"+ids[0]+" td[data-label='Last spoken to']", "by ")

	if p = staff.Post("/customers/"+ids[0]+"/put-off", url.Values{"until": {"whenever"}}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("until whenever: %d", p.Status)
	}
	p = staff.Post("/customers/"+ids[0]+"/put-off", url.Values{"until": {"tomorrow"}})
	p.WantText(".notice-good", "Ada is put off until ")
	if got := queued(p); !slices.Equal(got, []string{"Bisi: Asked for a link"}) {
		t.Errorf("while Ada is put off there wait %q", got)
	}
	p = staff.Get("/today?show=put-off")
	p.WantText("#row-"+ids[0], "until ")
	p = staff.Post("/customers/"+ids[0]+"/put-off", url.Values{"until": {"now"}})
	p.WantText(".notice-good", "Ada waits again.")
	if got := queued(p); len(got) != 2 {
		t.Errorf("taken back there wait %q", got)
	}
	staff.Post("/customers/"+ids[0]+"/put-off", url.Values{"until": {"tomorrow"}})
	s.Advance(24 * time.Hour)
	if got := queued(s.SignedIn().Get("/today")); len(got) != 2 {
		t.Errorf("a day later there wait %q", got)
	}
}

func TestWhoIsPutOffUntilTomorrowWaitsTomorrowAlsoWhereThatBeginsAtOne(t *testing.T) {
	s := site.New(t, "TIME_ZONE=America/Santiago")
	saturday := time.Date(2027, time.September, 4, 16, 0, 0, 0, s.Settings.Location) // at midnight it will be one o'clock
	s.Advance(saturday.Sub(s.Clock()))
	staff := s.SignedIn()
	id := staff.AddCustomer("Ada")
	s.Exec(`UPDATE customers SET asked_link_at = 1 WHERE id = $1`, id)
	p := staff.Post("/customers/"+id+"/put-off", url.Values{"until": {"tomorrow"}})
	p.WantText(".notice-good", "Ada is put off until 5 Sep.")
	s.Advance(7*time.Hour + 30*time.Minute)
	if got := queued(s.SignedIn().Get("/today")); len(got) != 0 {
		t.Errorf("on the same evening there wait %q", got)
	}
	s.Advance(time.Hour)
	if got := queued(s.SignedIn().Get("/today")); len(got) != 1 {
		t.Errorf("tomorrow there wait %q", got)
	}
}

func TestTheBanksOfAllChosenAreAskedAtOnceAndThePageSaysHowFarThatIs(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	chosen := url.Values{}
	for name, login := range map[string]string{"Amina Bello": "Amina456", "Efe Oghenekaro": "Efe123"} {
		id, _ := s.Link(staff, name, login)
		chosen.Add("customer", id)
	}
	s.Advance(s.Settings.StaleAfter + time.Hour)
	staff = s.SignedIn()
	if p := staff.Post("/today/refresh", nil); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("nobody chosen: %d", p.Status)
	}
	p := staff.Post("/today/refresh", chosen)
	path := "/today?" + p.Query
	p.WantText("#asked", "requests to the banks have ended")
	s.Eventually("all have ended", func() bool {
		return strings.Contains(staff.Get(path).Find("#asked").Text(), "All ")
	})
	p = staff.HTMX("GET", "/today/asked?"+p.Query)
	p.WantText("#asked", "See who still waits")
	p.WantText("#queue", "Nothing waits")
	if p.Find("[hx-get]").Length() > 0 {
		t.Error("it is polled though all have ended")
	}
	again := staff.Post("/today/refresh", chosen)
	again.WantText("#asked", "No bank was asked")
}

func TestWhatIsAskedIsCountedAlsoWhereTheDatabaseHasAnotherTime(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina456")
	s.Advance(s.Settings.RefreshCooldown + time.Second)
	s.Ahead = 5 * time.Second
	s.Restart()
	staff = s.SignedIn()
	p := staff.Post("/today/refresh", url.Values{"customer": {id}})
	p.WantText("#asked", "requests to the banks have ended")
	if got := p.Find("#asked progress").AttrOr("max", ""); got != "1" {
		t.Errorf("of %q requests it says how far they are", got)
	}
}

func TestWhoMayNotBeAskedAboutHoldsUpNobodyElseOfThoseChosen(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	ended, _ := s.Link(staff, "Amina Bello", "Amina456")
	holds, _ := s.Link(staff, "Efe Oghenekaro", "Efe123")
	s.Advance(s.Settings.RefreshCooldown + time.Second)
	s.Exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.Clock().Add(-366*24*time.Hour).UnixMilli(), ended)

	p := staff.Post("/today/refresh", url.Values{"customer": {ended, holds}})
	p.WantStatus(http.StatusOK)
	if n := s.Count(`SELECT COUNT(*) FROM refreshes JOIN accounts ON accounts.id = account_id
		WHERE trigger = 'staff' AND customer_id = '` + holds + `'`); n == 0 {
		t.Error("the bank of whose consent holds was not asked")
	}
	p = staff.Post("/today/refresh", url.Values{"customer": {ended}})
	p.WantText("#asked", "No bank was asked")
}

func TestOneConsentThatHasEndedHoldsUpNoAccountOfAnother(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina123")
	s.Advance(s.Settings.RefreshCooldown + time.Second)
	// The first of the accounts is of a provider for whom there is no consent.
	s.Exec(`UPDATE accounts SET provider = 'mono' WHERE id = (
		SELECT id FROM accounts WHERE customer_id = $1 ORDER BY bank_name, name, id LIMIT 1)`, id)

	staff.Post("/customers/"+id+"/refresh", nil).WantStatus(http.StatusOK)
	if n := s.Count(`SELECT COUNT(*) FROM refreshes WHERE trigger = 'staff'`); n != 1 {
		t.Errorf("%d accounts were asked about", n)
	}
	s.Eventually("the bank has answered", func() bool {
		return s.Count(`SELECT COUNT(*) FROM refreshes WHERE ended_at IS NULL`) == 0
	})
	s.Exec(`UPDATE consents SET given_at = $1 WHERE customer_id = $2`, s.Clock().Add(-366*24*time.Hour).UnixMilli(), id)
	s.Advance(s.Settings.RefreshCooldown + time.Second)
	p := staff.Post("/customers/"+id+"/refresh", nil)
	p.WantStatus(http.StatusConflict)
	p.WantText("main", "The consent has ended")
}

func TestWhatItsOwnerSharesNoMoreCountsNowhereAndKeepsNobodyWaiting(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, _ := s.Link(staff, "Amina Bello", "Amina123") // one account in naira, one in dollars
	accounts := s.Accounts(id)
	naira, dollars := accounts["0123456789"], accounts["0123456796"]
	staff.Post("/accounts/"+dollars.ID+"/threshold", url.Values{"threshold": {"5,000"}}).WantStatus(http.StatusOK)
	s.Advance(s.Settings.StaleAfter + time.Hour)
	s.Said(naira, 0, 5000000, store.Minor(5000000))
	s.Exec(`UPDATE accounts SET status = 'unshared' WHERE id = $1`, dollars.ID)

	staff = s.SignedIn()
	if got := queued(staff.Get("/today")); len(got) != 0 {
		t.Errorf("nobody can do anything, and there wait %q", got)
	}
	for _, filter := range []string{"stale", "below_threshold", "threshold_unknown"} {
		if got := listed(staff, "/customers?filter="+filter); len(got) != 0 {
			t.Errorf("%s: %q", filter, got)
		}
	}
	for _, page := range []string{"/customers", "/customers?sort=oldest"} {
		row := staff.Get(page).Find("main tbody tr").First().Text()
		if strings.Contains(row, "$") || !strings.Contains(row, "₦50,000.00") || !strings.Contains(row, "Up to date") {
			t.Errorf("%s: the row is %q", page, row)
		}
	}
	staff.Get("/").WantText(".tiles", "0 out of date")
	if n := staff.Get("/customers/" + id).Find(".sum").Length(); n != 0 {
		t.Error("one account is added up")
	}
}

// A lender's list, its counts, the customer's pages and programs say the same of them.
func TestWhoSharesNoAccountAnyMoreIsLinkedNowhere(t *testing.T) {
	s := site.New(t)
	staff := s.SignedIn()
	id, customer := s.Link(staff, "Amina Bello", "Amina123")
	s.Exec(`UPDATE accounts SET status = 'unshared' WHERE customer_id = $1`, id)

	if got := listed(staff, "/customers?filter=linked"); len(got) != 0 {
		t.Errorf("linked are %q", got)
	}
	staff.Get("/").WantText(".tiles", "0 linked")
	staff.Get("/customers").WantText("main tbody tr", "Invited") // the link works still
	if csv := staff.Get("/customers.csv?filter=linked").Text(); strings.Contains(csv, "Amina") {
		t.Errorf("the file of those who are linked is %q", csv)
	}
	if is := strings.TrimSpace(staff.Get("/customers/" + id).Find("main .badge").First().Text()); is != "Invited" {
		t.Errorf("the page says %q", is)
	}
	for b, page := range map[*site.Browser]string{staff: "/customers/" + id, customer: "/me"} {
		if n := b.Get(page).Find("form[action$='/refresh']").Length(); n != 0 {
			t.Errorf("%s offers %d times to ask banks that are not asked", page, n)
		}
	}
}
