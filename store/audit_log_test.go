package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"balancelink/store"
)

// logged are the subjects of the rows that a query finds, in order.
func (d *db) logged(q store.AuditQuery) (subjects []string) {
	d.t.Helper()
	q.Limit = max(q.Limit, 3)
	for {
		page, err := d.AuditLog(d.t.Context(), q)
		d.ok(err)
		for _, e := range page {
			subjects = append(subjects, e.Subject)
			q.Before = e.Seq
		}
		if len(page) < q.Limit {
			return subjects
		}
	}
}

func TestTheAuditLogIsReadByWhoWhatWhomAndWhen(t *testing.T) {
	d := newDB(t)
	for i, a := range []store.Act{
		{Actor: store.ByStaff("1"), Action: store.ActSignedIn},
		{Actor: store.ByStaff("1"), Action: store.ActBalancesSeen, Customer: "a"},
		{Actor: store.ByStaff("2"), Action: store.ActBalancesSeen, Customer: "b"},
		{Actor: store.ByCustomer("a"), Action: store.ActConsentGiven, Customer: "a"},
		{Actor: store.ByCustomer("b"), Action: store.ActSignedOut, Customer: "b"},
		{Actor: store.Provider, Action: store.ActWebhooksApplied},
		{Actor: store.ByStaff("1"), Action: store.ActNumberShown, Customer: "a"},
		{Actor: store.ByKey("k"), Action: store.ActBalancesSeen, Customer: "d"},
	} {
		a.Subject = fmt.Sprint(i)
		d.ok(d.Record(t.Context(), a))
		d.advance(time.Hour)
	}
	for name, tt := range map[string]struct {
		q    store.AuditQuery
		want []string
	}{
		"all, newest first":           {store.AuditQuery{}, []string{"7", "6", "5", "4", "3", "2", "1", "0"}},
		"one customer":                {store.AuditQuery{Customer: "a"}, []string{"6", "3", "1"}},
		"one actor":                   {store.AuditQuery{Actor: store.ByStaff("1")}, []string{"6", "1", "0"}},
		"customers themselves":        {store.AuditQuery{Actor: store.AnyCustomer}, []string{"4", "3"}},
		"whatever programs did":       {store.AuditQuery{Actor: store.AnyKey}, []string{"7"}},
		"one action":                  {store.AuditQuery{Action: store.ActBalancesSeen}, []string{"7", "2", "1"}},
		"from a moment on":            {store.AuditQuery{From: noon.Add(5 * time.Hour)}, []string{"7", "6", "5"}},
		"before a moment":             {store.AuditQuery{To: noon.Add(2 * time.Hour)}, []string{"1", "0"}},
		"everything at once":          {store.AuditQuery{Customer: "a", Actor: store.ByStaff("1"), Action: store.ActNumberShown, From: noon, To: noon.Add(9 * time.Hour)}, []string{"6"}},
		"nothing":                     {store.AuditQuery{Customer: "c"}, nil},
		"what others call a wildcard": {store.AuditQuery{Actor: "staff:%"}, nil},
	} {
		if diff := cmp.Diff(tt.want, d.logged(tt.q)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
