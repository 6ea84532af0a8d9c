package store_test

import (
	"slices"
	"testing"
	"time"

	"balancelink/store"
)

func (d *db) beats(i store.Instance, leases ...string) []string {
	d.t.Helper()
	held, err := d.Beat(d.t.Context(), i, leases...)
	d.ok(err)
	return held
}

func (d *db) leads(i store.Instance) bool {
	d.t.Helper()
	return slices.Contains(d.beats(i, store.LeaseLeader), store.LeaseLeader)
}

func TestALeaseHasOneHolderUntilItIsOverOrGivenBack(t *testing.T) {
	d := newDB(t)
	a, b := d.NewInstance("1"), d.NewInstance("1")
	if !d.leads(a) || d.leads(b) {
		t.Error("the second one leads")
	}
	d.advance(store.LeaseFor - time.Millisecond)
	if d.leads(b) {
		t.Error("it is taken before it is over")
	}
	if !d.leads(a) {
		t.Error("it is not renewed")
	}
	d.advance(store.LeaseFor)
	if !d.leads(b) || d.leads(a) {
		t.Error("what is over is not taken, or stays with whom it was")
	}
	d.ok(d.Leave(t.Context(), a.ID))
	if d.leads(a) {
		t.Error("who does not hold it gives it away")
	}
	d.ok(d.Leave(t.Context(), b.ID))
	if !d.leads(a) {
		t.Error("what was given back is not free at once")
	}
}

func TestALeaseOfAClockThatWasSetBackIsTaken(t *testing.T) {
	d := newDB(t)
	a, b := d.NewInstance("1"), d.NewInstance("1")
	d.leads(a)
	d.advance(-time.Hour)
	if !d.leads(b) {
		t.Error("nobody leads for an hour")
	}
}

func TestLeasesAreHeldOneByOne(t *testing.T) {
	d := newDB(t)
	a, b := d.NewInstance("1"), d.NewInstance("1")
	d.beats(a, store.LeaseSimulation)
	if got := d.beats(b, store.LeaseLeader, store.LeaseSimulation); !slices.Equal(got, []string{store.LeaseLeader}) {
		t.Errorf("it holds %v", got)
	}
}

func TestInstancesAreThoseThatRunAndWhoeverLeads(t *testing.T) {
	d := newDB(t)
	a := d.NewInstance("1")
	d.leads(a)
	d.advance(time.Second)
	b := d.NewInstance("2")
	d.leads(b)
	d.advance(time.Second)
	d.leads(a)
	writes := d.Writes()
	d.leads(b)
	if d.Writes() != writes {
		t.Error("a beat counts as something that pages show")
	}
	all, err := d.Instances(t.Context())
	d.ok(err)
	want := []store.Instance{
		{ID: a.ID, Version: "1", StartedAt: noon, SeenAt: noon.Add(2 * time.Second), LeadsFrom: noon},
		{ID: b.ID, Version: "2", StartedAt: noon.Add(time.Second), SeenAt: noon.Add(2 * time.Second)},
	}
	if !slices.Equal(all, want) {
		t.Errorf("instances = %+v, want %+v", all, want)
	}
	d.advance(store.LeaseFor + time.Second)
	d.leads(b)
	all, err = d.Instances(t.Context())
	d.ok(err)
	if len(all) != 2 || !all[0].Away(d.clock()) || !all[0].LeadsFrom.IsZero() || all[1].Away(d.clock()) || !all[1].LeadsFrom.Equal(d.clock()) {
		t.Errorf("after one was killed: %+v", all)
	}
	d.advance(2 * time.Hour)
	d.leads(b)
	d.ok(d.Leave(t.Context(), b.ID))
	if all, err = d.Instances(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("in the end: %+v, %v", all, err)
	}
}

func TestWhoIsAloneWithTheDatabaseTakesTheLeadFromWhomItWasKilledFrom(t *testing.T) {
	d := newDB(t)
	d.leads(d.NewInstance("1"))
	d.reopen()
	if !d.Alone() {
		t.Fatal("another process could have the file")
	}
	d.ok(d.EndOthers(t.Context()))
	if !d.leads(d.NewInstance("1")) {
		t.Error("it waits for somebody who is gone")
	}
}
