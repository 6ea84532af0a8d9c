package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"balancelink/store"
	"balancelink/store/storetest"
)

func TestNobodyWaitsLongerThanOnePatienceForADatabaseThatSomebodyHolds(t *testing.T) {
	path := filepath.Join(storetest.Folder(t), "test.db")
	storetest.Create(t, path)
	synctest.Test(t, func(t *testing.T) { // whose time goes on only while all wait
		s := storetest.Open(t, path, time.Now)
		other, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		holder, err := other.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer holder.Close()
		exec := func(query string) {
			t.Helper()
			if _, err := holder.ExecContext(context.Background(), query); err != nil {
				t.Fatal(err)
			}
		}
		write := func() error {
			return s.Record(context.Background(), store.Act{Actor: store.Program, Action: store.ActSignedIn})
		}
		for round := range 2 {
			exec(`BEGIN EXCLUSIVE`)
			var writers sync.WaitGroup
			begin := time.Now()
			for n := range 20 {
				writers.Go(func() {
					time.Sleep(time.Duration(n) * time.Second / 2) // in the bubble
					arrived, refused := time.Now(), error(nil)
					for range 3 { // a page writes several times
						if n%2 == 0 {
							refused = write()
						} else {
							_, refused = s.ReceiveEvent(event(fmt.Sprint(round, n)), nil)
						}
						if !errors.Is(refused, store.ErrLocked) {
							t.Errorf("writer %d: %v, want ErrLocked", n, refused)
						}
					}
					if waited := time.Since(arrived); waited > store.Patience+100*time.Millisecond || n > 11 && waited > 0 {
						t.Errorf("writer %d waited for %v", n, waited)
					}
				})
			}
			writers.Wait()
			if took := time.Since(begin); took < store.Patience {
				t.Errorf("it was given up after %v: who holds the database for a moment must not refuse anybody", took)
			}
			exec(`ROLLBACK`)
			if err := write(); err != nil {
				t.Errorf("free again: %v", err)
			}
		}
		exec(`BEGIN EXCLUSIVE`)
		time.AfterFunc(store.Patience/2, func() { exec(`ROLLBACK`) })
		if err := write(); err != nil {
			t.Errorf("held for a moment: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
