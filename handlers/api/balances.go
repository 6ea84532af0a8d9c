package api

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
	"balancelink/store"
)

// pastJSON is a balance on the wire, as it was told once. Which of an account's was told
// under an older id, its account says.
type pastJSON struct {
	ID                 string     `json:"id"`
	Object             string     `json:"object"`
	Account            string     `json:"account"`
	Provider           string     `json:"provider"`
	Figure             *moneyJSON `json:"figure"`
	Basis              string     `json:"basis"`
	AsOf               instant    `json:"as_of"`
	AsOfKind           string     `json:"as_of_kind"`
	Available          *moneyJSON `json:"available"`
	AvailableWorkedOut bool       `json:"available_worked_out"`
	ReceivedAt         instant    `json:"received_at"`
	Source             string     `json:"source"`
}

// drawPast says no time of a saved copy, of which nobody knows one.
func drawPast(o store.Balance) pastJSON {
	j := pastJSON{
		ID: o.ID, Object: "balance", Account: o.AccountID, Provider: o.Provider,
		Figure: money(store.Minor(o.Figure), o.Currency), Basis: string(o.Basis), AsOfKind: string(o.AsOfKind),
		Available: money(o.Available, o.Currency), AvailableWorkedOut: o.AvailableWorkedOut,
		ReceivedAt: instant(o.ReceivedAt), Source: string(o.Source),
	}
	if o.AsOfKind != store.AsOfUnknown {
		j.AsOf = instant(o.AsOf)
	}
	return j
}

// balances handles GET /accounts/:account/balances: an account's balances, the newest
// first, as JSON, or as the CSV of the page for whoever accepts that.
func (a *API) balances(c *gin.Context) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	q := store.HistoryQuery{Scope: store.Whole(), AccountID: c.Param("account"), Limit: n}
	if q.Before, err = after(c); err != nil {
		return err
	}
	if q.From, err = moment(c, "from"); err != nil {
		return err
	}
	if q.Until, err = moment(c, "to"); err != nil {
		return err
	}
	ctx := c.Request.Context()
	account, err := a.Store.AccountByID(ctx, q.AccountID)
	if err != nil {
		return err
	}
	page, err := a.Store.History(ctx, q)
	if err != nil {
		return err
	}
	a.noteBalances(c, account.CustomerID)
	if wantsCSV(c.GetHeader("Accept")) {
		return a.answerCSV(c, page)
	}
	l := list[pastJSON]{Object: "list", Data: []pastJSON{}, Next: nextOf(page)}
	for _, o := range page.Rows {
		l.Data = append(l.Data, drawPast(o))
	}
	c.JSON(http.StatusOK, l)
	return nil
}

// moment is a time of the query; the zero time: none is given.
func moment(c *gin.Context, name string) (time.Time, error) {
	text := c.Query(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, invalid(name, "It is a time such as 2026-11-28T09:00:00Z.")
	}
	return t, nil
}

func nextOf(page store.HistoryPage) *string {
	if !page.More || len(page.Rows) == 0 {
		return nil
	}
	return &page.Rows[len(page.Rows)-1].ID
}

// wantsCSV says whether an Accept header names CSV with no less weight than JSON.
func wantsCSV(accept string) bool {
	weight := map[string]float64{}
	for one := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(one)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			q = 1
		}
		weight[media] = q
	}
	return weight["text/csv"] > 0 && weight["text/csv"] >= weight["application/json"]
}

// answerCSV answers with a page as a file. The address of the next one is in a header.
func (a *API) answerCSV(c *gin.Context, page store.HistoryPage) error {
	var file bytes.Buffer
	err := sheet.Write(&file, sheet.HistoryHeader(), func(yield func([]any, error) bool) {
		for _, o := range page.Rows {
			if !yield(sheet.HistoryRow(o, a.Settings.Location), nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	if next := nextOf(page); next != nil {
		v := c.Request.URL.Query()
		v.Set("after", *next)
		c.Header("Link", "<"+(&url.URL{Path: c.Request.URL.Path, RawQuery: v.Encode()}).String()+`>; rel="next"`)
	}
	c.Data(http.StatusOK, sheet.MediaType, file.Bytes())
	return nil
}
