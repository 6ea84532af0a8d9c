package store_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

func TestASumOverTimeSaysOfEachPartOfWhenItIs(t *testing.T) {
	at := func(hour int) time.Time { return noon.Add(time.Duration(hour) * time.Hour) }
	points := func(of ...int64) (all []store.Point) { // pairs of hours and amounts; −1: not said
		for i := 0; i < len(of); i += 2 {
			p := store.Point{At: at(int(of[i]))}
			if of[i+1] != -1 {
				p.Available = store.Minor(of[i+1])
			}
			all = append(all, p)
		}
		return all
	}
	part := func(account int, hour int, minor int64) store.SumPart {
		return store.SumPart{Account: account, At: at(hour), Figure: store.Minor(minor)}
	}
	available := func(p store.Point) store.Amount { return p.Available }
	got := store.SumPoints([][]store.Point{
		points(-9, 100, 1, 110, 4, -1, 5, 130), points(-2, 5), points(3, 1000, 6, math.MaxInt64),
	}, at(0), available)
	unsaid := store.SumPart{Account: 0, At: at(4)}
	want := []store.SumPoint{
		{At: at(-2), Sum: store.Minor(105), Parts: []store.SumPart{part(0, -9, 100), part(1, -2, 5)}},
		{At: at(1), Sum: store.Minor(115), Parts: []store.SumPart{part(0, 1, 110), part(1, -2, 5)}},
		{At: at(3), Sum: store.Minor(1115), Seam: true, Parts: []store.SumPart{part(0, 1, 110), part(1, -2, 5), part(2, 3, 1000)}},
		{At: at(4), Parts: []store.SumPart{unsaid, part(1, -2, 5), part(2, 3, 1000)}},
		{At: at(5), Sum: store.Minor(1135), Parts: []store.SumPart{part(0, 5, 130), part(1, -2, 5), part(2, 3, 1000)}},
		{At: at(6), Parts: []store.SumPart{part(0, 5, 130), part(1, -2, 5), part(2, 6, math.MaxInt64)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if apart := store.Apart(got); apart != 8*time.Hour {
		t.Errorf("balances that are added lie %v apart at most, want 8 h", apart)
	}
}
