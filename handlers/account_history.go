package handlers

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/views"
)

// historyPage is how many balances a page of the table has.
const historyPage = 50

// rangeDays are the ranges of a history by their names; "all" has no beginning.
var rangeDays = map[string]int{"7d": 7, "30d": 30, "90d": 90, "1y": 365, "all": 0}

// rangeOf is the range that a page is asked for, by name and beginning: whole
// days of the business's zone, today's included.
func (s *Server) rangeOf(c *gin.Context) (name string, from time.Time) {
	name = pageOf(c).Query().Get("range")
	if _, known := rangeDays[name]; !known {
		name = "30d"
	}
	if n := rangeDays[name]; n > 0 {
		from = days.Shift(s.today(), 1-n)
	}
	return name, from
}

// history is what an account held over the range that is asked for.
func (s *Server) history(c *gin.Context, v viewer, a store.Card) (h views.History, err error) {
	name, from := s.rangeOf(c)
	h = views.History{URL: v.base() + "/accounts/" + a.ID, Range: name, Never: a.AsOf.IsZero() && a.Continues == ""}
	if h.Never {
		return h, nil
	}
	var points []store.Point
	var rows store.HistoryPage
	if err := s.together(c, func() (err error) {
		points, err = s.Store.PointsByAccount(c.Request.Context(), v.scope, a.ID, from)
		return err
	}, func() (err error) {
		rows, err = s.historyPage(c, a.ID)
		return err
	}, func() error {
		return s.addRemoved(c, &h, a.ID)
	}); err != nil {
		return h, err
	}
	if from.IsZero() && len(points) > 0 {
		from = points[0].At
	}
	h.Chart = s.present().chart(points, from, a.Currency).Begun()
	h.Lines = lineFigures(points, from, a.Currency)
	h.Below = s.below(c, points, from, a.Currency)
	if v.mayExport(c) {
		h.CSVURL = h.URL + "/history.csv?" + url.Values{"range": {name}}.Encode()
	}
	s.addRows(c, &h, rows)
	return h, nil
}

// addRemoved says how much of the range is not kept any more.
func (s *Server) addRemoved(c *gin.Context, h *views.History, accountID string) error {
	removed, err := s.Store.HistoryFrom(c.Request.Context(), web.ScopeOf(c), accountID)
	if _, from := s.rangeOf(c); !removed.Before(from) {
		h.Removed = removed
	}
	return err
}

// mayExport says whether the viewer may take the data along: customers theirs,
// staff when their role allows it.
func (v viewer) mayExport(c *gin.Context) bool {
	m, _ := web.StaffOf(c)
	return !v.forStaff || web.Can(m.Role, web.ExportData)
}

func lineFigures(points []store.Point, from time.Time, currency string) []views.LineFigures {
	figure := func(name string, of func(store.Point) store.Amount) views.LineFigures {
		low, high := store.Extremes(points, from, of)
		return views.LineFigures{
			Name: name, Low: moneyOf(low.Amount, currency), High: moneyOf(high.Amount, currency), LowAt: low.At,
			HighAt: high.At,
		}
	}
	available := figure("available", func(p store.Point) store.Amount { return p.Available })
	basis := basisOf(points)
	main := figure(basis, func(p store.Point) store.Amount { return store.Minor(p.Figure) })
	if basis == string(store.BasisUnspecified) && !available.Low.Known {
		return []views.LineFigures{main}
	}
	return []views.LineFigures{available, main}
}

// below counts the days on which the available balance was below the amount
// that the address names, if it does. The last balance counts for as long as it
// is not out of date.
func (s *Server) below(c *gin.Context, points []store.Point, from time.Time, currency string) views.Below {
	b := views.Below{Typed: web.Clip(pageOf(c).Query().Get("below"), 100)}
	if b.Typed == "" || len(points) == 0 {
		return b
	}
	minor, wrong := parseTyped(c.Request.Context(), b.Typed, currency)
	if b.Error = wrong; wrong != "" {
		return b
	}
	until := points[len(points)-1].At.Add(s.Settings.StaleAfter)
	if now := s.Now(); until.After(now) {
		until = now
	}
	b.Amount = moneyOf(store.Minor(minor), currency)
	b.Days, b.Known = store.DaysBelow(points, minor, from, until, s.Settings.Location)
	for day := from.In(s.Settings.Location); !day.After(s.Now()); day = days.Next(day) {
		b.Range++
	}
	return b
}

// historyPage is the page of the table that is asked for.
func (s *Server) historyPage(c *gin.Context, accountID string) (store.HistoryPage, error) {
	_, from := s.rangeOf(c)
	return s.Store.History(c.Request.Context(), store.HistoryQuery{
		Scope: web.ScopeOf(c), AccountID: accountID, From: from, Before: pageOf(c).Query().Get("before"),
		Limit: historyPage,
	})
}

// addRows adds a page of the table, or what stood before a range without rows.
func (s *Server) addRows(c *gin.Context, h *views.History, page store.HistoryPage) {
	h.Rows = s.compared(page.Rows, page.Older)
	if len(h.Rows) == 0 && page.Older != nil {
		h.Standing = &balanceRows([]store.Balance{*page.Older})[0]
	}
	if pageOf(c).Query().Get("before") != "" {
		h.FirstURL = historyURL(h, "")
	}
	if page.More {
		h.NextURL = historyURL(h, page.Rows[len(page.Rows)-1].ID)
	}
}

func historyURL(h *views.History, before string) string {
	v := url.Values{"range": {h.Range}}
	if before != "" {
		v.Set("before", before)
	}
	if h.Below.Typed != "" {
		v.Set("below", h.Below.Typed)
	}
	return h.URL + "?" + v.Encode() + "#history"
}

// compared are balances, newest first, each with its difference to the one before, or
// with the seam between them where that is another account's. older is the one before
// the last.
func (s *Server) compared(balances []store.Balance, older *store.Balance) []views.Balance {
	all := balanceRows(balances)
	for i, b := range balances {
		before := older
		if i+1 < len(balances) {
			before = &balances[i+1]
		}
		if before != nil && before.AccountID != b.AccountID {
			all[i].Before = &views.Seam{Until: s.told(*before), Since: s.told(b)}
		} else if before != nil {
			if b.Basis == before.Basis {
				all[i].FigureChange = difference(store.Minor(b.Figure), store.Minor(before.Figure), b.Currency)
			}
			all[i].AvailableChange = difference(b.Available, before.Available, b.Currency)
		}
	}
	return all
}

// told is by whom a balance was told.
func (s *Server) told(o store.Balance) views.Told {
	t := views.Told{At: o.AsOf, Through: s.upstream(o.Provider).Traits().Title, Basis: string(o.Basis)}
	if o.AsOfKind == store.AsOfUnknown {
		t.At = o.ReceivedAt
	}
	return t
}

// difference is a change of an amount; not known when either is not, or when it
// is larger than an amount can be.
func difference(now, before store.Amount, currency string) views.Money {
	d := now.Minor - before.Minor
	if !now.Known || !before.Known || (d > 0) != (now.Minor > before.Minor) {
		return views.Money{}
	}
	return moneyOf(store.Minor(d), currency)
}

// historyCSV handles GET /accounts/:id/history.csv and
// GET /me/accounts/:id/history.csv: every balance of the range.
func (s *Server) historyCSV(c *gin.Context) error {
	v := s.viewer(c)
	a, err := s.find(c, v, c.Param("id"))
	if err != nil {
		return err
	}
	name, from := s.rangeOf(c)
	act := store.Act{Actor: web.ActorOf(c), Action: store.ActHistoryExported, Customer: a.CustomerID, Subject: a.ID}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	return web.WriteCSV(
		c, "balances-"+store.Reference(a.ID)+"-"+name+".csv", sheet.HistoryHeader(),
		s.historyRows(c.Request.Context(), v.scope, a.ID, from),
	)
}

// historyRows reads a range page by page, so that no download holds the
// database's only snapshot or the whole history.
func (s *Server) historyRows(
	ctx context.Context, scope store.Scope, accountID string, from time.Time,
) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		q := store.HistoryQuery{Scope: scope, AccountID: accountID, From: from, Limit: 500}
		for {
			page, err := s.Store.History(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, o := range page.Rows {
				if !yield(sheet.HistoryRow(o, s.Settings.Location), nil) {
					return
				}
				q.Before = o.ID
			}
			if !page.More {
				return
			}
		}
	}
}

// statusOf is 422 when an amount that was typed could not be read.
func statusOf(h views.History, forms accountForms) int {
	if h.Below.Error != "" || forms.funds.Error != "" || forms.threshold.Error != "" {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
