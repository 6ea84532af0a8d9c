package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"balancelink/store"
	"balancelink/views"
)

// inboxList handles GET /inbox.
func (s *Server) inboxList(c *gin.Context) error {
	result, before := store.EventResult(c.Query("result")), c.Query("before")
	events, err := s.Store.Events(c.Request.Context(), result, before, pageSize+1)
	if err != nil {
		return err
	}
	page := views.Inbox{
		Frame: s.frame(c, "Webhooks", "inbox"), Result: string(result),
		Endpoint: s.Settings.WebhookURL(), Curl: testCurl(s.Settings.WebhookURL()),
	}
	if before != "" {
		page.FirstURL = inboxURL(result, "")
	}
	if len(events) > pageSize {
		events = events[:pageSize]
		page.NextURL = inboxURL(result, events[pageSize-1].ID)
	}
	for _, e := range events {
		page.Rows = append(page.Rows, s.eventRow(e))
	}
	return s.render(c, http.StatusOK, views.InboxView(page))
}

func inboxURL(result store.EventResult, before string) string {
	v := url.Values{}
	if result != "" {
		v.Set("result", string(result))
	}
	if before != "" {
		v.Set("before", before)
	}
	return "/inbox?" + v.Encode()
}

// testCurl is a command line that delivers a harmless event. The token stays
// with the operator.
func testCurl(endpoint string) string {
	return fmt.Sprintf(`curl -X POST %s -H "Authorization: Bearer $OKRA_WEBHOOK_TOKEN" -H 'Content-Type: application/json' -d '{"method":"TEST","callback_code":"TEST_DELIVERY","status":"is_success"}'`, endpoint)
}

// inboxEvent handles GET /inbox/:id.
func (s *Server) inboxEvent(c *gin.Context) error {
	e, err := s.Store.EventByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	var payload bytes.Buffer
	if err := json.Indent(&payload, e.Body, "", "  "); err != nil {
		return fmt.Errorf("indenting the payload of event %s: %w", e.ID, err)
	}
	headers, err := details(e.Headers)
	if err != nil {
		return fmt.Errorf("reading the headers of event %s: %w", e.ID, err)
	}
	return s.render(c, http.StatusOK, views.EventView(views.EventPage{
		Frame: s.frame(c, "Webhook", "inbox"), Event: s.eventRow(e), Reason: e.Reason, AppliedAt: e.AppliedAt,
		Headers: headers, Payload: payload.String(), ReplayURL: "/inbox/" + e.ID + "/replay",
	}))
}

// details are a JSON object's texts in the order of their names.
func details(object string) ([]views.Detail, error) {
	values := map[string]string{}
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
	if err := s.Store.ReplayEvent(c.Request.Context(), store.ByStaff(mustStaff(c).ID), id); err != nil {
		return err
	}
	s.Worker.Wake()
	return seeOther(c, "/inbox/"+id)
}
