package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// endpointJSON is an endpoint on the wire. Its secret is in the answer that makes it, and
// in its repetitions.
type endpointJSON struct {
	ID             string              `json:"id"`
	Object         string              `json:"object"`
	URL            string              `json:"url"`
	Types          []store.NoticeType  `json:"types"`
	Amounts        bool                `json:"amounts"`
	State          store.EndpointState `json:"state"`
	DisabledReason *string             `json:"disabled_reason"`
	DisabledAt     instant             `json:"disabled_at"`
	FailingSince   instant             `json:"failing_since"`
	Missed         *missedJSON         `json:"missed"`
	Cursor         int64               `json:"cursor"`
	Secret         *string             `json:"secret"`
	CreatedAt      instant             `json:"created_at"`
}

// missedJSON is what an endpoint was never sent, because it is not kept any more.
type missedJSON struct {
	Events  int     `json:"events"`
	LastSeq int64   `json:"last_seq"`
	At      instant `json:"at"`
}

func drawMissed(e store.Endpoint) *missedJSON {
	if e.Missed == 0 {
		return nil
	}
	return &missedJSON{Events: e.Missed, LastSeq: e.MissedSeq, At: instant(e.MissedAt)}
}

func drawEndpoint(e store.Endpoint, secret string) endpointJSON {
	return endpointJSON{
		ID: e.ID, Object: "webhook_endpoint", URL: e.URL, Types: append([]store.NoticeType{}, e.Types...),
		Amounts: e.Amounts, State: e.State, DisabledReason: orNull(string(e.Why)), DisabledAt: instant(e.DisabledAt),
		FailingSince: instant(e.FailingSince), Missed: drawMissed(e), Cursor: e.Cursor, Secret: orNull(secret),
		CreatedAt: instant(e.CreatedAt),
	}
}

// endpoints handles GET /webhook-endpoints.
func (a *API) endpoints(c *gin.Context) error {
	all, err := a.Store.Endpoints(c.Request.Context())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, pageOf(
		all, len(all), func(e store.Endpoint) string { return e.ID },
		func(e store.Endpoint) endpointJSON { return drawEndpoint(e, "") },
	))
	return nil
}

// endpoint handles GET /webhook-endpoints/:endpoint.
func (a *API) endpoint(c *gin.Context) error {
	e, err := a.Store.EndpointByID(c.Request.Context(), c.Param("endpoint"))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, drawEndpoint(e, ""))
	return nil
}

// endpointWrite is what is sent of an endpoint.
type endpointWrite struct {
	URL     string   `json:"url"`
	Types   []string `json:"types"`
	Amounts bool     `json:"amounts"`
}

// endpointOf is the endpoint that is sent. Who has amounts sent may see them, too.
func (a *API) endpointOf(c *gin.Context, w endpointWrite) (e store.Endpoint, err error) {
	if e.URL, err = a.Settings.WebhookAddress(w.URL); err != nil {
		return e, invalid("url", "It is refused: "+err.Error()+".")
	}
	if e.Types, err = noticeTypes(w.Types, "types"); err != nil {
		return e, err
	}
	if e.Amounts = w.Amounts; e.Amounts && !keyOf(c).Allows(store.ReadBalances) {
		return e, scopeMissing(store.ReadBalances)
	}
	return e, nil
}

// addEndpoint handles POST /webhook-endpoints.
func (a *API) addEndpoint(c *gin.Context) error {
	var w endpointWrite
	if err := read(c, &w); err != nil {
		return err
	}
	o, err := once(c, http.StatusCreated)
	if err != nil {
		return err
	}
	e, err := a.endpointOf(c, w)
	if err != nil {
		return err
	}
	done, err := a.Store.AddEndpointOnce(c.Request.Context(), o, e)
	return a.answerEndpoint(c, done, err)
}

// answerEndpoint answers what was done once to an endpoint.
func (a *API) answerEndpoint(c *gin.Context, done store.Done, err error) error {
	if err != nil {
		return notHooked(err)
	}
	e, err := a.Store.EndpointByID(c.Request.Context(), done.Subject)
	if err != nil {
		return err
	}
	a.Bank.Wake()
	replayed(c, done)
	c.JSON(done.Status, drawEndpoint(e, done.Secret))
	return nil
}

// notHooked says why nothing was done to an endpoint.
func notHooked(err error) error {
	conflict := func(code Code, detail string) error {
		return &problem{status: http.StatusConflict, code: code, detail: detail}
	}
	switch {
	case errors.Is(err, store.ErrManyEndpoints):
		return conflict(codeManyEndpoints, "There are as many endpoints as may be. Remove one.")
	case errors.Is(err, store.ErrDisabled):
		return conflict(codeDisabled, "The endpoint is disabled. Enable it first.")
	}
	return err
}

// putEndpoint handles PUT /webhook-endpoints/:endpoint. It may be repeated.
func (a *API) putEndpoint(c *gin.Context) error {
	var w struct {
		endpointWrite
		Enabled *bool  `json:"enabled"`
		Since   *int64 `json:"since"`
	}
	if err := read(c, &w); err != nil {
		return err
	}
	to, err := a.endpointOf(c, w.endpointWrite)
	if err != nil {
		return err
	}
	if w.Since != nil && *w.Since < 0 {
		return invalid("since", "It is the seq of an event.")
	}
	to.ID = c.Param("endpoint")
	e, err := a.Store.PutEndpoint(c.Request.Context(), actor(c), to, w.Enabled, w.Since)
	if err != nil {
		return notReadable(err, "since")
	}
	a.Bank.Wake()
	c.JSON(http.StatusOK, drawEndpoint(e, ""))
	return nil
}

// removeEndpoint handles DELETE /webhook-endpoints/:endpoint.
func (a *API) removeEndpoint(c *gin.Context) error {
	if err := noBody(c); err != nil {
		return err
	}
	if err := a.Store.RemoveEndpoint(c.Request.Context(), actor(c), c.Param("endpoint")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// changeSecret handles POST /webhook-endpoints/:endpoint/rotate.
func (a *API) changeSecret(c *gin.Context) error {
	o, err := once(c, http.StatusOK)
	if err != nil {
		return err
	}
	done, err := a.Store.ChangeSecretOnce(c.Request.Context(), o, c.Param("endpoint"))
	return a.answerEndpoint(c, done, err)
}

// testEndpoint handles POST /webhook-endpoints/:endpoint/test.
func (a *API) testEndpoint(c *gin.Context) error {
	o, err := once(c, http.StatusAccepted)
	if err != nil {
		return err
	}
	done, err := a.Store.TestEndpointOnce(c.Request.Context(), o, c.Param("endpoint"))
	return a.answerEndpoint(c, done, err)
}

// replay handles POST /webhook-endpoints/:endpoint/replay.
func (a *API) replay(c *gin.Context) error {
	since, err := seqOf(c.Query("since"), "since")
	if err != nil {
		return err
	}
	o, err := once(c, http.StatusAccepted)
	if err != nil {
		return err
	}
	o.Asked += "?since=" + c.Query("since") // which is no part of the body
	done, err := a.Store.ReplaySinceOnce(c.Request.Context(), o, c.Param("endpoint"), since)
	return a.answerEndpoint(c, done, notReadable(err, "since"))
}
