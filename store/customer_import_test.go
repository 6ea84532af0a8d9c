package store_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

func (d *db) entries(be ...store.Customer) []store.Entry {
	d.t.Helper()
	return must(d.Entered(d.t.Context(), be))
}

func (d *db) imports(entries []store.Entry) (store.Imported, error) {
	d.t.Helper()
	return d.ImportCustomers(d.t.Context(), store.ByStaff("s"), entries, same, nil)
}

func TestAnImportIsRepeatedWithoutHarm(t *testing.T) {
	d := newDB(t)
	be := []store.Customer{{Name: "Amina", Reference: "L-1", Phone: "+2348031001001"}, {Name: "Bola", Reference: "L-2"}}
	first := must(d.imports(d.entries(be...)))
	be[1].Name = "Bola Ade"
	second := must(d.imports(d.entries(be...)))
	third := must(d.imports(d.entries(be...)))
	for i, c := range []struct{ got, want store.Imported }{
		{first, store.Imported{Added: 2}}, {second, store.Imported{Changed: 1, Unchanged: 1}}, {third, store.Imported{Unchanged: 2}},
	} {
		c.want.Customers = first.Customers
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("the import %d: %s", i+1, diff)
		}
	}
	if got := d.names(store.CustomerQuery{Search: "l"}); !cmp.Equal(got, []string{"Amina", "Bola Ade"}) {
		t.Errorf("there are %v", got)
	}
	var said []string
	for _, a := range must(d.AuditLog(t.Context(), store.AuditQuery{Action: store.ActCustomersImported, Limit: 10})) {
		said = append(said, a.Detail)
	}
	want := []string{"0 added, 0 changed, 2 unchanged", "0 added, 1 changed, 1 unchanged", "2 added, 0 changed, 0 unchanged"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("the audit log: %s", diff)
	}
}

func TestAnImportOfWhomSomebodyChangedMeanwhileDoesNothing(t *testing.T) {
	for name, meanwhile := range map[string]func(*db) error{
		"one was corrected": func(d *db) error {
			c := must(d.CustomerByReference(d.t.Context(), "L-1"))
			c.Phone = "+2348031001009"
			return d.CorrectCustomer(d.t.Context(), store.Program, c, same)
		},
		"one was added": func(d *db) error {
			_, err := d.AddCustomer(d.t.Context(), store.Program, store.Customer{Name: "Another", Reference: "L-3"})
			return err
		},
		"one was erased": func(d *db) error {
			return d.Erase(d.t.Context(), store.Program, must(d.CustomerByReference(d.t.Context(), "L-1")).ID, "asked")
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDB(t)
			must(d.imports(d.entries(store.Customer{Name: "Amina", Reference: "L-1"})))
			entries := d.entries(
				store.Customer{Name: "New", Reference: "L-0"}, store.Customer{Name: "Amina Bello", Reference: "L-1"},
				store.Customer{Name: "New too", Reference: "L-3"},
			)
			d.ok(meanwhile(d))
			if _, err := d.imports(entries); !errors.Is(err, store.ErrConflict) {
				t.Errorf("%v, want ErrConflict", err)
			}
			if _, err := d.CustomerByReference(t.Context(), "L-0"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("half of it was done: %v", err)
			}
		})
	}
}

func TestANoteOfStaffIsNothingToAnImport(t *testing.T) {
	d := newDB(t)
	must(d.imports(d.entries(store.Customer{Name: "Amina", Reference: "L-1"})))
	entries := d.entries(store.Customer{Name: "Amina Bello", Reference: "L-1"})
	c := must(d.CustomerByReference(t.Context(), "L-1"))
	c.Note = "Rings back after five."
	d.ok(d.CorrectCustomer(t.Context(), store.Program, c, same))
	done := must(d.imports(entries))
	got := must(d.CustomerByReference(t.Context(), "L-1"))
	if done.Changed != 1 || got.Note != c.Note || got.Name != "Amina Bello" {
		t.Errorf("%+v, and the customer is %+v", done, got)
	}
}

func TestAnImportSaysHowFarItIs(t *testing.T) {
	d := newDB(t)
	w := d.Board().Begin(progress.Importing, 1)
	defer w.End()
	_, err := d.ImportCustomers(t.Context(), store.Program, d.entries(
		store.Customer{Name: "Amina", Reference: "L-1"}, store.Customer{Name: "Bola", Reference: "L-2"},
	), same, w)
	d.ok(err)
	if s := d.Board().UnderWay()[0]; s.Done != 2 || s.Of != 2 || s.Unit != progress.Customers {
		t.Errorf("%+v, want 2 of 2", s)
	}
}

// The writer's lock is held for as long as this takes.
func BenchmarkImport(b *testing.B) {
	d := storetest.New(b)
	for b.Loop() {
		var be []store.Customer
		for i := range 10_000 {
			be = append(be, store.Customer{
				Name: fmt.Sprintf("Amina Bello %d", i), Reference: fmt.Sprintf("L-%d-%d", b.Elapsed(), i),
				Email: fmt.Sprintf("amina%d@example.com", i), Phone: fmt.Sprintf("+23480310%05d", i),
			})
		}
		if _, err := d.ImportCustomers(b.Context(), store.Program, must(d.Entered(b.Context(), be)), same, nil); err != nil {
			b.Fatal(err)
		}
	}
}
