package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/handlers/api"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/fold"
	"balancelink/views"
)

// keyDays is for how many days a key may be made, the usual one last.
var keyDays = []int{30, 90, 365}

// keyList handles GET /keys.
func (s *Server) keyList(c *gin.Context) error {
	return s.renderKeys(c, http.StatusOK, views.KeyForm{Days: keyDays[len(keyDays)-1]})
}

func (s *Server) renderKeys(c *gin.Context, status int, form views.KeyForm) error {
	ctx := c.Request.Context()
	all, err := s.Store.APIKeys(ctx)
	if err != nil {
		return err
	}
	staff, err := s.Store.StaffNames(ctx)
	if err != nil {
		return err
	}
	form.Valid, form.Offers = keyDays, scopeNames(store.KeyScopes())
	page := views.KeysPage{Frame: s.Frame(c, web.Say(c, "API keys"), "staff"), Form: form}
	for _, k := range all {
		page.Keys = append(page.Keys, keyRow(k, staff, s.Now()))
	}
	return web.Render(c, status, views.KeysView(page))
}

func keyRow(k store.APIKey, staff map[string]string, now time.Time) views.APIKey {
	v := views.APIKey{
		Mark: k.Mark, Name: k.Name, By: staff[k.MadeBy], Scopes: scopeNames(k.Scopes), State: "works",
		ExpiresAt: k.ExpiresAt, UsedAt: k.UsedAt,
	}
	switch {
	case !k.RevokedAt.IsZero():
		v.State = "revoked"
	case !k.Works(now):
		v.State = "expired"
	default:
		v.RevokeURL = "/keys/" + k.ID + "/revoke"
	}
	return v
}

func scopeNames(scopes []store.KeyScope) (names []string) {
	for _, s := range scopes {
		names = append(names, string(s))
	}
	return names
}

// makeKey handles POST /keys.
func (s *Server) makeKey(c *gin.Context) error {
	k, form := typedKey(c)
	if len(form.Errors) > 0 {
		return s.renderKeys(c, http.StatusUnprocessableEntity, form)
	}
	made, whole, err := s.Store.AddAPIKey(
		c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), api.KeyPrefix(s.Settings.Env), k,
		time.Duration(form.Days)*24*time.Hour,
	)
	if errors.Is(err, store.ErrManyKeys) {
		form.Errors["name"] = web.Say(c, "As many keys work as may. Revoke one that is not needed any more.")
		return s.renderKeys(c, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.once.Show(c, web.Secret{Page: "/keys/" + made.ID, Codes: []string{whole}, ExpiresAt: made.ExpiresAt})
}

// typedKey is a key as a form says, and the form with a sentence per field that is wrong.
func typedKey(c *gin.Context) (store.APIKey, views.KeyForm) {
	form := views.KeyForm{Name: web.Tidy(c.PostForm("name")), Errors: map[string]string{}}
	form.Days, _ = strconv.Atoi(c.PostForm("days")) // what is no number is none of them
	if !slices.Contains(keyDays, form.Days) {
		form.Days = keyDays[len(keyDays)-1]
	}
	const longest = 100
	if why := faultWords(c, acts.CheckText(form.Name, longest), longest); why != "" {
		form.Errors["name"] = why
	} else if !fold.Seen(form.Name) {
		form.Errors["name"] = web.Say(c, "Enter a name by which you know the program.")
	}
	k := store.APIKey{Name: form.Name}
	for _, scope := range store.KeyScopes() {
		if c.PostForm(string(scope)) != "" {
			k.Scopes = append(k.Scopes, scope)
		}
	}
	form.Scopes = scopeNames(k.Scopes)
	if len(k.Scopes) == 0 {
		form.Errors["scopes"] = web.Say(c, "Choose at least one.")
	}
	return k, form
}

// keyMade handles GET /keys/:id, which shows a key to whoever has just made it.
func (s *Server) keyMade(c *gin.Context) error {
	k, err := s.Store.APIKeyByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	made, err := s.once.Shown(c)
	if err != nil {
		return web.NotShownAgain(c, "/keys", web.Say(c, "Back to the keys"))
	}
	return web.Render(c, http.StatusOK, views.KeyMadeView(views.KeyMade{
		Frame: s.Frame(c, web.Say(c, "Key for %s", k.Name), "staff"), Name: k.Name, Key: made.Codes[0],
		Scopes: scopeNames(k.Scopes), ExpiresAt: k.ExpiresAt,
	}))
}

// revokeKey handles POST /keys/:id/revoke.
func (s *Server) revokeKey(c *gin.Context) error {
	k, err := s.Store.APIKeyByID(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Store.RevokeAPIKey(c.Request.Context(), store.ByStaff(web.MustStaff(c).ID), k.ID); err != nil {
		return err
	}
	return s.Done(c, "/keys", web.Say(c, "The key “%s” is revoked. Nobody gets in with it any more.", k.Name))
}
