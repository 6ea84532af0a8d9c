package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// endpointList handles GET /endpoints.
func (s *Server) endpointList(c *gin.Context) error {
	return s.renderEndpoints(c, http.StatusOK, views.EndpointForm{})
}

func (s *Server) renderEndpoints(c *gin.Context, status int, form views.EndpointForm) error {
	all, err := s.Store.Endpoints(c.Request.Context())
	if err != nil {
		return err
	}
	form.Offers = typeNames(store.NoticeTypes())
	page := views.EndpointsPage{Frame: s.Frame(c, web.Say(c, "Webhook endpoints"), "staff"), Form: form}
	for _, e := range all {
		page.Rows = append(page.Rows, endpointRow(e))
	}
	return web.Render(c, status, views.EndpointsView(page))
}

func typeNames(types []store.NoticeType) (names []string) {
	for _, t := range types {
		if t != store.NoticeTest { // which is sent to whoever asks for it
			names = append(names, string(t))
		}
	}
	return names
}

func endpointRow(e store.Endpoint) views.EndpointRow {
	own := "/endpoints/" + e.ID
	v := views.EndpointRow{
		URL: e.URL, Types: typeNames(e.Types), Amounts: e.Amounts, State: string(e.State), Why: string(e.Why),
		DisabledAt: e.DisabledAt, FailingSince: e.FailingSince, Missed: missed(e),
		LogURL: "/deliveries?endpoint=" + e.ID, SecretURL: own + "/secret", RemoveURL: own + "/remove",
	}
	if e.State == store.EndpointEnabled {
		v.TestURL, v.DisableURL = own+"/test", own+"/disable"
	} else {
		v.EnableURL = own + "/enable"
	}
	return v
}

// addEndpoint handles POST /endpoints.
func (s *Server) addEndpoint(c *gin.Context) error {
	form := views.EndpointForm{
		URL: web.Tidy(c.PostForm("url")), Amounts: c.PostForm("amounts") != "", Errors: map[string]string{},
	}
	e := store.Endpoint{Amounts: form.Amounts}
	for _, t := range store.NoticeTypes() {
		if c.PostForm(string(t)) != "" {
			e.Types = append(e.Types, t)
		}
	}
	form.Types = typeNames(e.Types)
	var err error
	if e.URL, err = s.Settings.WebhookAddress(form.URL); err != nil {
		form.Errors["url"] = web.Say(
			c, "Enter a public address of https, or one in a network that WEBHOOK_NETWORKS names.",
		)
		return s.renderEndpoints(c, http.StatusUnprocessableEntity, form)
	}
	e, err = s.Store.AddEndpoint(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), e)
	if errors.Is(err, store.ErrManyEndpoints) {
		form.Errors["url"] = web.Say(c, "There are as many endpoints as may be. Remove one that is not needed any more.")
		return s.renderEndpoints(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.showSecret(c, e)
}

func (s *Server) showSecret(c *gin.Context, e store.Endpoint) error {
	return s.once.Show(c, web.Secret{Page: "/endpoints/" + e.ID, Codes: []string{e.Secret}})
}

// endpointSecret handles GET /endpoints/:id, which shows its secret to whoever has just
// made it.
func (s *Server) endpointSecret(c *gin.Context) error {
	e, err := s.Store.EndpointByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	made, err := s.once.Shown(c)
	if err != nil {
		return web.NotShownAgain(c, "/endpoints", web.Say(c, "Back to the endpoints"))
	}
	return web.Render(c, http.StatusOK, views.EndpointSecretView(views.EndpointSecret{
		Frame: s.Frame(c, web.Say(c, "Secret of an endpoint"), "staff"), URL: e.URL, Secret: made.Codes[0],
	}))
}

// changeSecret handles POST /endpoints/:id/secret.
func (s *Server) changeSecret(c *gin.Context) error {
	e, err := s.Store.ChangeSecret(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), c.Param("id"))
	if err != nil {
		return err
	}
	return s.showSecret(c, e)
}

// onEndpoint handles what is done to an endpoint by a button, POST /endpoints/:id/…, and
// says what that was.
func (s *Server) onEndpoint(do func(c *gin.Context, actor, id string) (done string, err error)) gin.HandlerFunc {
	return s.Handle(func(c *gin.Context) error {
		done, err := do(c, store.ByStaff(web.MustStaff(c).ID), c.Param("id"))
		if errors.Is(err, store.ErrDisabled) {
			done, err = web.Say(c, "This endpoint is turned off: nothing was sent to it."), nil
		}
		if err != nil {
			return err
		}
		s.Worker.Wake()
		return s.Done(c, "/endpoints", done)
	})
}

func (s *Server) testEndpoint(c *gin.Context, actor, id string) (string, error) {
	return web.Say(c, "A test message is on its way. The deliveries show how that went."),
		s.Store.TestEndpoint(c.Request.Context(), actor, id)
}

func (s *Server) enableEndpoint(c *gin.Context, actor, id string) (string, error) {
	_, err := s.Store.EnableEndpoint(c.Request.Context(), actor, id)
	return web.Say(c, "This endpoint is told again what happens."), err
}

func (s *Server) disableEndpoint(c *gin.Context, actor, id string) (string, error) {
	_, err := s.Store.DisableEndpoint(c.Request.Context(), actor, id)
	return web.Say(c, "Nothing is sent to this endpoint any more."), err
}

func (s *Server) removeEndpoint(c *gin.Context, actor, id string) (string, error) {
	return web.Say(c, "The endpoint is removed."), s.Store.RemoveEndpoint(c.Request.Context(), actor, id)
}

// endpointAlert tells staff that an endpoint was disabled without anybody asking for it;
// empty: none was.
func (s *Server) endpointAlert(c *gin.Context) string {
	e, err := s.Store.StoppedEndpoint(c.Request.Context())
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrStopped):
		return ""
	case err != nil:
		s.Logger.Warn("looking for endpoints that were disabled", "err", err)
		return ""
	case e.Why == store.DisabledRestored:
		return web.Say(
			c, "Your programs are not told what happens: the database is an older copy. An owner has to look whether the webhook endpoint %s is still right, and enable it.",
			e.URL,
		)
	}
	return web.Say(
		c, "Your programs are not told what happens: the webhook endpoint %s was disabled, because nothing arrives there. An owner can enable it again.",
		e.URL,
	)
}
