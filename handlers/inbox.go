package handlers

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/settings"
	"balancelink/handlers/web"
	"balancelink/okra/provider"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/views"
)

// inboxList handles GET /inbox.
func (s *Server) inboxList(c *gin.Context) error {
	ctx, result, before := c.Request.Context(), store.EventResult(c.Query("result")), c.Query("before")
	find, search, err := s.eventSearch(c)
	if err != nil {
		return err
	}
	var events []store.Event
	switch {
	case find.Error != "":
	case search.Empty():
		events, err = s.Store.Events(ctx, result, before, onePage)
	default:
		events, err = s.Store.FindEvents(ctx, search, before, onePage)
	}
	if err != nil {
		return err
	}
	page := views.Inbox{
		Frame: s.Frame(c, web.Say(c, "Webhooks"), "inbox"), Result: string(result),
		Endpoint: s.endpoints(), Curl: s.testCurls(), Find: find,
	}
	if page.May.HandleInbox {
		page.TestURL = "/inbox/test"
	}
	if result == "rejected" {
		return s.renderRejections(c, page)
	}
	if before != "" {
		page.FirstURL = inboxURL(result, find, "")
	}
	events, last := cut(events)
	if last != nil {
		page.NextURL = inboxURL(result, find, last.ID)
	}
	for _, e := range events {
		page.Rows = append(page.Rows, eventRow(e))
	}
	if result == store.EventFailed && len(events) > 0 && page.May.HandleInbox {
		page.ReplayAllURL = "/inbox/replay"
	}
	s.noteList(c, "webhooks")
	return web.Render(c, http.StatusOK, views.InboxView(page))
}

// endpoints are the addresses that the providers post to, one a line.
func (s *Server) endpoints() string {
	var all []string
	for _, u := range s.upstreams {
		all = append(all, s.Settings.WebhookURL(u.Name()))
	}
	return strings.Join(all, "\n")
}

// eventSearch is what the inbox is searched for: a customer, or a record or an account by
// the provider's id, on a day or whenever.
func (s *Server) eventSearch(c *gin.Context) (f views.EventFind, q store.EventSearch, err error) {
	ctx := c.Request.Context()
	f = views.EventFind{Text: web.Clip(web.Tidy(c.Query("q")), 200), Day: web.Clip(c.Query("day"), 10)}
	if f.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, f.Day, s.Settings.Location)
		if err != nil {
			f.Error = web.Say(c, "Enter a day.")
			return f, q, nil
		}
		q.From, q.To = days.Start(day), days.Next(days.Start(day))
	}
	if f.Text == "" {
		return f, q, nil
	}
	for _, u := range s.upstreams {
		q.Customer, err = s.Store.WhoseProviderID(ctx, u.Name(), s.Settings.Env, f.Text)
		if err != nil || q.Customer != "" {
			q.Provider = f.Text
			return f, q, err
		}
	}
	cu, problem, err := s.customerMeant(c, f.Text)
	switch {
	case err == nil && problem == "":
		q.Customer = cu.ID
	case !strings.Contains(f.Text, " "): // it may be an id of nobody's that has come
		q.Provider = f.Text
	default:
		f.Error = problem
	}
	return f, q, err
}

func inboxURL(result store.EventResult, find views.EventFind, before string) string {
	v := url.Values{}
	if find.Text != "" {
		v.Set("q", find.Text)
	}
	if find.Day != "" {
		v.Set("day", find.Day)
	}
	if result != "" {
		v.Set("result", string(result))
	}
	if before != "" {
		v.Set("before", before)
	}
	return "/inbox?" + v.Encode()
}

// testCurls are command lines that deliver a harmless event to each endpoint. The
// proof stays with the operator.
func (s *Server) testCurls() string {
	var lines []string
	for _, u := range s.upstreams {
		p, ok := u.Provider.(provider.Sampler)
		if !ok {
			continue
		}
		body, header := p.Sample("$" + u.Secret)
		for name := range header {
			lines = append(lines, fmt.Sprintf(`curl -X POST %s -H "%s: %s" -H 'Content-Type: application/json' -d '%s'`,
				s.Settings.WebhookURL(u.Name()), name, header.Get(name), body))
		}
	}
	return strings.Join(lines, "\n")
}

// rejectionsShown is how far back the list of rejected deliveries goes.
const rejectionsShown = 30 * 24 * time.Hour

func (s *Server) renderRejections(c *gin.Context, page views.Inbox) error {
	s.recordRejections(c.Request.Context())
	counts, err := s.Store.Rejections(c.Request.Context(), s.Now().Add(-rejectionsShown))
	if err != nil {
		return err
	}
	for _, r := range counts {
		page.Rejected = append(
			page.Rejected, views.Rejection{Hour: r.Hour, Code: r.Code, Number: r.Number, LastAt: r.LastAt},
		)
	}
	return web.Render(c, http.StatusOK, views.InboxView(page))
}

// inboxEvent handles GET /inbox/:id.
func (s *Server) inboxEvent(c *gin.Context) error {
	e, err := s.Store.EventByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return s.renderEvent(c, http.StatusOK, e, "", "")
}

// renderEvent shows an event; typed and problem are of its match form.
func (s *Server) renderEvent(c *gin.Context, code int, e store.Event, typed, problem string) error {
	if e.Broken != nil {
		return e.Broken
	}
	var payload bytes.Buffer
	// What was kept before is shown as it would be kept now.
	_, redacted, err := s.upstream(e.Provider).Receive(e.Body)
	if redacted == nil {
		return fmt.Errorf("reading the payload of event %s: %w", e.ID, err)
	}
	if err := json.Indent(&payload, redacted, "", "  "); err != nil {
		return fmt.Errorf("indenting the payload of event %s: %w", e.ID, err)
	}
	headers, err := details(e.Headers)
	if err != nil {
		return fmt.Errorf("reading the headers of event %s: %w", e.ID, err)
	}
	balances, err := s.Store.BalancesByEvent(c.Request.Context(), e.ID)
	if err != nil {
		return err
	}
	page := views.EventPage{
		Frame: s.Frame(c, web.Say(c, "Webhook"), "inbox"), Event: eventRow(e), Reason: e.Reason, AppliedAt: e.AppliedAt,
		Headers: headers, Payload: payload.String(), Balances: balanceRows(balances),
	}
	if e.BodyDropped() {
		page.Removed = &views.RemovedPayload{At: e.RemovedAt, After: settings.Days(s.Settings.RetainPayloads)}
	} else if page.May.HandleInbox {
		page.ReplayURL = "/inbox/" + e.ID + "/replay"
	}
	if len(balances) > 0 {
		page.AccountURL = "/accounts/" + balances[0].AccountID
	}
	if e.Result == store.EventUnmatched && s.upstream(e.Provider).ValidRecord(e.ProviderRecord) &&
		page.May.HandleInbox {
		page.Match = &views.Match{URL: "/inbox/" + e.ID + "/match", Customer: typed, Error: problem}
	}
	if e.Result == store.EventReceived {
		page.AppliedAt, page.Balances = time.Time{}, nil // of before it was replayed
	}
	s.noteView(c, store.ActPayloadSeen, e.CustomerID, e.ID)
	if web.IsHTMX(c) {
		return web.Render(c, code, views.EventFragment(page))
	}
	return web.Render(c, code, views.EventView(page))
}

// match handles POST /inbox/:id/match: staff say whose an unmatched event's
// record is, and the worker asks the provider before anything is bound.
func (s *Server) match(c *gin.Context) error {
	ctx, typed := c.Request.Context(), web.Tidy(c.PostForm("customer"))
	e, err := s.Store.EventByID(ctx, c.Param("id"))
	if err = cmp.Or(err, e.Broken); err != nil {
		return err
	}
	customer, problem, err := s.customerNamed(c, typed)
	if err != nil {
		return err
	}
	if problem != "" {
		return s.renderEvent(c, http.StatusUnprocessableEntity, e, typed, problem)
	}
	co, err := s.consentInForce(c, store.OfCustomer(customer.ID), s.upstream(e.Provider))
	if errors.Is(err, store.ErrNotFound) {
		return s.renderEvent(c, http.StatusUnprocessableEntity, e, typed, web.Say(
			c, "%s has not agreed that we read their balances. Make a personal link for them instead.", customer.Name,
		))
	}
	if err != nil {
		return err
	}
	event, _, err := s.upstream(e.Provider).Receive(e.Body)
	if err != nil {
		return s.renderEvent(
			c, http.StatusUnprocessableEntity, e, typed,
			web.Say(c, "The payload cannot be read, so nothing can be matched."),
		)
	}
	err = s.Store.MatchRecord(ctx, store.ByStaff(web.MustStaff(c).ID), store.Attempt{
		CustomerID: customer.ID, ConsentID: co.ID, Provider: e.Provider, Env: e.Env,
		ProviderRecord: e.ProviderRecord, ProviderCustomer: event.Customer, BankName: event.BankName,
	})
	if err != nil {
		return err
	}
	s.Worker.Wake()
	return s.Done(c, "/customers/"+customer.ID, web.Say(
		c, "The record is matched with %s. The provider is asked about it now.", customer.Name,
	))
}

// testDelivery handles POST /inbox/test: a harmless event of each provider goes to our
// own public address, the way the provider's would come.
func (s *Server) testDelivery(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 5*time.Second)
	defer cancel()
	for _, u := range s.upstreams {
		if err := s.deliverSample(ctx, c, u); err != nil {
			return err
		}
	}
	if err := s.Store.Record(
		ctx, store.Act{Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActTestSent},
	); err != nil {
		return err
	}
	return s.Done(c, "/inbox", web.Say(c, "The test webhook arrived."))
}

func (s *Server) deliverSample(ctx context.Context, c *gin.Context, u Upstream) error {
	p, ok := u.Provider.(provider.Sampler)
	if !ok {
		return nil
	}
	body, header := p.Sample("")
	address := s.Settings.WebhookURL(u.Name())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making the test delivery: %w", err)
	}
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return undelivered(c, web.Say(c, "Our own address %s does not answer from here.", address))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return undelivered(c, web.Say(
			c, "Our own address %s answered with status %s.", address, strconv.Itoa(resp.StatusCode),
		))
	}
	return nil
}

func undelivered(c *gin.Context, sentence string) error {
	return &web.Error{
		Status: http.StatusBadGateway, Heading: web.Say(c, "The test delivery did not arrive"),
		Sentence: sentence + " " + web.Say(c, "Check PUBLIC_URL and the proxy before it."),
		NextURL:  "/inbox", NextLabel: web.Say(c, "Back to the webhooks"),
	}
}

// details are a JSON object's texts in the order of their names.
func details(object string) ([]views.Detail, error) {
	values := map[string]string{}
	if object == "" {
		return nil, nil // removed with the payload
	}
	if err := json.Unmarshal([]byte(object), &values); err != nil {
		return nil, err
	}
	var all []views.Detail
	for k, v := range values {
		all = append(all, views.Detail{Label: k, Value: v})
	}
	slices.SortFunc(all, func(a, b views.Detail) int { return bytes.Compare([]byte(a.Label), []byte(b.Label)) })
	return all, nil
}

// replay handles POST /inbox/:id/replay.
func (s *Server) replay(c *gin.Context) error {
	id := c.Param("id")
	err := s.Store.ReplayEvent(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), id)
	if errors.Is(err, store.ErrNoPayload) {
		return &web.Error{
			Status: http.StatusConflict, Heading: web.Say(c, "This webhook cannot be replayed"),
			Sentence: web.Say(c, "Its payload was removed: there is nothing left to apply. What it changed stays."),
			NextURL:  "/inbox/" + id, NextLabel: web.Say(c, "Back to the webhook"),
		}
	}
	if err != nil {
		return err
	}
	s.Worker.Wake()
	return s.Done(c, "/inbox/"+id, web.Say(c, "The webhook is processed again. This page shows the result."))
}

// replayFailed handles POST /inbox/replay: all that could not be applied.
func (s *Server) replayFailed(c *gin.Context) error {
	n, err := s.Store.ReplayFailed(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID))
	if err != nil {
		return err
	}
	s.Worker.Wake()
	if n == 0 {
		return s.Done(c, "/inbox", web.Say(c, "No failed webhook is there with its payload."))
	}
	return s.Done(c, "/inbox", web.Say(c, "%d webhooks are processed again. The list shows the results.", n))
}
