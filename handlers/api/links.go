package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/store"
)

// linkJSON is a personal link on the wire. Its address and its code are in the answer that
// makes it, and in its repetitions.
type linkJSON struct {
	ID        string  `json:"id"`
	Object    string  `json:"object"`
	Customer  string  `json:"customer"`
	URL       string  `json:"url"`
	Code      *string `json:"code"`
	ExpiresAt instant `json:"expires_at"`
}

// linkSecret is what of a link is kept, sealed, for its repetitions.
type linkSecret struct{ URL, Code string }

// addLink handles POST /customers/:customer/links.
func (a *API) addLink(c *gin.Context) error {
	var sent struct {
		Code bool `json:"code"`
	}
	if err := read(c, &sent); err != nil {
		return err
	}
	o, err := once(c, http.StatusCreated)
	if err != nil {
		return err
	}
	cu, err := a.customerOf(c)
	if err != nil {
		return err
	}
	keep, made, err := acts.NewLink(a.Settings, cu.ID, sent.Code)
	if err != nil {
		return err
	}
	text, err := json.Marshal(linkSecret{made.URL, made.Code})
	if err != nil {
		return err
	}
	o.Secret = string(text)
	done, err := a.Store.MakeInvitationOnce(c.Request.Context(), o, keep)
	if err != nil {
		return err
	}
	return a.answerLink(c, done)
}

func (a *API) answerLink(c *gin.Context, done store.Done) error {
	i, err := a.Store.InvitationByID(c.Request.Context(), done.Subject)
	if err != nil {
		return err
	}
	var secret linkSecret
	if err := json.Unmarshal([]byte(done.Secret), &secret); err != nil {
		return err
	}
	replayed(c, done)
	c.JSON(done.Status, linkJSON{
		ID: i.ID, Object: "link", Customer: i.CustomerID, URL: secret.URL, Code: orNull(secret.Code),
		ExpiresAt: instant(i.ExpiresAt),
	})
	return nil
}

// linkMadeJSON is a personal link on the wire that was made before: what became of it.
type linkMadeJSON struct {
	ID        string  `json:"id"`
	Object    string  `json:"object"`
	Customer  string  `json:"customer"`
	State     string  `json:"state"`
	CreatedAt instant `json:"created_at"`
	ExpiresAt instant `json:"expires_at"`
	SentAt    instant `json:"sent_at"`
	OpenedAt  instant `json:"opened_at"`
	AgreedAt  instant `json:"agreed_at"`
	UsedAt    instant `json:"used_at"`
}

// links handles GET /customers/:customer/links: the newest personal links of a customer,
// and in a word how the customer is linked.
func (a *API) links(c *gin.Context) error {
	cu, err := a.customerOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	made, err := a.Store.LinksByCustomer(ctx, cu.ID)
	if err != nil {
		return err
	}
	status, err := a.linkStatus(ctx, cu.ID)
	if err != nil {
		return err
	}
	all := struct {
		list[linkMadeJSON]
		Status string `json:"link_status"`
	}{list[linkMadeJSON]{Object: "list", Data: []linkMadeJSON{}}, status}
	for _, l := range made {
		all.Data = append(all.Data, linkMadeJSON{
			ID: l.ID, Object: "link", Customer: cu.ID, State: acts.LinkState(l.Invitation, a.Now()),
			CreatedAt: instant(l.CreatedAt), ExpiresAt: instant(l.ExpiresAt), SentAt: instant(l.SentAt),
			OpenedAt: instant(l.OpenedAt), AgreedAt: instant(l.AgreedAt), UsedAt: instant(l.UsedAt),
		})
	}
	c.JSON(http.StatusOK, all)
	return nil
}

// linkStatus is how a customer is linked, as the list of staff says it.
func (a *API) linkStatus(ctx context.Context, customerID string) (string, error) {
	row, err := a.Store.CustomerRowByID(ctx, customerID)
	if err != nil {
		return "", err
	}
	accounts, err := a.Store.AccountsByCustomer(ctx, customerID)
	if err != nil {
		return "", err
	}
	consents, err := a.Store.ConsentStates(ctx, customerID)
	return acts.LinkStatus(row, accounts, consents[customerID], a.Now()), err
}

// revokeLink handles DELETE /links/:link. Repeating it does no harm.
func (a *API) revokeLink(c *gin.Context) error {
	if err := noBody(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	i, err := a.Store.InvitationByID(ctx, c.Param("link"))
	if err != nil {
		return err
	}
	if i.RevokedAt.IsZero() {
		if err := a.Store.RevokeInvitation(ctx, actor(c), i.CustomerID, i.ID); err != nil {
			return err
		}
	}
	c.Status(http.StatusNoContent)
	return nil
}
