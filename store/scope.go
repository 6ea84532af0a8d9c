package store

import (
	"context"
	"time"
)

// Scope is what somebody may reach. The zero Scope reaches nothing.
type Scope struct {
	CustomerID string
	VisitID    string // empty: all that is the customer's; else only what was begun in that visit
	whole      bool
}

// Whole is the scope of staff and of the program: everything of everybody.
func Whole() Scope { return Scope{whole: true} }

// OfCustomer is all that is a customer's.
func OfCustomer(id string) Scope { return Scope{CustomerID: id} }

// Actor is the customer or visit of the scope, as the audit log names them.
func (s Scope) Actor() string {
	if s.VisitID != "" {
		return ByVisit(s.VisitID)
	}
	return ByCustomer(s.CustomerID)
}

// reached is an SQL condition over accounts, attempts or consents: they are
// within the scope whose [Scope.args] are $1, $2 and $3.
const reached = `($1 OR customer_id = $2) AND ($3 = '' OR visit_id = $3)`

// theAccount is SQL for the id of the account $4 if it is within the scope.
const theAccount = `(SELECT id FROM accounts WHERE id = $4 AND ` + reached + `)`

// args are the arguments of [reached], and more from $4 on.
func (s Scope) args(more ...any) []any {
	return append([]any{s.whole, s.CustomerID, s.VisitID}, more...)
}

// since is when the visit began, in ms: of what is older it sees nothing, also
// when it has linked again what the customer had before. 0: all is seen.
func (s Scope) since(ctx context.Context, q querier) (ms int64, err error) {
	if s.VisitID == "" {
		return 0, nil
	}
	var begun time.Time
	err = q.QueryRowContext(ctx, `SELECT begun_at FROM visits WHERE id = $1`, s.VisitID).Scan(timeOf{&begun})
	return begun.UnixMilli(), orNoRows(err)
}
