package store

import "context"

// Act is one entry of the audit log: who did what to whom.
type Act struct {
	Actor    string // "staff:ID", "customer:ID", "provider" or "program"
	Action   string
	Customer string // the customer it concerns; empty: none
	Subject  string // id of what was acted on
}

// ByStaff, ByCustomer and the two constants name actors.
func ByStaff(id string) string { return "staff:" + id }

// ByCustomer names a customer as the actor.
func ByCustomer(id string) string { return "customer:" + id }

// Actors that are no person.
const (
	Provider = "provider"
	Program  = "program"
)

// audit writes an act in the transaction of the act itself.
func (tx *tx) audit(ctx context.Context, a Act) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO audit (id, at, actor, action, customer_id, subject)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		newID(), unixMS(tx.now), a.Actor, a.Action, a.Customer, a.Subject)
	return err
}

// Record writes an act that changes nothing else: a sign-in, a view.
func (s *Store) Record(ctx context.Context, a Act) error {
	return s.inTx(ctx, func(tx *tx) error { return tx.audit(ctx, a) })
}
