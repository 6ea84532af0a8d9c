package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// AuditEntry is a row of the audit log as it is read.
type AuditEntry struct {
	Act
	Seq          int64
	At           time.Time
	CustomerName string // empty: it concerns no customer, or one that is gone
}

// AuditQuery chooses rows of the audit log. Empty fields choose all.
type AuditQuery struct {
	Customer string
	Actor    string // [AnyCustomer], [AnyVisit] or [AnyKey]: whatever these did
	Action   Action
	From, To time.Time // To itself is not in it
	Before   int64     // number of the last row of the page before; 0: the first page
	Limit    int
}

// AnyCustomer stands for all customers as actors, AnyVisit for whoever came by a
// personal link, AnyKey for programs with whatever key.
const (
	AnyCustomer = "customer:"
	AnyVisit    = "visit:"
	AnyKey      = "key:"
)

// AuditLog returns rows of the audit log, newest first.
func (s *Store) AuditLog(ctx context.Context, q AuditQuery) ([]AuditEntry, error) {
	where, args := q.where()
	return collect(ctx, s.read, scanAuditEntry, `
		SELECT `+auditColumns+`, COALESCE(customers.name, '')
		FROM audit LEFT JOIN customers ON customers.id = audit.customer_id`+where+`
		ORDER BY audit.seq DESC
		LIMIT `+fmt.Sprintf("$%d", len(args)+1), append(args, q.Limit)...)
}

func scanAuditEntry(row scanner) (e AuditEntry, err error) {
	var hash string
	err = row.Scan(
		&e.Seq, timeOf{&e.At}, &e.Actor, &e.Action, &e.Customer, &e.Subject, &e.Detail, &hash, &e.CustomerName,
	)
	return e, err
}

// where is the condition of what is asked for alone, so that the index of it is
// used: the text differs by which fields are given, never by what they hold.
func (q AuditQuery) where() (text string, args []any) {
	var all []string
	add := func(condition string, arg any) {
		args = append(args, arg)
		all = append(all, fmt.Sprintf(condition, len(args)))
	}
	if q.Customer != "" {
		add("audit.customer_id = $%d", q.Customer)
	}
	switch q.Actor {
	case "":
	case AnyCustomer, AnyVisit, AnyKey:
		add("audit.actor >= $%d", q.Actor)
		add("audit.actor < $%d", strings.TrimSuffix(q.Actor, ":")+";") // which follows every "customer:…"
	default:
		add("audit.actor = $%d", q.Actor)
	}
	if q.Action != "" {
		add("audit.action = $%d", q.Action)
	}
	if !q.From.IsZero() {
		add("audit.at >= $%d", unixMS(q.From))
	}
	if !q.To.IsZero() {
		add("audit.at < $%d", unixMS(q.To))
	}
	if q.Before > 0 {
		add("audit.seq < $%d", q.Before)
	}
	if len(all) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(all, " AND "), args
}
