package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

const number = `SELECT CAST($1 AS BIGINT)`

// asks is a read that asks so often, one thing after the other.
func (d *db) asks(times int, got *[]int64) func(context.Context) error {
	return func(ctx context.Context) error {
		for i := range times {
			n, err := d.Asked(ctx, number, i)
			if err != nil {
				return err
			}
			*got = append(*got, n)
		}
		return nil
	}
}

func TestReadsSideBySideTakeAsManyTurnsAsTheLongest(t *testing.T) {
	d := newDB(t)
	turns, ended := d.ReadSideBySide()
	got := make([][]int64, len(lengths)+2)
	var reads []func(context.Context) error
	for i, times := range lengths {
		reads = append(reads, d.asks(times, &got[i]))
	}
	within := func(ctx context.Context) error { // after one of its own, two beside each other
		if err := d.asks(1, &got[len(lengths)])(ctx); err != nil {
			return err
		}
		return d.Together(ctx, d.asks(3, &got[len(lengths)]), d.asks(2, &got[len(lengths)+1]))
	}
	d.ok(d.Together(t.Context(), append(reads, within)...))
	if n := turns.Load(); n != int64(slices.Max(lengths)) || ended.Load() != 1 {
		t.Errorf("%d turns, want %d; %d readings have ended", n, slices.Max(lengths), ended.Load())
	}
	for i, times := range append(slices.Clone(lengths), 4, 2) {
		if len(got[i]) != times {
			t.Errorf("read %d got %v, want %d numbers", i, got[i], times)
		}
	}
}

func TestReadsSideBySideSeeOneMoment(t *testing.T) {
	d := newDB(t)
	for _, sideBySide := range []bool{false, true} {
		if sideBySide {
			d.ReadSideBySide()
		}
		before := int64(d.Number(t, `SELECT COUNT(*) FROM customers`))
		a, b, err := d.AtOneMoment(t.Context(), `SELECT COUNT(*) FROM customers`, func() { d.customer("Amina") })
		d.ok(err)
		if a != before || b != before {
			t.Errorf("side by side %v: %d and %d, want %d", sideBySide, a, b, before)
		}
	}
}

func TestTheFirstErrorEndsWhatGoesBesideIt(t *testing.T) {
	d := newDB(t)
	refused := errors.New("refused")
	fails := func(ctx context.Context) error { return errors.Join(d.asks(1, new([]int64))(ctx), refused) }
	for _, sideBySide := range []bool{false, true} {
		ended := noneEnded
		if sideBySide {
			_, counted := d.ReadSideBySide()
			ended = counted.Load
		}
		before := ended()
		var got []int64
		for name, read := range map[string]func(context.Context) error{
			"in a rule": fails,
			"in one within": func(ctx context.Context) error {
				return d.Together(ctx, d.asks(3, new([]int64)), fails)
			},
		} {
			if err := d.Together(t.Context(), read, d.asks(5, &got)); !errors.Is(err, refused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := d.Together(t.Context(), func(ctx context.Context) error {
			_, err := d.Asked(ctx, `SELECT nothing FROM nowhere`)
			return err
		}, d.asks(5, &got)); err == nil {
			t.Error("a statement that is none passes")
		}
		if len(got) > 2 {
			t.Errorf("the others went on to %v", got)
		}
		if sideBySide && ended()-before != 3 {
			t.Errorf("%d of 3 readings have ended", ended()-before)
		}
	}
}

func noneEnded() int64 { return 0 }

func TestAPanicGoesThroughWhatGoesBesideIt(t *testing.T) {
	d := newDB(t)
	_, ended := d.ReadSideBySide()
	defer func() {
		if said := fmt.Sprint(recover()); said != "odd" || ended.Load() != 1 {
			t.Errorf("%s; %d readings have ended", said, ended.Load())
		}
	}()
	d.ok(d.Together(t.Context(), d.asks(3, new([]int64)), func(ctx context.Context) error {
		d.ok(d.asks(1, new([]int64))(ctx))
		panic("odd")
	}))
}

func TestReadsWhoseContextEndsSaySo(t *testing.T) {
	d := newDB(t)
	d.ReadSideBySide()
	ctx, end := context.WithCancel(t.Context())
	err := d.Together(ctx, d.asks(3, new([]int64)), func(context.Context) error { end(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	d.ok(d.Together(t.Context(), d.asks(3, new([]int64)))) // and others can read
}

func TestWhatAReadingHasReadStandsAsItWouldAlone(t *testing.T) {
	d := newDB(t)
	a := d.linked("Amina")
	read := func() (c store.Card, cards []store.Card) {
		d.ok(d.Together(t.Context(), func(ctx context.Context) (err error) {
			c, err = d.CardByID(ctx, store.Whole(), a.ID)
			return err
		}, func(ctx context.Context) (err error) {
			cards, err = d.CardsByCustomer(ctx, store.OfCustomer(a.CustomerID))
			return err
		}))
		return c, cards
	}
	alone, all := read()
	d.ReadSideBySide()
	beside, allBeside := read()
	if diff := cmp.Diff(alone, beside) + cmp.Diff(all, allBeside); diff != "" {
		t.Error(diff)
	}
}
