package views

import "context"

type hiddenKey struct{}

// HideAmounts makes pages that are drawn within the context show no amounts:
// they are not in the HTML at all, nor is what could be read off a drawing.
func HideAmounts(ctx context.Context) context.Context {
	return context.WithValue(ctx, hiddenKey{}, true)
}

// amountsHidden says whether whoever looks has hidden the amounts.
func amountsHidden(ctx context.Context) bool { return ctx.Value(hiddenKey{}) != nil }

// hideAmounts is the account as it may be shown: without what sentences and
// drawings would tell while amounts are hidden. That a figure is known stays.
func (a Account) hideAmounts(ctx context.Context) Account {
	if !amountsHidden(ctx) {
		return a
	}
	a.Figure, a.Available = a.Figure.blank(), a.Available.blank()
	a.Difference, a.Recent, a.Threshold = Money{}, Chart{}, nil
	if a.Refresh != nil {
		r := a.Refresh.hideAmounts(ctx)
		a.Refresh = &r
	}
	return a
}

// hideAmounts is the request as it may be shown.
func (r Refresh) hideAmounts(ctx context.Context) Refresh {
	if amountsHidden(ctx) {
		r.Change, r.Other = Money{}, Money{}
	}
	return r
}

// hideAmounts is the balance as it may be shown.
func (o Balance) hideAmounts(ctx context.Context) Balance {
	if amountsHidden(ctx) {
		o.Figure, o.Available = o.Figure.blank(), o.Available.blank()
		o.FigureChange, o.AvailableChange = Money{}, Money{}
	}
	return o
}

// blank is an amount of which only is told whether the bank gave it.
func (m Money) blank() Money { return Money{Currency: m.Currency, Known: m.Known} }
