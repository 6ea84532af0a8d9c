package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// fundsJSON is a funds check on the wire: the question, and its answer once there is one.
type fundsJSON struct {
	ID         string             `json:"id"`
	Object     string             `json:"object"`
	Account    string             `json:"account"`
	Amount     moneyJSON          `json:"amount"`
	MaxAgeS    int64              `json:"max_age_s"`
	Pending    bool               `json:"pending"`
	Answer     *store.FundsAnswer `json:"answer"`
	Reason     *string            `json:"reason"`
	Available  *moneyJSON         `json:"available"`
	Figure     *moneyJSON         `json:"figure"`
	Basis      *string            `json:"basis"`
	AsOf       instant            `json:"as_of"`
	Refresh    *string            `json:"refresh"`
	AskedAt    instant            `json:"asked_at"`
	AnsweredAt instant            `json:"answered_at"`
}

func drawFunds(f store.LoggedFundsCheck) fundsJSON {
	j := fundsJSON{
		ID: f.ID, Object: "funds_check", Account: f.AccountID, Amount: moneyJSON{f.Amount, f.Currency},
		MaxAgeS: int64(f.FreshFor / time.Second), Pending: pending(f), Reason: orNull(f.Reason),
		Available: money(f.Available, f.Currency), Figure: money(f.Figure, f.Currency),
		Basis: orNull(string(f.Basis)), Refresh: orNull(f.RefreshID), AskedAt: instant(f.AskedAt),
		AnsweredAt: instant(f.AnsweredAt),
	}
	if f.Answer != "" {
		j.Answer = &f.Answer
	}
	if f.Reason != "copy" { // of which nobody knows a time
		j.AsOf = instant(f.AsOf)
	}
	return j
}

func pending(f store.LoggedFundsCheck) bool { return f.Answer == "" }

// fundsWrite is what is sent to ask whether an account can cover an amount.
type fundsWrite struct {
	Amount  moneyJSON `json:"amount"`
	MaxAgeS *int64    `json:"max_age_s"`
	Refresh string    `json:"refresh"`
}

// mostAge is the longest that a balance may be old to decide anything.
const mostAge = 24 * time.Hour

// askFunds handles POST /accounts/:account/funds-checks. Who has the bank asked first needs
// the scope for that too.
func (a *API) askFunds(c *gin.Context) error {
	var w fundsWrite
	if err := read(c, &w); err != nil {
		return err
	}
	o, err := once(c, http.StatusCreated)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	acc, err := a.Store.AccountByID(ctx, c.Param("account"))
	if err != nil {
		return err
	}
	f, err := a.fundsCheck(w, acc)
	if err != nil {
		return err
	}
	done, err := a.Store.FindDone(ctx, o)
	if errors.Is(err, store.ErrNotFound) {
		if f.RefreshID, err = a.refreshFirst(c, w.Refresh, acc, f); err != nil {
			return a.notAsked(err)
		}
		done, err = a.Store.AskFundsOnce(ctx, o, f)
	}
	if err != nil {
		return a.notAsked(err)
	}
	replayed(c, done)
	return a.answerFunds(c, done.Status, done.Subject)
}

// fundsCheck is the check that is asked for.
func (a *API) fundsCheck(w fundsWrite, acc store.Account) (store.FundsCheck, error) {
	f := store.FundsCheck{AccountID: acc.ID, Amount: w.Amount.Minor, FreshFor: a.Settings.FreshFor}
	switch {
	case w.Amount.Minor <= 0:
		return f, invalid("amount.minor", "It is above zero.")
	case w.Amount.Currency != acc.Currency:
		return f, invalid("amount.currency", "It is not the currency of the account.")
	}
	if w.MaxAgeS != nil {
		if *w.MaxAgeS < 1 || *w.MaxAgeS > int64(mostAge/time.Second) {
			return f, invalid("max_age_s", "It is a number of seconds, a day's at most.")
		}
		f.FreshFor = time.Duration(*w.MaxAgeS) * time.Second
	}
	return f, nil
}

// refreshFirst has the bank asked before a check is answered, where that is wanted.
func (a *API) refreshFirst(c *gin.Context, when string, acc store.Account, f store.FundsCheck) (string, error) {
	switch when {
	case "", "never":
		return "", nil
	case "if_stale":
		if acc.Dated() && store.NoOlder(acc.AsOf, f.FreshFor, a.Now()) {
			return "", nil
		}
	case "always":
	default:
		return "", invalid("refresh", "It is never, if_stale or always.")
	}
	if !keyOf(c).Allows(store.WriteRefreshes) {
		return "", scopeMissing(store.WriteRefreshes)
	}
	if err := a.mayAsk(c); err != nil {
		return "", err
	}
	return a.Bank.First(c.Request.Context(), by(c), acc.ID)
}

// funds handles GET /funds-checks/:check, which waits for the answer for as long as is
// asked.
func (a *API) funds(c *gin.Context) error {
	return a.answerFunds(c, http.StatusOK, c.Param("check"))
}

func (a *API) answerFunds(c *gin.Context, status int, id string) error {
	most, err := a.waitFor(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	f, err := a.Store.FundsCheckByID(ctx, id)
	if err != nil {
		return err
	}
	f, err = wait(ctx, a, most, f, pending, func(ctx context.Context) (store.LoggedFundsCheck, error) {
		return a.Store.FundsCheckByID(ctx, id)
	})
	if err != nil {
		return err
	}
	a.note(c, store.ActFundsSeen, f.CustomerID, f.ID)
	c.JSON(status, drawFunds(f))
	return nil
}
