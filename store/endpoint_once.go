package store

import "context"

// AddEndpointOnce is [Store.AddEndpoint] for a program, who is told the secret.
func (s *Store) AddEndpointOnce(ctx context.Context, o Once, e Endpoint) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		err := tx.addEndpoint(ctx, ByKey(o.KeyID), &e)
		o.Secret = e.Secret
		return made{subject: e.ID}, err
	})
}

// ChangeSecretOnce is [Store.ChangeSecret] for a program, who is told the secret.
func (s *Store) ChangeSecretOnce(ctx context.Context, o Once, id string) (Done, error) {
	return s.endpointOnce(ctx, o, ActSecretChanged, id, func(tx *tx, e *Endpoint) error {
		return tx.changeSecret(ctx, e)
	})
}

// TestEndpointOnce is [Store.TestEndpoint] for a program.
func (s *Store) TestEndpointOnce(ctx context.Context, o Once, id string) (Done, error) {
	return s.endpointOnce(ctx, o, ActEndpointTested, id, func(tx *tx, e *Endpoint) error { return tx.test(ctx, e) })
}

// ReplaySinceOnce is [Store.ReplaySince] for a program.
func (s *Store) ReplaySinceOnce(ctx context.Context, o Once, id string, since int64) (Done, error) {
	return s.endpointOnce(ctx, o, ActEventsResent, id, func(tx *tx, e *Endpoint) error {
		return tx.replaySince(ctx, e, since)
	})
}

// ReplayDeliveryOnce is [Store.ReplayDelivery] for a program.
func (s *Store) ReplayDeliveryOnce(ctx context.Context, o Once, id string) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		return made{subject: id}, tx.replayDelivery(ctx, ByKey(o.KeyID), id)
	})
}

// endpointOnce is [Store.onEndpoint] for a program. A new secret is told.
func (s *Store) endpointOnce(
	ctx context.Context, o Once, action Action, id string, change func(*tx, *Endpoint) error,
) (Done, error) {
	return s.once(ctx, o, func(tx *tx, o *Once) (made, error) {
		e, err := tx.onEndpoint(ctx, ByKey(o.KeyID), action, id, change)
		if action == ActSecretChanged {
			o.Secret = e.Secret
		}
		return made{subject: id}, err
	})
}
