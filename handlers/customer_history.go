package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/views"
)

// sumRows is how many rows the table behind a sum's drawing has, the newest.
const sumRows = 50

// customerHistory handles GET /customers/:id/history and GET /me/history: what a customer's
// linked accounts held together, by currency.
func (s *Server) customerHistory(c *gin.Context) error {
	ctx, scope, v := c.Request.Context(), web.OfPath(c), s.viewer(c)
	var cu store.Customer
	var all []store.Account
	if err := s.together(c, func() (err error) {
		cu, err = s.Store.CustomerByID(c.Request.Context(), scope.CustomerID)
		return err
	}, func() (err error) {
		all, err = s.Store.AccountsWithin(c.Request.Context(), scope)
		return err
	}); err != nil {
		return err
	}
	name, from := s.rangeOf(c)
	page := views.CustomerHistory{
		URL: v.ownPage(cu.ID) + "/history", BackURL: v.ownPage(cu.ID), BackLabel: web.Say(c, "My balances"),
		Range: name,
	}
	if v.forStaff {
		page.Customer, page.BackLabel = cu.Name, cu.Name
	}
	page.Frame = s.Frame(c, page.Title(ctx), "")
	if v.forStaff {
		page.Nav = "customers"
	}
	groups := byCurrency(addedUp(all))
	page.Currencies = make([]views.SumHistory, len(groups))
	reads := []func() error{noting(func() { s.noteBalances(c, cu.ID) })}
	for i, accounts := range groups {
		reads = append(reads, func() (err error) {
			page.Currencies[i], err = s.sumHistory(c, v, scope, accounts, from)
			return err
		})
	}
	if err := s.together(c, reads...); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.CustomerHistoryView(page))
}

// addedUp picks the accounts that the totals add, too.
func addedUp(all []store.Account) (some []store.Account) {
	for _, a := range all {
		if a.Followed() && !a.Twice(all) {
			some = append(some, a)
		}
	}
	return some
}

// ownPage is the page of a customer as this viewer has it.
func (v viewer) ownPage(customerID string) string {
	if v.forStaff {
		return "/customers/" + customerID
	}
	return "/me"
}

// byCurrency are accounts by their currency, in the order in which these first occur.
func byCurrency(accounts []store.Account) (groups [][]store.Account) {
	for _, a := range accounts {
		i := slices.IndexFunc(groups, func(g []store.Account) bool { return g[0].Currency == a.Currency })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], a)
	}
	return groups
}

// sumHistory adds up accounts of one currency: what is available, of those whose bank says
// it, or else the balances that are of the same kind. The others are named.
func (s *Server) sumHistory(
	c *gin.Context, v viewer, scope store.Scope, accounts []store.Account, from time.Time,
) (h views.SumHistory, err error) {
	ctx := c.Request.Context()
	held := make([][]store.Point, len(accounts))
	var reads []func() error
	for i, a := range accounts {
		reads = append(reads, func() (err error) {
			held[i], err = s.Store.PointsByAccount(ctx, scope, a.ID, from)
			return err
		})
	}
	if err := s.together(c, reads...); err != nil {
		return h, err
	}
	kind := kindToAdd(held)
	var added [][]store.Point
	for i, points := range held {
		a := accounts[i]
		name := views.AccountName(ctx, a.Bank.Name, a.Type, masked(a.NUBAN, a.Broken))
		switch {
		case len(points) == 0:
			h.Never = append(h.Never, name)
		case !kind.fits(points):
			h.Left = append(h.Left, name)
		default:
			h.Accounts, added = append(h.Accounts, name), append(added, points)
		}
	}
	sums := store.SumPoints(added, from, kind.figure)
	h.Currency, h.Apart = accounts[0].Currency, store.Apart(sums)
	h.Chart = v.sumChart(sums, h.Accounts, from, h.Currency, kind)
	h.Rows = h.Chart.Points[max(0, len(h.Chart.Points)-sumRows):]
	h.More = len(h.Chart.Points) > sumRows
	return h, nil
}

// sumKind is the figure that is added up: what is available, or a balance of a kind.
type sumKind struct {
	available bool
	basis     store.Basis
}

// kindToAdd is what is available where any account's bank says it, or else the kind of the
// first balance.
func kindToAdd(held [][]store.Point) (k sumKind) {
	for _, points := range held {
		if k.basis == "" && len(points) > 0 {
			k.basis = points[0].Basis
		}
		k.available = k.available || knowsAvailable(points)
	}
	return k
}

func knowsAvailable(points []store.Point) bool {
	return slices.ContainsFunc(points, func(p store.Point) bool { return p.Available.Known })
}

// fits says that the figure of all points is of the kind.
func (k sumKind) fits(points []store.Point) bool {
	if k.available {
		return knowsAvailable(points)
	}
	return !slices.ContainsFunc(points, func(p store.Point) bool { return p.Basis != k.basis })
}

func (k sumKind) figure(p store.Point) store.Amount {
	if k.available {
		return p.Available
	}
	return store.Minor(p.Figure)
}

// sumChart is the line of a sum from a moment on, or from its first point. It is dashed to
// now where any part of the last is out of date.
func (p presenter) sumChart(
	sums []store.SumPoint, names []string, from time.Time, currency string, kind sumKind,
) views.Chart {
	ch := views.Chart{From: from, To: p.now, Currency: currency, Basis: string(kind.basis), Added: true}
	for i, at := range sums {
		point := views.ChartPoint{At: at.At, Seam: at.Seam}
		if kind.available {
			point.Available = moneyOf(at.Sum, currency)
		} else {
			point.Figure = moneyOf(at.Sum, currency)
		}
		for _, part := range at.Parts {
			point.Parts = append(point.Parts, views.ChartPart{
				Name: names[part.Account], Figure: moneyOf(part.Figure, currency), At: part.At,
			})
			ch.Stale = ch.Stale || i == len(sums)-1 && p.age(part.At) == views.Stale
		}
		ch.Points = append(ch.Points, point)
	}
	return ch.Begun()
}
