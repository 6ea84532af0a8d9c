package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// keyJSON is what a key may know of itself.
type keyJSON struct {
	ID        string           `json:"id"`
	Object    string           `json:"object"`
	Name      string           `json:"name"`
	Scopes    []store.KeyScope `json:"scopes"`
	Env       string           `json:"env"`
	CreatedAt instant          `json:"created_at"`
	ExpiresAt instant          `json:"expires_at"`
	Limits    limitsJSON       `json:"limits"`
}

// limitsJSON is what a key has left of what it may.
type limitsJSON struct {
	Requests  int `json:"requests_left"`
	Refreshes int `json:"refreshes_left"`
}

// me handles GET /me: whose key that is, and what it may be used for.
func (a *API) me(c *gin.Context) error {
	k := keyOf(c)
	c.JSON(http.StatusOK, keyJSON{
		ID: k.ID, Object: "key", Name: k.Name, Scopes: k.Scopes, Env: a.Settings.Env,
		CreatedAt: instant(k.CreatedAt), ExpiresAt: instant(k.ExpiresAt),
		Limits: limitsJSON{a.requests.Left(k.ID, a.Now()), a.asks.Left(k.ID, a.Now())},
	})
	return nil
}
