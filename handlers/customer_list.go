package handlers

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/views"
	"balancelink/views/locale"
)

// pageSize is how many rows a page of a list has. One more is asked for: it tells
// whether another page follows.
const (
	pageSize = 20
	onePage  = pageSize + 1
	listPage = 50 // of customers
)

// cut leaves the rows of one page. last is the one behind which the next page
// begins; nil: there is none.
func cut[T any](found []T) (page []T, last *T) {
	if len(found) < onePage {
		return found, nil
	}
	return found[:pageSize], &found[pageSize-1]
}

// customerList handles GET /customers.
func (s *Server) customerList(c *gin.Context) error {
	return s.renderCustomers(c, http.StatusOK, views.Customers{})
}

// renderCustomers shows the list; page has what was typed into its forms.
func (s *Server) renderCustomers(c *gin.Context, code int, page views.Customers) error {
	q := s.listQuery(c)
	q.Limit = listPage + 1
	mark := s.polls.Mark()
	var found []store.CustomerRow
	err := s.together(c, func() (err error) {
		found, err = s.Store.Customers(c.Request.Context(), q)
		return err
	}, func() error {
		page.Frame = s.Frame(c, web.Say(c, "Customers"), "customers")
		return nil
	})
	if err != nil {
		return err
	}
	if c.Query("find") != "" && len(found) == 1 {
		return web.SeeOther(c, "/customers/"+found[0].ID)
	}
	page.Query, page.Filter, page.Order = q.Search, string(q.Filter), string(q.Order)
	page.Indexing = q.Search != "" && s.Store.Indexing()
	page.FirstURL, page.BeforeURL = backURLs(c, q)
	if len(found) > listPage {
		found = found[:listPage]
		page.NextURL = listURL("/customers", q, found[listPage-1].Place()) + wayBack(c, q)
	}
	if err := s.readList(c, &page, found); err != nil {
		return err
	}
	if page.May.ExportData {
		page.CSVURL = listURL("/customers.csv", q, store.Place{})
		page.BalancesURL, page.Today = "/balances.csv", s.today().Format(time.DateOnly)
	}
	page.LinksURL = linksURL(page.Rows, mark)
	if q.Filter == store.ToMove && page.May.EditCustomers {
		for i, r := range page.Rows {
			page.Rows[i].MoveURL, page.Rows[i].MoveCode = r.URL+"/invitations", !s.Settings.Simulated()
		}
	}
	if page.Form.Once == "" {
		page.Form.Once = store.NewSecret()
	}
	return web.Render(c, code, views.CustomersView(page))
}

// readList reads what the list shows of the customers that were found, and what stands
// beside them.
func (s *Server) readList(c *gin.Context, page *views.Customers, found []store.CustomerRow) error {
	return s.together(c, func() (err error) {
		page.Move, err = s.move(c)
		return err
	}, func() error {
		if len(found) > 0 {
			return nil
		}
		newest, err := s.Store.NewestCustomers(c.Request.Context(), 1)
		page.Some = len(newest) > 0
		return err
	}, func() error {
		return s.addCounts(c.Request.Context(), page)
	}, func() (err error) {
		page.Rows, err = s.customerRows(c, found, asksHere(*page))
		return err
	}, func() error {
		return s.addAskAll(c, page)
	}, noting(func() { s.noteList(c, "customers") }))
}

// listQuery is the part of the customer list that an address asks for.
func (s *Server) listQuery(c *gin.Context) store.CustomerQuery {
	q := store.CustomerQuery{
		Search: web.Clip(c.Query("q"), 200), StaleBefore: s.present().staleBefore(),
		After: placeFrom(c.Request.URL.Query()),
	}
	if f := store.Filter(c.Query("filter")); f.Known() {
		q.Filter = f
	}
	if o := store.Order(c.Query("sort")); o == store.ByAge || o == store.ByNewest {
		q.Order = o
	}
	return q
}

// placeFrom is the place in the list that the values of an address name.
func placeFrom(v url.Values) store.Place {
	p := store.Place{Word: v.Get("after_word"), Name: v.Get("after"), ID: v.Get("after_id")}
	if n, err := strconv.Atoi(v.Get("after_rank")); err == nil {
		p.Rank = store.Rank(n)
	}
	if ms, err := strconv.ParseInt(v.Get("after_age"), 10, 64); err == nil {
		p.AsOf = time.UnixMilli(ms)
	}
	return p
}

// addCounts adds how many customers each filter has. Of a search it is not known.
func (s *Server) addCounts(ctx context.Context, page *views.Customers) error {
	if page.Query != "" {
		return nil
	}
	n, err := s.Store.Counts(ctx, s.countsAt())
	page.CountedAt = n.CountedAt
	page.Counts = map[string]int{
		"": n.Customers, "linked": n.Linked, "needs_login": n.NeedsLogin, "asked_link": n.AskedLink,
		"consent_ended": n.ConsentEnded, "consent_ending": n.ConsentEnding, "stale": n.Stale,
		"below_threshold": n.Below, "threshold_unknown": n.BelowUnknown, "never_linked": n.NeverLinked,
		"to_move": n.ToMove,
	}
	return err
}

// farBack is how many pages of the list the way back goes.
const farBack = 20

// wayBack is the part of an address that leads back: where the pages before it begin, the
// one that is shown too.
func wayBack(c *gin.Context, q store.CustomerQuery) string {
	back := append(c.QueryArray("back"), placeOf(q, q.After).Encode())
	return "&" + url.Values{"back": back[max(0, len(back)-farBack):]}.Encode()
}

// backURLs are the first page of the list and the one before; empty: this is the first,
// or the way back does not go so far.
func backURLs(c *gin.Context, q store.CustomerQuery) (first, before string) {
	if q.After.ID == "" {
		return "", ""
	}
	first = listURL("/customers", q, store.Place{})
	back := c.QueryArray("back")
	if len(back) == 0 {
		return first, ""
	}
	at, err := url.ParseQuery(back[len(back)-1])
	if err != nil {
		return first, ""
	}
	before = listURL("/customers", q, placeFrom(at))
	if len(back) > 1 {
		before += "&" + url.Values{"back": back[:len(back)-1]}.Encode()
	}
	return first, before
}

// given are the values of a query that are not empty.
func given(values map[string]string) url.Values {
	v := url.Values{}
	for name, value := range values {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// listURL is a list with the same search, filter and order, after a place.
func listURL(path string, q store.CustomerQuery, after store.Place) string {
	v := placeOf(q, after)
	maps.Copy(v, given(map[string]string{"q": q.Search, "filter": string(q.Filter), "sort": string(q.Order)}))
	return path + "?" + v.Encode()
}

// placeOf are the values that name a place in the list.
func placeOf(q store.CustomerQuery, after store.Place) url.Values {
	v := given(map[string]string{"after_id": after.ID})
	switch {
	case after.ID == "" || q.Order == store.ByNewest:
	case !after.AsOf.IsZero():
		v.Set("after_age", strconv.FormatInt(after.AsOf.UnixMilli(), 10))
	default:
		v.Set("after", after.Name)
		if after.Rank > 0 {
			v.Set("after_rank", strconv.Itoa(int(after.Rank)))
			v.Set("after_word", after.Word)
		}
	}
	return v
}

// customersCSV handles GET /customers.csv: the list as it is searched, filtered
// and sorted, all pages of it.
func (s *Server) customersCSV(c *gin.Context) error {
	q := s.listQuery(c)
	q.After = store.Place{}
	act := store.Act{Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActListExported, Detail: string(q.Filter)}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	header := []string{
		"Customer", "Reference", "Status", "Banks", "Accounts",
		"Currency", "Available", "Accounts without a figure", "Accounts worked out", "Oldest as of", "Age",
		"Balance of no stated kind", "Phone", "E-mail", "Last seen", "Kind",
	}
	return web.WriteCSV(
		c, "customers-"+s.Now().In(s.Settings.Location).Format(time.DateOnly)+".csv", header, s.listRows(c, q),
	)
}

// listRows are the lines of all customers of the list.
func (s *Server) listRows(c *gin.Context, q store.CustomerQuery) iter.Seq2[[]any, error] {
	ctx := c.Request.Context()
	return s.linesOf(ctx, q, func(some []store.CustomerRow) (lines [][]any, err error) {
		rows, err := s.customerRows(c, some, false)
		for _, r := range rows {
			lines = append(lines, s.listCells(ctx, r)...)
		}
		return lines, err
	})
}

// linesOf are the lines of a file about customers. They are read page by page, so that no
// download holds the database's only snapshot or the whole list.
func (s *Server) linesOf(
	ctx context.Context, q store.CustomerQuery, of func([]store.CustomerRow) ([][]any, error),
) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		w := s.Store.Board().Begin(progress.Listing, 1)
		defer w.End()
		w.Step("", progress.Customers, 0)
		for q.Limit = 200; ; {
			found, err := s.Store.Customers(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			lines, err := of(found)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, line := range lines {
				if !yield(line, nil) {
					return
				}
			}
			w.Add(int64(len(found)))
			if len(found) < q.Limit {
				return
			}
			q.After = found[len(found)-1].Place()
		}
	}
}

// listCells are the lines of a customer in the file: one for each currency, for
// what they hold is not added up. Who has no account has one line too. The
// words are English, whoever takes them out.
func (s *Server) listCells(ctx context.Context, r views.CustomerRow) (lines [][]any) {
	ctx = locale.In(ctx, "en")
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(s.Settings.Location).Format(time.RFC3339)
	}
	totals := r.Totals
	if len(totals) == 0 {
		totals = []views.Total{{}}
	}
	for _, t := range totals {
		available := sheet.Amount(store.Amount{Minor: t.Money.Minor, Known: t.Money.Known}, t.Money.Currency)
		lines = append(lines, []any{
			r.Name, r.Reference, r.StatusWords(ctx), strings.Join(r.Banks, ", "),
			sheet.Number(strconv.Itoa(r.Accounts)),
			t.Money.Currency, available, sheet.Number(strconv.Itoa(t.Unknown)), sheet.Number(strconv.Itoa(t.Worked)),
			at(r.OldestAsOf), r.FreshnessWords(ctx),
			sheet.Amount(store.Amount{Minor: t.Unspecified.Minor, Known: t.Unspecified.Known}, t.Money.Currency),
			r.Phone, r.Email, at(r.SeenAt), r.Kind,
		})
	}
	return lines
}

// customerRows are customers as lists show them; asks: with the links to sign in again that
// may be made for them.
func (s *Server) customerRows(
	c *gin.Context, customers []store.CustomerRow, asks bool,
) ([]views.CustomerRow, error) {
	ids := make([]string, len(customers))
	for i, cu := range customers {
		ids[i] = cu.ID
	}
	var accounts map[string][]store.Account
	var consents map[string]store.ConsentState
	var links map[string]store.LinkProgress
	var invited []string
	for _, cu := range customers {
		if cu.Invited {
			invited = append(invited, cu.ID)
		}
	}
	err := s.together(c, func() (err error) {
		accounts, err = s.Store.AccountsByCustomers(c.Request.Context(), ids)
		return err
	}, func() (err error) {
		consents, err = s.Store.ConsentStates(c.Request.Context(), ids...)
		return err
	}, func() (err error) {
		links, err = s.Store.NewestLinks(c.Request.Context(), invited...)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, rows := s.present(), make([]views.CustomerRow, len(customers))
	for i, cu := range customers {
		rows[i] = p.customerRow(cu, accounts[cu.ID], consents[cu.ID])
		if asks {
			rows[i].Ask = asksOf(c.Request.Context(), accounts[cu.ID])
		}
		asked := rows[i].Status != "needs_login" || links[cu.ID].AccountID != "" // else it is what they linked before
		if l, ok := links[cu.ID]; ok && asked {
			steps := p.linkSteps(l)
			rows[i].Link, rows[i].LinkOpen = steps[len(steps)-1], p.goesOn(l)
		}
	}
	return rows, nil
}
