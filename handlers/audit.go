package handlers

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/store/progress"
	"balancelink/views"
	"balancelink/views/locale"
)

// auditLog handles GET /audit.
func (s *Server) auditLog(c *gin.Context) error {
	ctx := c.Request.Context()
	s.signin.RecordFailures(ctx, true)
	people, err := s.actorNames(ctx)
	if err != nil {
		return err
	}
	filter, q, err := s.auditFilter(c, c.Query, people)
	if err != nil {
		return err
	}
	checked, err := s.auditState(ctx)
	if err != nil {
		return err
	}
	chain := checked.Found
	page := views.Audit{
		Frame: s.Frame(c, web.Say(c, "Audit log"), "audit"), Filter: filter, CheckURL: "/audit/check",
		ExportURL: "/audit/export",
		Chain: views.AuditChain{
			CheckedAt: checked.At, Rows: chain.Rows, Head: chain.Head, BadRow: chain.BadRow, Problem: chain.Problem,
		},
	}
	if len(filter.Errors) > 0 {
		return web.Render(c, http.StatusUnprocessableEntity, views.AuditView(page))
	}
	var entries []store.AuditEntry
	err = s.together(c, func() (err error) {
		entries, err = s.Store.AuditLog(c.Request.Context(), q)
		return err
	}, noting(func() { s.noteList(c, "audit") }))
	// The look is not among them: whoever looks sees what was there before.
	if err != nil {
		return err
	}
	if q.Before > 0 {
		page.FirstURL = auditURL(filter, 0)
	}
	if len(entries) == q.Limit { // one more than fits: there is another page
		entries = entries[:q.Limit-1]
		page.NextURL = auditURL(filter, entries[len(entries)-1].Seq)
	}
	for _, e := range entries {
		page.Rows = append(page.Rows, auditRow(ctx, e, people))
	}
	return web.Render(c, http.StatusOK, views.AuditView(page))
}

// auditPage is how many rows a page of the audit log has.
const auditPage = 50

// auditFilter reads the filter from a query or a form, and makes of it what the
// form shows and what the store is asked.
func (s *Server) auditFilter(
	c *gin.Context, field func(string) string, people actorNames,
) (f views.AuditFilter, q store.AuditQuery, err error) {
	f = views.AuditFilter{
		Customer: web.Clip(web.Tidy(field("customer")), 200), Actor: field("actor"), Action: field("action"),
		From: field("from"), To: field("to"),
		Actors: actors(c.Request.Context(), people), Errors: map[string]string{},
	}
	for _, a := range store.Actions() {
		f.Actions = append(f.Actions, string(a))
	}
	q = store.AuditQuery{Actor: f.Actor, Action: store.Action(f.Action), Limit: auditPage + 1}
	q.Before, _ = strconv.ParseInt(field("before"), 10, 64) // what is no number is the first page
	q.From = s.auditDay(c, f, "from", f.From, 0)
	q.To = s.auditDay(c, f, "to", f.To, 1)
	if f.Customer == "" {
		return f, q, nil
	}
	customer, problem, err := s.customerMeant(c, f.Customer)
	if problem != "" {
		f.Errors["customer"] = problem
	}
	f.CustomerName, q.Customer = customer.Name, customer.ID
	return f, q, err
}

// auditDay is when the day began that comes so many days after one that was
// typed; the zero time: none was.
func (s *Server) auditDay(c *gin.Context, f views.AuditFilter, name, typed string, after int) time.Time {
	if typed == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		f.Errors[name] = web.Say(c, "Enter a date such as %s.", s.today().Format(time.DateOnly))
		return time.Time{}
	}
	return days.On(day.Year(), day.Month(), day.Day()+after, s.Settings.Location)
}

// auditURL is the log with the same filter, from before a row on.
func auditURL(f views.AuditFilter, before int64) string {
	v := given(map[string]string{
		"customer": f.Customer, "actor": f.Actor, "action": f.Action, "from": f.From, "to": f.To,
	})
	if before > 0 {
		v.Set("before", strconv.FormatInt(before, 10))
	}
	return "/audit?" + v.Encode()
}

// actorNames are what members of staff and keys are called, by id.
type actorNames struct{ staff, keys map[string]string }

func (s *Server) actorNames(ctx context.Context) (n actorNames, err error) {
	err = s.Store.Together(ctx, func(ctx context.Context) (err error) {
		n.staff, err = s.Store.StaffEmails(ctx)
		return err
	}, func(ctx context.Context) (err error) {
		n.keys, err = s.Store.APIKeyNames(ctx)
		return err
	})
	return n, err
}

// notPeople are the actors that are no member of staff.
func notPeople(ctx context.Context) []views.Choice {
	return []views.Choice{
		{Value: store.AnyCustomer, Label: locale.Say(ctx, "Customers themselves")},
		{Value: store.AnyVisit, Label: locale.Say(ctx, "Visits by a personal link")},
		{Value: store.AnyKey, Label: locale.Say(ctx, "Programs with an API key")},
		{Value: store.Provider, Label: locale.Say(ctx, "The provider")},
		{Value: store.Program, Label: locale.Say(ctx, "The program")},
		{Value: store.Nobody, Label: locale.Say(ctx, "Somebody not signed in")},
	}
}

// actors are all that the log can be filtered by.
func actors(ctx context.Context, people actorNames) (all []views.Choice) {
	for id, email := range people.staff {
		all = append(all, views.Choice{Value: store.ByStaff(id), Label: email})
	}
	slices.SortFunc(all, func(a, b views.Choice) int { return cmp.Compare(a.Label, b.Label) })
	return append(all, notPeople(ctx)...)
}

// auditRow is a row as the page shows it.
func auditRow(ctx context.Context, e store.AuditEntry, people actorNames) views.AuditRow {
	row := views.AuditRow{
		Seq: e.Seq, At: e.At, Actor: actorWords(ctx, e, people), Action: string(e.Action), Detail: e.Detail,
		SubjectURL: subjectURL(e.Act),
	}
	if e.Customer != "" {
		row.CustomerName, row.CustomerURL = cmp.Or(
			e.CustomerName, locale.Say(ctx, "no longer there"),
		), "/customers/"+e.Customer
	}
	return row
}

func actorWords(ctx context.Context, e store.AuditEntry, people actorNames) string {
	for _, c := range notPeople(ctx) {
		if e.Actor == c.Value {
			return c.Label
		}
	}
	if id, ok := strings.CutPrefix(e.Actor, store.ByStaff("")); ok {
		return cmp.Or(people.staff[id], locale.Say(ctx, "A former member of staff"))
	}
	if id, ok := strings.CutPrefix(e.Actor, store.AnyKey); ok {
		return locale.Say(ctx, "The program with the key %s", cmp.Or(people.keys[id], id))
	}
	if strings.HasPrefix(e.Actor, store.AnyVisit) {
		return locale.Say(ctx, "By a personal link")
	}
	return locale.Say(ctx, "The customer")
}

// subjectURL is the page of what was acted on, if it has one of its own.
func subjectURL(a store.Act) string {
	switch a.Action {
	case store.ActNumberShown, store.ActAccountUnlinked, store.ActHistoryJoined, store.ActHistoryParted:
		return "/accounts/" + a.Subject
	case store.ActRefreshStarted, store.ActCheckStarted:
		return "/refreshes/" + a.Subject
	case store.ActWebhookApplied, store.ActWebhooksApplied, store.ActWebhookReplayed, store.ActPayloadSeen:
		return "/inbox/" + a.Subject
	case store.ActReviewSeen:
		return "/reviews/" + a.Subject
	}
	return ""
}

// auditCheckNow handles POST /audit/check.
func (s *Server) auditCheckNow(c *gin.Context) error {
	ctx := c.Request.Context()
	checked, err := s.Store.CheckAudit(ctx)
	if err != nil {
		return err
	}
	chain := checked.Found
	found := fmt.Sprintf("%d rows in order", chain.Rows)
	if chain.BadRow != 0 {
		found = fmt.Sprintf("broken at row %d", chain.BadRow)
	}
	if err := s.Store.Record(
		ctx, store.Act{Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActAuditChecked, Detail: found},
	); err != nil {
		return err
	}
	if chain.BadRow != 0 {
		return web.SeeOther(c, "/audit") // whose first words say what is wrong
	}
	return s.Done(c, "/audit", web.Say(c, "The log was checked: all is in order."))
}

// auditExport handles POST /audit/export: everything that is filtered, as a
// CSV file. It is a POST because that somebody exported it is written down.
func (s *Server) auditExport(c *gin.Context) error {
	ctx := c.Request.Context()
	people, err := s.actorNames(ctx)
	if err != nil {
		return err
	}
	filter, q, err := s.auditFilter(c, c.PostForm, people)
	switch {
	case err != nil:
		return err
	case len(filter.Errors) > 0:
		return web.SeeOther(c, auditURL(filter, 0)) // which says what is wrong
	}
	filter.Customer = q.Customer // an id: what people typed may be a name
	act := store.Act{
		Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActAuditExported, Customer: q.Customer,
		Detail: strings.TrimPrefix(auditURL(filter, 0), "/audit?"),
	}
	if err := s.Store.Record(ctx, act); err != nil {
		return err
	}
	q.Limit = 1000
	header := []string{"Row", "Time", "Actor", "Actor id", "Action", "Customer", "Customer id", "Subject", "Detail"}
	return web.WriteCSV(c, "audit-log-"+s.today().Format(time.DateOnly)+".csv", header, s.auditCells(ctx, q, people))
}

// auditCells are all rows of a query as cells, read page by page: in English,
// whoever takes them out.
func (s *Server) auditCells(ctx context.Context, q store.AuditQuery, people actorNames) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		w := s.Store.Board().Begin(progress.Listing, 1)
		defer w.End()
		w.Step("", progress.Rows, 0)
		for {
			entries, err := s.Store.AuditLog(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, e := range entries {
				q.Before = e.Seq
				cells := []any{
					sheet.Number(strconv.FormatInt(e.Seq, 10)), e.At.In(s.Settings.Location).Format(time.RFC3339),
					actorWords(locale.In(ctx, "en"), e, people), e.Actor,
					string(e.Action), e.CustomerName, e.Customer, e.Subject, e.Detail,
				}
				if !yield(cells, nil) {
					return
				}
			}
			w.Add(int64(len(entries)))
			if len(entries) < q.Limit {
				return
			}
		}
	}
}
