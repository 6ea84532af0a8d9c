package api

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// deliveryJSON is an event on its way to an endpoint, on the wire.
type deliveryJSON struct {
	ID        string              `json:"id"`
	Object    string              `json:"object"`
	Endpoint  string              `json:"endpoint"`
	State     store.DeliveryState `json:"state"`
	Tries     int                 `json:"tries"`
	NextTryAt instant             `json:"next_try_at"`
	TriedAt   instant             `json:"tried_at"`
	Status    *int                `json:"status"`
	Error     *string             `json:"error"`
	Event     eventJSON           `json:"event"`
}

func drawDelivery(d store.Delivery, amounts bool) deliveryJSON {
	j := deliveryJSON{
		ID: d.ID, Object: "delivery", Endpoint: d.EndpointID, State: d.State, Tries: d.Tries,
		NextTryAt: instant(d.NextTryAt), TriedAt: instant(d.At), Error: orNull(d.Error),
		Event: drawEvent(d.Notice, amounts),
	}
	if d.Status > 0 {
		j.Status = &d.Status
	}
	return j
}

// deliveries handles GET /webhook-endpoints/:endpoint/deliveries, those of what happened
// last first.
func (a *API) deliveries(c *gin.Context) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	before, err := seqOf(c.DefaultQuery("after", "0"), "after")
	if err != nil {
		return err
	}
	state := store.DeliveryState(c.Query("state"))
	if state != "" && !slices.Contains(store.DeliveryStates(), state) {
		return invalid("state", "There is no such state.")
	}
	ctx := c.Request.Context()
	e, err := a.Store.EndpointByID(ctx, c.Param("endpoint"))
	if err != nil {
		return err
	}
	all, err := a.Store.Deliveries(
		ctx, store.DeliveryQuery{EndpointID: e.ID, State: state, Before: before, Limit: n + 1},
	)
	if err != nil {
		return err
	}
	amounts := a.showsAmounts(c)
	c.JSON(http.StatusOK, pageOf(
		all, n, func(d store.Delivery) string { return strconv.FormatInt(d.Notice.Seq, 10) },
		func(d store.Delivery) deliveryJSON { return drawDelivery(d, amounts) },
	))
	return nil
}

// replayDelivery handles POST /deliveries/:delivery/replay.
func (a *API) replayDelivery(c *gin.Context) error {
	o, err := once(c, http.StatusAccepted)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	done, err := a.Store.ReplayDeliveryOnce(ctx, o, c.Param("delivery"))
	if err != nil {
		return err
	}
	d, err := a.Store.DeliveryByID(ctx, done.Subject)
	if err != nil {
		return err
	}
	a.Bank.Wake()
	replayed(c, done)
	c.JSON(done.Status, drawDelivery(d, a.showsAmounts(c)))
	return nil
}
