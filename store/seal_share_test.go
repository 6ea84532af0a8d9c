package store_test

import (
	"slices"
	"testing"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestAKeyIsChangedAtOneInstanceAfterTheOther(t *testing.T) {
	d := newDB(t)
	d.Share(t)
	ctx, other := t.Context(), d.beside('k')
	first, second := d.NewInstance("1"), other.NewInstance("1")
	beat := func() {
		d.beats(first)
		other.beats(second)
	}
	d.deliver("before", `{"payload":"payload canary"}`)
	both := storetest.Keys(t, 'n', 'k')
	for _, one := range []*db{d, other} {
		d.ok(one.UseKeys(ctx, storetest.Keys(t, 'k', 'n')))
	}
	beat()
	d.ok(d.UseKeys(ctx, both))
	beat()
	d.deliver("at the one", `{"payload":"payload canary"}`)
	other.deliver("at the other, which has not heard of it", `{"payload":"payload canary"}`)
	if got := d.under(both); got != "1 2" {
		t.Fatalf("payloads under the new and the old key: %s, want 1 2", got)
	}
	if step := must(d.SealSome(ctx)); !step.Waits || step.Done || d.under(both) != "1 2" {
		t.Errorf("rows are sealed while another instance goes on under the old key: %+v", step)
	}
	if !must(other.FollowKeys(ctx)) || must(other.FollowKeys(ctx)) {
		t.Error("the other instance does not take the key into use, or again and again")
	}
	other.deliver("at the other, under the new one", `{"payload":"payload canary"}`)
	if got := d.under(both); got != "2 2" {
		t.Errorf("payloads when both have the key: %s, want 2 2", got)
	}
	late := d.beside('k', 'n') // is started with the setting of before
	late.deliver("at one that starts meanwhile", `{"payload":"payload canary"}`)
	beat()
	var retired []string
	for step := (store.Sealing{}); !step.Done; retired = step.Retired {
		if step = must(d.SealSome(ctx)); step.Waits {
			t.Fatal("it waits for nobody")
		}
	}
	if got := d.under(both); got != "5 0" {
		t.Errorf("payloads in the end: %s, want 5 0", got)
	}
	if want := storetest.Keys(t, 'k').IDs(); !slices.Equal(retired, want) {
		t.Errorf("%v are not needed any more, want %v", retired, want)
	}
	for _, one := range []*db{d, other, late} {
		d.ok(one.readAll())
	}
}

func TestAnInstanceSaysWhichKeyItLacks(t *testing.T) {
	d := newDB(t)
	d.Share(t)
	other := d.beside('n', 'k')
	if got, want := must(d.MissingKeys(t.Context())), storetest.Keys(t, 'n').IDs(); !slices.Equal(got, want) {
		t.Errorf("it lacks %v, want %v", got, want)
	}
	if must(d.FollowKeys(t.Context())) {
		t.Error("it seals under a key that it lacks")
	}
	if got := must(other.MissingKeys(t.Context())); len(got) > 0 {
		t.Errorf("who has both lacks %v", got)
	}
}
