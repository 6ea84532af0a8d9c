package store_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"

	"balancelink/store"
)

// lengths are of lanes, in statements: some end long before others.
var lengths = []int{3, 1, 4, 0, 2}

// once is what is counted of a change, which is made twice where it is rehearsed.
func once(n int64) int64 {
	if os.Getenv("REHEARSE") != "" {
		return n / 2
	}
	return n
}

// mark marks an account as often as its lane is long.
func mark(id string, times int, exec func(string, ...any) error) error {
	for range times {
		if err := exec(`UPDATE accounts SET swept_at = COALESCE(swept_at, 0) + 1 WHERE id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatGoesSideBySideIsRecordedInOrder(t *testing.T) {
	d := newDB(t)
	turns := d.SideBySide()
	var ids []string
	for i := range lengths {
		ids = append(ids, d.linked(strconv.Itoa(i)).ID)
	}
	before := turns.Load()
	d.ok(d.InLanes(t.Context(), len(lengths), func(i int, exec func(string, ...any) error, act func(store.Act) error) error {
		if err := mark(ids[i], lengths[i], exec); err != nil {
			return err
		}
		return act(store.Act{Actor: store.Program, Action: "tried", Detail: strconv.Itoa(i)})
	}))
	for i, want := range lengths {
		if n := d.Number(t, `SELECT COALESCE(MAX(swept_at), 0) FROM accounts WHERE id = $1`, ids[i]); n != want {
			t.Errorf("lane %d did %d of %d", i, n, want)
		}
	}
	if got := d.Texts(t, `SELECT detail FROM audit WHERE action = 'tried' ORDER BY seq`); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
		t.Errorf("recorded as %v", got)
	}
	if taken := once(turns.Load() - before); taken != int64(slices.Max(lengths)+3) {
		t.Errorf("%d turns of %d, of one that begins, one that looks who acts, and one that records", taken, slices.Max(lengths))
	}
	if chain := d.chain(); chain.BadRow != 0 {
		t.Errorf("the audit log is broken at row %d: %s", chain.BadRow, chain.Problem)
	}
}

func TestNothingIsLeftOfWhatGoesBesideOneThatFails(t *testing.T) {
	d := newDB(t)
	d.SideBySide()
	a := d.linked("Amina")
	refused := errors.New("refused")
	for name, fails := range map[string]func(exec func(string, ...any) error) error{
		"in a rule": func(func(string, ...any) error) error { return refused },
		"in a statement": func(exec func(string, ...any) error) error {
			return exec(`UPDATE accounts SET status = NULL WHERE id = $1`, a.ID)
		},
	} {
		err := d.InLanes(context.Background(), len(lengths), func(i int, exec func(string, ...any) error, _ func(store.Act) error) error {
			if err := mark(a.ID, lengths[i], exec); err != nil || i != 1 {
				return err
			}
			return fails(exec)
		})
		if err == nil || name == "in a rule" != errors.Is(err, refused) {
			t.Errorf("%s: %v", name, err)
		}
		if n := d.Number(t, `SELECT COALESCE(swept_at, 0) FROM accounts WHERE id = $1`, a.ID); n != 0 {
			t.Errorf("%s: %d marks are left", name, n)
		}
	}
}
