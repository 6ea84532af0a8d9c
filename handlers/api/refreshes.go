package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/acts"
	"balancelink/store"
)

// refreshJSON is a request to a bank on the wire. The balance that it brought is the
// account's.
type refreshJSON struct {
	ID        string             `json:"id"`
	Object    string             `json:"object"`
	Account   string             `json:"account"`
	State     store.RefreshState `json:"state"`
	Open      bool               `json:"open"`
	Fault     *string            `json:"fault"`
	StartedAt instant            `json:"started_at"`
	EndsBy    instant            `json:"ends_by"`
	EndedAt   instant            `json:"ended_at"`
	RetryAt   instant            `json:"retry_at"`
}

func drawRefresh(r store.Refresh) refreshJSON {
	return refreshJSON{
		ID: r.ID, Object: "refresh", Account: r.AccountID, State: r.State, Open: r.Open(), Fault: orNull(r.Fault),
		StartedAt: instant(r.CreatedAt), EndsBy: instant(r.DeadlineAt), EndedAt: instant(r.EndedAt),
		RetryAt: instant(r.RetryAt),
	}
}

// by is a program as whoever asks a bank.
func by(c *gin.Context) acts.By {
	return acts.By{Scope: store.Whole(), Trigger: "api", KeyID: keyOf(c).ID}
}

// startRefresh handles POST /accounts/:account/refreshes.
func (a *API) startRefresh(c *gin.Context) error {
	o, err := once(c, http.StatusAccepted)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	done, err := a.Store.FindDone(ctx, o)
	if errors.Is(err, store.ErrNotFound) {
		if err := a.mayAsk(c); err != nil {
			return err
		}
		done, err = a.Store.StartRefreshOnce(ctx, o, a.Bank.Request(by(c), c.Param("account"), store.KindRefresh))
	}
	if err != nil {
		return a.notAsked(err)
	}
	a.Bank.Wake()
	r, err := a.Store.RefreshByID(ctx, done.Subject)
	if err != nil {
		return err
	}
	replayed(c, done)
	c.JSON(done.Status, drawRefresh(r))
	return nil
}

// mayAsk lets a program have banks asked as often as it may, whatever becomes of it.
func (a *API) mayAsk(c *gin.Context) error {
	if wait := a.asks.Take(keyOf(c).ID, a.Now()); wait > 0 {
		return tooMany(wait, "Banks were asked too often with this key. Nothing was changed.")
	}
	return nil
}

// notAsked says why a bank is not asked.
func (a *API) notAsked(err error) error {
	conflict := func(code Code, detail string) error {
		return &problem{status: http.StatusConflict, code: code, detail: detail}
	}
	var tooSoon *store.CoolDownError
	switch {
	case errors.As(err, &tooSoon):
		return &problem{
			status: http.StatusTooManyRequests, code: codeCoolDown, retryAfter: tooSoon.Until.Sub(a.Now()),
			detail: "The bank was asked a moment ago. Nothing was changed.",
		}
	case errors.Is(err, store.ErrUnlinked):
		return conflict(codeUnlinked, "This account is not linked any more. Its last known balance stays.")
	case errors.Is(err, store.ErrNoConsent):
		return conflict(codeNoConsent, "The customer's consent has ended and has to be given again.")
	case errors.Is(err, store.ErrNoProvider):
		return conflict(codeNoProvider, "The provider through whom it was linked is not connected any more.")
	}
	return err
}

// refresh handles GET /refreshes/:refresh, which waits for the outcome for as long as is
// asked.
func (a *API) refresh(c *gin.Context) error {
	most, err := a.waitFor(c)
	if err != nil {
		return err
	}
	r, err := a.Store.RefreshByID(c.Request.Context(), c.Param("refresh"))
	if err != nil {
		return err
	}
	again := func(ctx context.Context) (store.Refresh, error) { return a.Store.RefreshByID(ctx, r.ID) }
	r, err = wait(c.Request.Context(), a, most, r, store.Refresh.Open, again)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, drawRefresh(r))
	return nil
}

// mostWait is how long a request may wait: a little less than an answer may take.
const mostWait = 25 * time.Second

// waitFor is how long a request waits, as it asks for in whole seconds.
func (a *API) waitFor(c *gin.Context) (time.Duration, error) {
	text := c.Query("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > mostWait {
		return 0, invalid("wait", "It is a time such as 20s, 25s at most.")
	}
	return d, nil
}

// lookEvery is how often it is looked whether anything was written: that costs nothing.
const lookEvery = 100 * time.Millisecond

// wait reads something anew while it is open, whenever anything was written, for so long
// at most. Where as many wait as may, or the program ends, it is answered as it is.
func wait[T any](
	ctx context.Context, a *API, most time.Duration, now T, open func(T) bool, read func(context.Context) (T, error),
) (T, error) {
	if most == 0 || !open(now) {
		return now, nil
	}
	select {
	case a.waiting <- struct{}{}:
		defer func() { <-a.waiting }()
	default:
		return now, nil
	}
	end, look := time.NewTimer(most), time.NewTicker(lookEvery)
	defer end.Stop()
	defer look.Stop()
	for seen := uint64(0); open(now); {
		if writes := a.Store.Writes(); writes != seen {
			var err error
			if now, err = read(ctx); err != nil {
				return now, err
			}
			seen = writes
			continue
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-a.ending:
			return now, nil
		case <-end.C:
			return now, nil
		case <-look.C:
		}
	}
	return now, nil
}
