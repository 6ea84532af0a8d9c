package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/views"
)

// todayMost is how many customers the page of today shows, the first of all who wait.
const todayMost = 50

// waitFor is for what customers wait for a person, in the order in which that is done.
var waitFor = []store.Filter{
	store.NeedsReview, store.AskedLink, store.NeedsLogin, store.BelowThreshold, store.ConsentEnded,
	store.ConsentEnding, store.StaleBalance,
}

// todayPage handles GET /today: whoever waits for a person, and what to do.
func (s *Server) todayPage(c *gin.Context) error {
	return s.renderToday(c, "")
}

// renderToday shows the list; problem is what is wrong with the choice of customers.
func (s *Server) renderToday(c *gin.Context, problem string) error {
	var page views.Today
	err := s.together(c, func() (err error) {
		page, err = s.todayOf(c)
		return err
	}, noting(func() { s.noteList(c, "today") }))
	if err != nil {
		return err
	}
	page.Problem = problem
	code := http.StatusOK
	if problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return web.Render(c, code, views.TodayView(page))
}

func (s *Server) todayOf(c *gin.Context) (page views.Today, err error) {
	page = views.Today{Code: !s.Settings.Simulated(), PutOff: c.Query("show") == "put-off"}
	var staff map[string]string
	var found []store.CustomerRow
	err = s.together(c, func() error { // the others have it once they have read something
		page.Frame = s.Frame(c, web.Say(c, "Today"), "today")
		return nil
	}, func() (err error) {
		found, err = s.addQueue(c, &page)
		return err
	}, func() (err error) {
		staff, err = s.Store.StaffNames(c.Request.Context())
		return err
	}, func() (err error) {
		if !page.PutOff {
			page.Funds, err = s.awaitedFunds(c)
		}
		return err
	}, func() (err error) {
		page.Done, err = s.doneToday(c)
		return err
	}, func() (err error) {
		page.Asked, err = s.askedToday(c)
		return err
	})
	for i, cu := range found {
		page.Rows[i].ContactedBy = staff[cu.ContactedBy]
	}
	return page, err
}

// addQueue adds who waits, without who was in touch with them.
func (s *Server) addQueue(c *gin.Context, page *views.Today) ([]store.CustomerRow, error) {
	found, reasons, err := s.queue(c, page.PutOff)
	if err != nil {
		return nil, err
	}
	if page.More = len(found) > todayMost; page.More {
		found = found[:todayMost]
	}
	rows, err := s.customerRows(c, found, page.May.EditCustomers && !page.PutOff)
	if err != nil {
		return nil, err
	}
	for i, cu := range found {
		row := views.TodayRow{
			CustomerRow: rows[i], Note: cu.Note, Drawn: cu.Drawn(), Reasons: reasons[cu.ID], AskedAt: cu.AskedLinkAt,
			ContactedAt: cu.ContactedAt, PutOffUntil: cu.PutOffUntil,
		}
		if i+1 < len(found) {
			row.NextID = found[i+1].ID
		}
		page.Rows = append(page.Rows, row)
	}
	return found, nil
}

// queue is whoever waits, each at the first of their reasons, or whoever was put off: one
// more at most than a page has.
func (s *Server) queue(
	c *gin.Context, putOff bool,
) (all []store.CustomerRow, reasons map[string][]string, err error) {
	if putOff {
		q := store.CustomerQuery{Filter: store.PutOff, Limit: todayMost + 1}
		all, err = s.Store.Customers(c.Request.Context(), q)
		return all, nil, err
	}
	found := make([][]store.CustomerRow, len(waitFor))
	var reads []func() error
	for i, reason := range waitFor {
		reads = append(reads, func() (err error) {
			found[i], err = s.Store.Customers(c.Request.Context(), store.CustomerQuery{
				Filter: reason, NotPutOff: true, StaleBefore: s.present().staleBefore(), Limit: todayMost + 1,
			})
			return err
		})
	}
	if err := s.together(c, reads...); err != nil {
		return nil, nil, err
	}
	reasons = map[string][]string{}
	for i, reason := range waitFor {
		for _, cu := range found[i] {
			if reasons[cu.ID] == nil {
				all = append(all, cu)
			}
			reasons[cu.ID] = append(reasons[cu.ID], string(reason))
		}
	}
	return all[:min(len(all), todayMost+1)], reasons, nil
}

// doneToday is what the address says that was done to whom; nil: nothing.
func (s *Server) doneToday(c *gin.Context) (*views.DoneToday, error) {
	what := c.Query("done")
	if !slices.Contains([]string{"contacted", "put-off", "taken-back", "noted"}, what) {
		return nil, nil
	}
	cu, err := s.Store.CustomerByID(c.Request.Context(), c.Query("customer"))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &views.DoneToday{What: what, ID: cu.ID, Name: cu.Name, Until: cu.PutOffUntil}, err
}

// askedToday is how far the requests are that this member of staff started since the
// moment that the address has; nil: it has none.
func (s *Server) askedToday(c *gin.Context) (*views.AskedToday, error) {
	ms, err := strconv.ParseInt(c.Query("asked"), 10, 64)
	if err != nil {
		return nil, nil
	}
	n, err := s.Store.AskingOf(c.Request.Context(), web.MustStaff(c).ID, time.UnixMilli(ms))
	return &views.AskedToday{All: n.All, Ended: n.Ended, URL: "/today/asked?" + c.Request.URL.RawQuery}, err
}

// askedProgress handles GET /today/asked, the part of the page that it polls.
func (s *Server) askedProgress(c *gin.Context) error {
	asked, err := s.askedToday(c)
	if err != nil {
		return err
	}
	if asked == nil || !web.IsHTMX(c) {
		return web.SeeOther(c, "/today?"+c.Request.URL.RawQuery)
	}
	if asked.Ended < asked.All {
		return web.Render(c, http.StatusOK, views.AskedProgress(*asked))
	}
	page, err := s.todayOf(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.AllAsked(page))
}

// refreshChosen handles POST /today/refresh: asks the banks of all customers that are
// ticked.
func (s *Server) refreshChosen(c *gin.Context) error {
	chosen := c.PostFormArray("customer")
	if len(chosen) == 0 {
		problem := web.Say(c, "Tick the customers whose banks are to be asked.")
		return s.renderToday(c, problem)
	}
	at := s.Now() // of nothing that was begun: what is counted is by the database's clock
	for _, id := range chosen[:min(len(chosen), todayMost)] {
		asked, err := s.bank.AskAll(c.Request.Context(), s.viewer(c).by(), store.OfCustomer(id))
		if err != nil && !errors.Is(err, store.ErrNoConsent) {
			return err
		}
		if !asked.Since.IsZero() && asked.Since.Before(at) {
			at = asked.Since
		}
	}
	return web.SeeOther(c, "/today?asked="+strconv.FormatInt(at.UnixMilli(), 10))
}

// contacted handles POST /customers/:id/contacted.
func (s *Server) contacted(c *gin.Context) error {
	if err := s.Store.Contacted(c.Request.Context(), web.MustStaff(c).ID, c.Param("id")); err != nil {
		return err
	}
	return backToToday(c, "contacted")
}

// noteCustomer handles POST /customers/:id/note, what is typed into a row of the list. What
// is wrong with it is shown where all of the customer is corrected.
func (s *Server) noteCustomer(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	note := strings.ReplaceAll(web.Tidy(c.PostForm("note")), "\r\n", "\n")
	_, wrong := acts.CheckCustomer(store.Customer{Name: "-", Note: note})
	if problem := faultWords(c, wrong["note"], acts.LongestNote); problem != "" {
		cu, err := s.Store.CustomerByID(ctx, id)
		if err != nil {
			return err
		}
		form := correctionOf(cu)
		form.Note, form.Errors = note, map[string]string{"note": problem}
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	err := s.Store.NoteCustomer(ctx, store.ByStaff(web.MustStaff(c).ID), id, note, c.PostForm("drawn"))
	var changed *store.ChangedError
	if errors.As(err, &changed) {
		form := correctionOf(changed.Now)
		form.Note, form.Errors = note, changedWords(c, changed)
		return s.renderEdit(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return backToToday(c, "noted")
}

// putOff handles POST /customers/:id/put-off.
func (s *Server) putOff(c *gin.Context) error {
	until, ok := s.putOffUntil(c.PostForm("until"))
	if !ok {
		return &web.Error{
			Status: http.StatusUnprocessableEntity, Heading: web.Say(c, "Until when?"), NextURL: "/today",
			NextLabel: web.Say(c, "Today"),
			Sentence:  web.Say(c, "Choose until when they are put off. Nothing was changed."),
		}
	}
	if err := s.Store.PutOff(c.Request.Context(), web.MustStaff(c).ID, c.Param("id"), until); err != nil {
		return err
	}
	done := "put-off"
	if until.IsZero() {
		done = "taken-back"
	}
	return backToToday(c, done)
}

// putOffUntil is the beginning of a day that staff name, in the time of the business;
// zero: they take the customer back.
func (s *Server) putOffUntil(word string) (until time.Time, ok bool) {
	today := s.today()
	ahead := map[string]int{
		"tomorrow": 1, "monday": cmp.Or((8-int(today.Weekday()))%7, 7), "week": 7, "month": 30,
	}[word]
	if ahead == 0 {
		return until, word == "now"
	}
	return days.Shift(today, ahead), true
}

// backToToday leads back to the list, with what was done and to the row that comes next.
func backToToday(c *gin.Context, done string) error {
	to := url.URL{Path: "/today", RawQuery: url.Values{"done": {done}, "customer": {c.Param("id")}}.Encode()}
	if next := c.PostForm("next"); next != "" {
		to.Fragment = "at-" + next
	}
	return web.SeeOther(c, to.String())
}
