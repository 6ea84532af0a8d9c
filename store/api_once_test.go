package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"balancelink/store"
)

func TestWhatAProgramAsksForOftenIsDoneOnce(t *testing.T) {
	d := newDB(t)
	k, _ := d.key(store.WriteCustomers)
	once := store.Once{KeyID: k.ID, Idem: "1", Asked: "hash", Status: 201}
	var all sync.Map
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			done, err := d.AddCustomerOnce(t.Context(), once, store.Customer{Name: "Amina"})
			if err != nil {
				t.Error(err)
			}
			all.Store(fmt.Sprint(done.Subject, " ", done.Status), true)
		})
	}
	wg.Wait()
	answers := 0
	all.Range(func(any, any) bool { answers++; return true })
	if n := d.Store.Number(t, `SELECT COUNT(*) FROM customers`); n != 1 || answers != 1 {
		t.Errorf("%d customers, %d answers", n, answers)
	}
	other := once
	other.Asked = "another"
	if _, err := d.AddCustomerOnce(t.Context(), other, store.Customer{Name: "Bola"}); !errors.Is(err, store.ErrOtherRequest) {
		t.Errorf("with another body: %v, want ErrOtherRequest", err)
	}
	k, _ = d.key(store.WriteCustomers)
	once.KeyID = k.ID
	if done := must(d.AddCustomerOnce(t.Context(), once, store.Customer{Name: "Bola"})); done.Replayed {
		t.Error("another key's request is taken for the same")
	}
}

func TestAnActThatIsNotDoneLeavesItsIdempotencyKeyFree(t *testing.T) {
	d := newDB(t)
	k, _ := d.key()
	must(d.AddCustomer(t.Context(), store.Program, store.Customer{Name: "Amina", Reference: "LN-1"}))
	once := store.Once{KeyID: k.ID, Idem: "1", Asked: "hash"}
	if _, err := d.AddCustomerOnce(t.Context(), once, store.Customer{Name: "Bola", Reference: "LN-1"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a taken reference: %v, want ErrConflict", err)
	}
	once.Asked = "another"
	must(d.AddCustomerOnce(t.Context(), once, store.Customer{Name: "Bola", Reference: "LN-2"}))
}

func TestALinkIsKnownForADayAndLiesSealed(t *testing.T) {
	d := newDB(t)
	k, _ := d.key()
	amina := d.customer("Amina")
	once := store.Once{KeyID: k.ID, Idem: "1", Asked: "hash", Secret: "https://example.com/connect/secret-of-the-link"}
	ask := func() store.Done {
		return must(d.MakeInvitationOnce(t.Context(), once, store.NewInvitation{CustomerID: amina, ValidFor: time.Hour, Secret: store.NewSecret()}))
	}
	first := ask()
	d.advance(aDay - time.Second)
	once.Secret = "another"
	if again := ask(); !again.Replayed || again.Secret != first.Secret || again.Subject != first.Subject {
		t.Errorf("asked again: %+v, want %+v", again, first)
	}
	if d.contains("secret-of-the-link") {
		t.Error("the link lies in the database in clear")
	}
	d.advance(time.Second)
	if later := ask(); later.Replayed || later.Subject == first.Subject {
		t.Errorf("a day later: %+v", later)
	}
	d.advance(aDay)
	d.ok(d.ForgetAPIRequests(t.Context()))
	if n := d.Store.Number(t, `SELECT COUNT(*) FROM api_requests`); n != 0 {
		t.Errorf("%d requests are known after a day", n)
	}
}

func TestACustomerOfAReferenceIsMadeOrCorrectedAndTheNoteStays(t *testing.T) {
	d := newDB(t)
	put := func(c store.Customer) (store.Customer, bool) {
		t.Helper()
		c, added, err := d.PutCustomer(t.Context(), store.ByKey("k"), c, nil)
		d.ok(err)
		return c, added
	}
	made, added := put(store.Customer{Name: "Amina Bello", Reference: "LN-1", Phone: "+2348031001001"})
	if !added {
		t.Error("the first is not said to be added")
	}
	noted := made
	noted.Note = "Rings back."
	d.ok(d.CorrectCustomer(t.Context(), store.ByStaff("s"), noted, nil))
	again, added := put(store.Customer{Name: "Amina Ade", Reference: "LN-1"})
	if now := must(d.CustomerByReference(t.Context(), "LN-1")); added || now != again || now.ID != made.ID || now.Note != "Rings back." || now.Name != "Amina Ade" || now.Phone != "" {
		t.Errorf("put again: %+v, found %+v", again, now)
	}
	if _, err := d.CustomerByReference(t.Context(), ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of no reference: %v, want ErrNotFound", err)
	}
}
