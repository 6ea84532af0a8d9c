package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"balancelink/store"
)

// eventJSON is something that happened, on the wire: read here, and sent by webhooks.
type eventJSON struct {
	ID        string           `json:"id"`
	Object    string           `json:"object"`
	Seq       int64            `json:"seq"`
	Type      store.NoticeType `json:"type"`
	Timestamp instant          `json:"timestamp"`
	Data      eventDataJSON    `json:"data"`
}

// eventDataJSON is whom and what an event is about: ids, by which to ask for more.
type eventDataJSON struct {
	Customer   *string           `json:"customer"`
	Reference  *string           `json:"reference"`
	Account    *string           `json:"account"`
	Link       *string           `json:"link"`
	Refresh    *string           `json:"refresh"`
	FundsCheck *string           `json:"funds_check"`
	Endpoint   *string           `json:"endpoint"`
	State      *string           `json:"state"`
	Balance    *eventBalanceJSON `json:"balance"`
}

// eventBalanceJSON is what an account was said to hold when an event happened: as
// [balanceJSON], whose times and reason it has.
type eventBalanceJSON struct {
	Figure          *moneyJSON `json:"figure"`
	Basis           *string    `json:"basis"`
	Available       *moneyJSON `json:"available"`
	AsOf            instant    `json:"as_of"`
	AvailableAsOf   instant    `json:"available_as_of"`
	AvailableReason *string    `json:"available_reason"`
}

func drawEvent(n store.Notice, amounts bool) eventJSON {
	d := eventDataJSON{
		Customer: orNull(n.CustomerID), Reference: orNull(n.Reference), Account: orNull(n.AccountID),
		State: orNull(n.State),
	}
	switch subject := orNull(n.Subject); n.Type {
	case store.NoticeRefresh:
		d.Refresh = subject
	case store.NoticeFunds:
		d.FundsCheck = subject
	case store.NoticeTest:
		d.Endpoint = subject
	case store.NoticeBalance:
		if amounts {
			d.Balance = &eventBalanceJSON{
				Figure: money(n.Figure, n.Currency), Basis: orNull(string(n.Basis)),
				Available: money(n.Available, n.Currency), AsOf: instant(n.AsOf),
				AvailableAsOf: instant(n.AvailableAsOf), AvailableReason: orNull(n.Unstated),
			}
		}
	default:
		d.Link = subject
	}
	return eventJSON{ID: n.ID, Object: "event", Seq: n.Seq, Type: n.Type, Timestamp: instant(n.At), Data: d}
}

// Payload is what a webhook tells of something that happened: with the amounts of a
// balance, or without.
func Payload(n store.Notice, amounts bool) ([]byte, error) {
	return json.Marshal(drawEvent(n, amounts))
}

// feed is a page of what happened. Next is where to read on, also when there is nothing
// yet.
type feed struct {
	Object string      `json:"object"`
	Data   []eventJSON `json:"data"`
	Next   string      `json:"next"`
	More   bool        `json:"more"`
}

// events handles GET /events: what happened, in order, to whoever asks again and again.
// Amounts are there for who may see balances.
func (a *API) events(c *gin.Context) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	after := store.FromOldest
	if text, is := c.GetQuery("after"); is {
		if after, err = seqOf(text, "after"); err != nil {
			return err
		}
	}
	types, err := noticeTypes(c.QueryArray("type"), "type")
	if err != nil {
		return err
	}
	found, reached, more, err := a.Store.Notices(c.Request.Context(), after, types, n)
	if err != nil {
		return notReadable(err, "after")
	}
	amounts := a.showsAmounts(c)
	page := feed{Object: "list", Data: []eventJSON{}, Next: strconv.FormatInt(reached, 10), More: more}
	for _, notice := range found {
		page.Data = append(page.Data, drawEvent(notice, amounts))
	}
	c.JSON(http.StatusOK, page)
	return nil
}

// showsAmounts says whether events are shown with the amounts of balances, and notes that
// somebody looks at them.
func (a *API) showsAmounts(c *gin.Context) bool {
	if !keyOf(c).Allows(store.ReadBalances) {
		return false
	}
	a.note(c, store.ActBalancesSeen, "", "events")
	return true
}

// seqOf reads the number of an event.
func seqOf(text, field string) (int64, error) {
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, invalid(field, "It is the seq of an event, or what next was.")
	}
	return seq, nil
}

// notReadable says of a number why what happened after it cannot be told.
func notReadable(err error, field string) error {
	var missing *store.MissingError
	switch {
	case errors.Is(err, store.ErrAhead):
		return invalid(field, "No event has that seq yet.")
	case errors.As(err, &missing):
		next := strconv.FormatInt(missing.Upto, 10)
		return &problem{
			status: http.StatusGone, code: codeEventsGone, field: field, next: next,
			detail: "Some events after that seq are not kept any more. Go on after " + next +
				", and read anew what you keep of customers and accounts.",
		}
	}
	return err
}

// noticeTypes reads types of events.
func noticeTypes(texts []string, field string) (types []store.NoticeType, err error) {
	for _, text := range texts {
		t := store.NoticeType(text)
		if !slices.Contains(store.NoticeTypes(), t) {
			return nil, invalid(field, "There is no such type of event.")
		}
		types = append(types, t)
	}
	return types, nil
}
