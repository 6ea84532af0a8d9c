package handlers

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/store/phone"
	"balancelink/views"
)

// Of funds checks for a day to come: at which hour of it the banks are asked, in the time
// of the business, and how many days ahead it may lie.
const (
	fundsHour  = 8
	fundsAhead = 366
)

// askFundsSum handles POST /customers/:id/funds-checks: do the customer's accounts in one
// currency cover an amount, now or on a day to come?
func (s *Server) askFundsSum(c *gin.Context) error {
	ctx, m := c.Request.Context(), web.MustStaff(c)
	cu, err := s.Store.CustomerRowByID(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	accounts, err := s.Store.AccountsByCustomer(ctx, cu.ID)
	if err != nil {
		return err
	}
	form := views.FundsSumForm{
		Typed: web.Clip(c.PostForm("amount"), 100), Day: web.Clip(c.PostForm("day"), 20),
		Currency: c.PostForm("currency"), AskFirst: c.PostForm("refresh") != "",
	}
	currencies := currenciesOf(accounts)
	if len(currencies) == 0 {
		return notLinked(c)
	}
	if form.Currency == "" && len(currencies) == 1 {
		form.Currency = currencies[0]
	}
	f := store.FundsSum{
		CustomerID: cu.ID, StaffID: m.ID, Currency: form.Currency, FreshFor: s.Settings.FreshFor,
	}
	// The page may have stood open while accounts came and went: an amount of one currency
	// is never asked for in another.
	if slices.Contains(currencies, form.Currency) {
		f.Amount, form.AmountError = parseTyped(ctx, form.Typed, form.Currency)
	} else {
		form.AmountError = web.Say(c, "The customer's accounts have changed since you opened this page. Look at the currency, and check again.")
	}
	if f.Amount == 0 {
		form.AmountError = cmp.Or(form.AmountError, web.Say(c, "Enter an amount above zero."))
	}
	f.DueAt, form.DayError = s.fundsDay(c, form.Day)
	if form.AmountError != "" || form.DayError != "" {
		return s.renderCustomer(c, http.StatusUnprocessableEntity, cu, &form)
	}
	return s.askSum(c, f, form.AskFirst || form.Day != "")
}

// currenciesOf are the currencies of the accounts that are linked, each once.
func currenciesOf(accounts []store.Account) (all []string) {
	for _, a := range accounts {
		linked := a.Status == store.AccountLinked || a.Status == store.AccountNeedsLogin
		if linked && !slices.Contains(all, a.Currency) {
			all = append(all, a.Currency)
		}
	}
	return all
}

// fundsDay is when the banks are asked for the day that was typed; zero: at once, also
// where the hour of today is over. wrong says what is wrong with it; empty: nothing.
func (s *Server) fundsDay(c *gin.Context, typed string) (at time.Time, wrong string) {
	if typed == "" {
		return at, ""
	}
	today := s.today()
	date, err := time.Parse(time.DateOnly, typed)
	day := days.On(date.Year(), date.Month(), date.Day(), s.Settings.Location)
	switch {
	case err != nil:
		return at, web.Say(c, "Enter a date such as %s.", today.Format(time.DateOnly))
	case day.Before(today):
		return at, web.Say(c, "This day is over.")
	case day.After(days.Shift(today, fundsAhead)):
		return at, web.Say(c, "Enter a day within a year.")
	}
	at = time.Date(date.Year(), date.Month(), date.Day(), fundsHour, 0, 0, 0, s.Settings.Location)
	if !at.After(s.Now()) {
		at = time.Time{}
	}
	return at, ""
}

// askSum writes a question down and leads to its page. first: the banks are asked before
// it is answered.
func (s *Server) askSum(c *gin.Context, f store.FundsSum, first bool) error {
	m := web.MustStaff(c)
	var ask *store.RefreshRequest
	if first {
		if !web.Can(m.Role, web.AskBanks) {
			return web.Forbidden(c)
		}
		by := acts.By{Scope: store.Whole(), Trigger: "staff", StaffID: m.ID}
		request := s.bank.Request(by, "", store.KindRefresh)
		ask = &request
	}
	f, err := s.Store.AskFundsSum(c.Request.Context(), f, ask)
	if errors.Is(err, store.ErrUnlinked) {
		return notLinked(c)
	}
	if err != nil {
		return err
	}
	s.bank.Wake()
	return web.SeeOther(c, fundsSumURL(f))
}

func fundsSumURL(f store.FundsSum) string {
	return "/customers/" + f.CustomerID + "/funds-checks/" + f.ID
}

// askFundsAgain handles POST /customers/:id/funds-checks/:check/again: the same question,
// with new balances from the banks.
func (s *Server) askFundsAgain(c *gin.Context) error {
	f, err := s.Store.FundsSumByID(c.Request.Context(), c.Param("id"), c.Param("check"))
	if err != nil {
		return err
	}
	return s.askSum(c, store.FundsSum{
		CustomerID: f.CustomerID, StaffID: web.MustStaff(c).ID, Amount: f.Amount, Currency: f.Currency,
		FreshFor: s.Settings.FreshFor,
	}, true)
}

// fundsSum handles GET /customers/:id/funds-checks/:check: one check as evidence, or, for
// the page that waits for its answer, the answer.
func (s *Server) fundsSum(c *gin.Context) error {
	return s.renderFundsSum(c, http.StatusOK, views.FundsDecisionForm{})
}

func (s *Server) renderFundsSum(c *gin.Context, code int, form views.FundsDecisionForm) error {
	id, check := c.Param("id"), c.Param("check")
	var cu store.Customer
	var f store.FundsSum
	var staff map[string]string
	if err := s.together(c, func() (err error) {
		cu, err = s.Store.CustomerByID(c.Request.Context(), id)
		return err
	}, func() (err error) {
		f, err = s.Store.FundsSumByID(c.Request.Context(), id, check)
		return err
	}, func() (err error) {
		staff, err = s.Store.StaffNames(c.Request.Context())
		return err
	}); err != nil {
		return err
	}
	shown := s.fundsSumView(c, f, cu, staff)
	reads := []func() error{
		noting(func() { s.noteView(c, store.ActFundsSeen, f.CustomerID, f.ID) }),
		func() error { return s.addShared(c.Request.Context(), shown.Parts, f) },
	}
	for i, p := range f.Parts {
		reads = append(reads, func() error { return s.addLowest(c.Request.Context(), &shown.Parts[i], p, f) })
	}
	if err := s.together(c, reads...); err != nil {
		return err
	}
	if form.URL = shown.Form.URL; form.URL != "" {
		shown.Form = form
	}
	if web.IsHTMX(c) {
		return web.Render(c, code, views.FundsSumFragment(s.Clock(), shown))
	}
	return web.Render(c, code, views.FundsSumView(views.FundsSumPage{
		Frame: s.Frame(c, web.Say(c, "Funds check %s", shown.Reference), "customers"), Check: shown,
	}))
}

// decideFunds handles POST /customers/:id/funds-checks/:check/decision.
func (s *Server) decideFunds(c *gin.Context) error {
	form := views.FundsDecisionForm{Decision: c.PostForm("decision"), Note: web.Tidy(c.PostForm("note"))}
	if !slices.Contains([]string{"approved", "declined", "later"}, form.Decision) {
		form.Decision, form.DecisionError = "", web.Say(c, "Choose what you decide.")
	}
	form.NoteError = faultWords(c, acts.CheckText(form.Note, acts.LongestNote), acts.LongestNote)
	if form.DecisionError != "" || form.NoteError != "" {
		return s.renderFundsSum(c, http.StatusUnprocessableEntity, form)
	}
	decide := func(ctx context.Context, staffID, customerID, id string) error {
		return s.Store.DecideFunds(ctx, customerID, id, store.FundsDecision{
			StaffID: staffID, Decision: form.Decision, Note: form.Note,
		})
	}
	return s.onFundsSum(c, web.Say(c, "Your decision is kept."), decide)
}

// cancelFunds handles POST /customers/:id/funds-checks/:check/cancel.
func (s *Server) cancelFunds(c *gin.Context) error {
	return s.onFundsSum(c, web.Say(c, "The funds check is cancelled."), s.Store.CancelFundsSum)
}

// seeFunds handles POST /customers/:id/funds-checks/:check/seen.
func (s *Server) seeFunds(c *gin.Context) error {
	return s.onFundsSum(c, web.Say(c, "The answer is taken off Today."), s.Store.SeeFundsSum)
}

// onFundsSum does something to a check and leads back to it, or to the list that the form
// stood on. What cannot be done to it any more, or not yet, is left: its page says why.
func (s *Server) onFundsSum(
	c *gin.Context, done string, do func(ctx context.Context, staffID, customerID, id string) error,
) error {
	customer, id := c.Param("id"), c.Param("check")
	err := do(c.Request.Context(), web.MustStaff(c).ID, customer, id)
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	to := fundsSumURL(store.FundsSum{CustomerID: customer, ID: id})
	if c.PostForm("today") != "" {
		to = "/today"
	}
	if err != nil {
		return web.SeeOther(c, to)
	}
	return s.Done(c, to, done)
}

// addFundsSums adds the form and the newest checks to a customer's page. form is as it was
// typed; nil: it was not.
func (s *Server) addFundsSums(c *gin.Context, page *views.CustomerPage, of ofCustomer, form *views.FundsSumForm) {
	m, today, accounts := web.MustStaff(c), s.today(), store.Accounts(of.cards)
	if form == nil {
		form = &views.FundsSumForm{AskFirst: s.anyOld(accounts)}
	}
	form.Currencies = currenciesOf(accounts)
	form.MinDay = today.Format(time.DateOnly)
	form.MaxDay = days.Shift(today, fundsAhead).Format(time.DateOnly)
	form.MayRefresh = web.Can(m.Role, web.AskBanks)
	form.AllURL = "/customers/" + of.ID + "/funds-checks"
	if web.Can(m.Role, web.CheckFunds) && !page.Withdrawn() {
		form.URL = form.AllURL
	}
	if form.Checks = of.sums; len(accounts) > 0 || len(of.sums) > 0 {
		page.Funds = form
	}
}

// anyOld says that a figure would not be counted for its age: new ones are asked for first.
func (s *Server) anyOld(accounts []store.Account) bool {
	return slices.ContainsFunc(accounts, func(a store.Account) bool {
		return a.Status == store.AccountLinked && !store.NoOlder(a.AvailableAsOf, s.Settings.FreshFor, s.Now())
	})
}

func (s *Server) fundsSumViews(
	c *gin.Context, sums []store.FundsSum, cu store.Customer,
) (all []views.FundsSum, err error) {
	if len(sums) == 0 {
		return nil, nil
	}
	staff, err := s.Store.StaffNames(c.Request.Context())
	for _, f := range sums {
		all = append(all, s.fundsSumView(c, f, cu, staff))
	}
	return all, err
}

// fundsSumView is a check as pages show it.
func (s *Server) fundsSumView(
	c *gin.Context, f store.FundsSum, cu store.Customer, staff map[string]string,
) views.FundsSum {
	v, url := s.present().fundsSum(f, staff), fundsSumURL(f)
	v.Customer, v.CustomerReference, v.CustomerURL = cu.Name, cu.Reference, "/customers/"+cu.ID
	v.CustomerPhone = phone.Written(cu.Phone)
	role := web.MustStaff(c).Role
	if !web.Can(role, web.CheckFunds) {
		return v
	}
	if f.Answer != "" {
		v.Form.URL = url + "/decision"
	}
	if f.Answer != "" && f.Answer != store.FundsYes && f.Answer != store.FundsNo && web.Can(role, web.AskBanks) {
		v.AgainURL = url + "/again"
	}
	if f.Answer != "" && !f.DueAt.IsZero() && f.SeenAt.IsZero() {
		v.SeenURL = url + "/seen"
	}
	if v.Waiting {
		v.CancelURL = url + "/cancel"
	}
	return v
}

func (p presenter) fundsSum(f store.FundsSum, staff map[string]string) views.FundsSum {
	v := views.FundsSum{
		URL: fundsSumURL(f), ID: f.ID, Reference: store.Reference(f.ID),
		Amount: moneyOf(store.Minor(f.Amount), f.Currency), Answer: string(f.Answer), Reason: f.Reason,
		Available: moneyOf(f.Available, f.Currency), Unspecified: moneyOf(f.Unspecified, f.Currency),
		FreshFor: f.FreshFor, DueAt: f.DueAt, AskedAt: f.AskedAt, AnsweredAt: f.AnsweredAt,
		CancelledAt: f.CancelledAt, SeenAt: f.SeenAt, By: staff[f.StaffID], SeenBy: staff[f.SeenBy],
		Waiting: f.BegunAt.IsZero() && f.CancelledAt.IsZero(),
	}
	for _, part := range f.Parts {
		v.Parts = append(v.Parts, p.fundsPart(part, f))
	}
	zone := p.set.Location
	v.Late = !f.DueAt.IsZero() && !f.BegunAt.IsZero() &&
		!days.Start(f.BegunAt.In(zone)).Equal(days.Start(f.DueAt.In(zone)))
	for _, d := range f.Decisions {
		v.Decisions = append(v.Decisions, views.FundsDecision{
			Decision: d.Decision, Note: d.Note, By: staff[d.StaffID], At: d.At,
		})
	}
	return v
}

func (p presenter) fundsPart(part store.FundsPart, f store.FundsSum) views.FundsPart {
	if part.Broken != nil {
		p.broken(part.Broken)
	}
	return views.FundsPart{
		Bank: part.BankName, Sort: part.Type, NUBAN: masked(part.NUBAN, part.Broken),
		URL: "/accounts/" + part.AccountID, LeftOut: part.LeftOut,
		Available: moneyOf(part.Available, f.Currency), Figure: moneyOf(part.Figure, f.Currency),
		Basis: string(part.Basis), AsOf: part.AsOf, AsOfKind: string(part.AsOfKind), CheckedAt: part.CheckedAt,
	}
}

// addShared adds to the accounts of a check who has them too.
func (s *Server) addShared(ctx context.Context, shown []views.FundsPart, f store.FundsSum) error {
	ids := make([]string, len(f.Parts))
	for i, p := range f.Parts {
		ids[i] = p.AccountID
	}
	also, err := s.Store.SharedWith(ctx, ids...)
	for i, id := range ids {
		shown[i].Shared = sharedView(also, id)
	}
	return err
}

// addLowest adds what an account had at least in the 30 days before the answer. Of one that
// is not looked at any more nothing is.
func (s *Server) addLowest(ctx context.Context, v *views.FundsPart, p store.FundsPart, f store.FundsSum) error {
	if !p.Available.Known && !p.Figure.Known {
		return nil
	}
	from := days.Shift(f.AnsweredAt.In(s.Settings.Location), 1-rangeDays["30d"])
	points, err := s.Store.PointsByAccount(ctx, store.Whole(), p.AccountID, from)
	if err != nil {
		return err
	}
	points = slices.DeleteFunc(points, func(at store.Point) bool { return at.At.After(f.AnsweredAt) })
	if len(points) == 0 {
		return nil
	}
	low, _ := store.Extremes(points, from, func(at store.Point) store.Amount { return at.Available })
	v.Lowest, v.LowestAt = moneyOf(low.Amount, f.Currency), low.At
	until := points[len(points)-1].At.Add(s.Settings.StaleAfter)
	if until.After(f.AnsweredAt) {
		until = f.AnsweredAt
	}
	v.DaysBelow, v.DaysKnown = store.DaysBelow(points, f.Amount, from, until, s.Settings.Location)
	return nil
}

// awaitedFunds are the checks for a day that has come whose answer nobody has seen.
func (s *Server) awaitedFunds(c *gin.Context) (all []views.FundsSum, err error) {
	awaited, err := s.Store.AwaitedFundsSums(c.Request.Context(), todayMost)
	if err != nil || len(awaited) == 0 {
		return nil, err
	}
	staff, err := s.Store.StaffNames(c.Request.Context())
	for _, f := range awaited {
		all = append(all, s.fundsSumView(c, f.FundsSum, store.Customer{
			ID: f.CustomerID, Name: f.CustomerName, Reference: f.CustomerReference, Phone: f.CustomerPhone,
		}, staff))
	}
	return all, err
}
