package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/store"
)

// accountJSON is a linked account on the wire. Of its number only the end is there.
type accountJSON struct {
	ID          string              `json:"id"`
	Object      string              `json:"object"`
	Customer    string              `json:"customer"`
	Provider    string              `json:"provider"`
	Env         string              `json:"env"`
	Status      store.AccountStatus `json:"status"`
	Bank        bankJSON            `json:"bank"`
	Type        *string             `json:"type"`
	Currency    string              `json:"currency"`
	NumberLast4 *string             `json:"number_last4"`
	Balance     balanceJSON         `json:"balance"`
	Refresh     *refreshJSON        `json:"refresh"`
	NextRefresh instant             `json:"next_refresh_at"`
	ContinuedBy *string             `json:"continued_by"`
	AlsoWith    *string             `json:"also_with"`
}

type bankJSON struct {
	Name string `json:"name"`
}

// balanceJSON is the newest balance: what it is, of when, and of when the available one is,
// which may be older.
type balanceJSON struct {
	State           acts.Freshness `json:"state"`
	Figure          *moneyJSON     `json:"figure"`
	Basis           *string        `json:"basis"`
	AsOf            instant        `json:"as_of"`
	AsOfKind        *string        `json:"as_of_kind"`
	Outdated        bool           `json:"outdated"`
	Available       *moneyJSON     `json:"available"`
	AvailableAsOf   instant        `json:"available_as_of"`
	AvailableReason *string        `json:"available_reason"`
	CheckedAt       instant        `json:"checked_at"`
	Source          *string        `json:"source"`
}

func (a *API) drawAccount(card store.Card) accountJSON {
	if card.Broken != nil {
		a.Logger.Error("showing an account", "err", card.Broken)
	}
	j := accountJSON{
		ID: card.ID, Object: "account", Customer: card.CustomerID, Provider: card.Provider, Env: card.Env,
		Status: card.Status, Bank: bankJSON{card.Bank.Name}, Type: orNull(card.Type), Currency: card.Currency,
		NumberLast4: orNull(store.LastDigits(card.NUBAN)), Balance: a.drawBalance(card.Account),
		ContinuedBy: orNull(card.ContinuedBy),
	}
	if card.Also != nil {
		j.AlsoWith = &card.Also.ID
	}
	for _, r := range card.Latest {
		if r.Kind == store.KindRefresh {
			j.Refresh = new(drawRefresh(r))
			if next := a.Bank.Next(card.Account, r.CreatedAt); next.After(a.Now()) {
				j.NextRefresh = instant(next)
			}
		}
	}
	return j
}

// drawBalance says no time of a saved copy, of which nobody knows one.
func (a *API) drawBalance(acc store.Account) balanceJSON {
	b := balanceJSON{
		State:  acts.FreshnessOf(acc, a.Settings, a.Now()),
		Figure: money(acc.Figure, acc.Currency), Outdated: acc.Outdated(),
		Available: money(acc.Available, acc.Currency), AvailableReason: orNull(acc.Unstated()),
		CheckedAt: instant(acc.CheckedAt), Source: orNull(string(acc.Source)),
	}
	if acc.AsOf.IsZero() {
		return b
	}
	b.Basis, b.AsOfKind = orNull(string(acc.Basis)), orNull(string(acc.AsOfKind))
	if acc.Dated() {
		b.AsOf, b.AvailableAsOf = instant(acc.AsOf), instant(acc.AvailableAsOf)
	}
	return b
}

// accounts handles GET /customers/:customer/accounts. An account that goes on in another
// is there as that one.
func (a *API) accounts(c *gin.Context) error {
	cu, err := a.customerOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	cards, err := a.Store.CardsByCustomer(ctx, store.OfCustomer(cu.ID))
	if err != nil {
		return err
	}
	a.noteBalances(c, cu.ID)
	c.JSON(http.StatusOK, pageOf(
		cards, len(cards), func(card store.Card) string { return card.ID }, a.drawAccount,
	))
	return nil
}

// noteBalances notes that somebody looks at a customer's balances: also for the schedule,
// which asks of those that are looked at.
func (a *API) noteBalances(c *gin.Context, customerID string) {
	a.note(c, store.ActBalancesSeen, customerID, customerID)
	if err := a.Store.MarkViewed(c.Request.Context(), customerID); err != nil {
		a.Logger.Warn("noting that balances are looked at", "err", err)
	}
}

// account handles GET /accounts/:account.
func (a *API) account(c *gin.Context) error {
	card, err := a.Store.CardByID(c.Request.Context(), store.Whole(), c.Param("account"))
	if err != nil {
		return err
	}
	a.noteBalances(c, card.CustomerID)
	c.JSON(http.StatusOK, a.drawAccount(card))
	return nil
}
