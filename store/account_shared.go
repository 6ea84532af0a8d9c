package store

import "context"

// SharedWith is, by account, another customer who has an account of the same number,
// whichever of the two was linked first: it is the same money. Of whom nobody is known to, an
// account is not in it.
func (s *Store) SharedWith(ctx context.Context, accountIDs ...string) (map[string]Named, error) {
	return sharedWith(ctx, s.read, accountIDs...)
}

func sharedWith(ctx context.Context, q querier, accountIDs ...string) (map[string]Named, error) {
	by := map[string]Named{}
	if len(accountIDs) == 0 {
		return by, nil
	}
	type shared struct {
		account string
		with    Named
	}
	these := marks(1, len(accountIDs))
	all, err := collect(ctx, q, func(row scanner) (o shared, err error) {
		return o, row.Scan(&o.account, &o.with.ID, &o.with.Name)
	}, `
		SELECT pairs.account_id, customers.id, customers.name
		FROM (
			SELECT mine.id AS account_id, other.customer_id
			FROM accounts AS mine JOIN accounts AS other ON other.id = mine.also_with
			WHERE mine.id IN (`+these+`) AND other.status <> 'unlinked'
			UNION
			SELECT other.also_with, other.customer_id
			FROM accounts AS other
			WHERE other.also_with IN (`+these+`) AND other.also_with <> '' AND other.status <> 'unlinked') AS pairs
		JOIN customers ON customers.id = pairs.customer_id
		ORDER BY customers.id DESC`, anys(accountIDs)...)
	for _, o := range all {
		by[o.account] = o.with
	}
	return by, err
}
