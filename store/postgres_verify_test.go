package store_test

import (
	"context"
	"fmt"
	"testing"

	"balancelink/store"
	"balancelink/store/progress"
	"balancelink/store/storetest"
)

func TestPostgreSQLIsVerifiedAsItIsAtOneMoment(t *testing.T) {
	d := onPostgres(t)
	look := func(board *progress.Board) store.Verification {
		return must(store.Verify(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'k'), board))
	}
	act := store.Act{Actor: store.Program, Action: store.ActSignedIn}
	before := look(nil)
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-stop:
				return
			default:
				if err := d.Record(context.Background(), act); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	for range 5 {
		v := look(nil)
		if more := v.Rows - before.Rows; v.Audit.BadRow != 0 || more != v.Audit.Rows-before.Audit.Rows {
			t.Errorf("%d rows came, and %d acts", more, v.Audit.Rows-before.Audit.Rows)
		}
		noted := fmt.Sprintf("%d:%s", v.Audit.Rows, v.Audit.Head)
		if c := must(store.VerifyAuditOf(t.Context(), storetest.URL(t, d.path), storetest.Keys(t, 'k'), nil, noted)); c.BadRow != 0 {
			t.Errorf("the chain is %+v", c)
		}
	}
	close(stop)
	<-over
	d.shows(func(board *progress.Board) { look(board) }, progress.TheNumber, progress.TheAudit)
}
