package okra

import "context"

const opRemove = "customers/remove"

// RemoveCustomer asks Okra to forget one of its customers, with all that it has
// of them. The call is known from Okra's own SDK for Node.js only
// (customers/remove {customer}); no document shows its answer, and
// success is all that is asked of it. One whom Okra
// does not know (any more) is an error of [provider.KindNoRecord] or [provider.KindBadRequest].
func (c *Client) RemoveCustomer(ctx context.Context, customerID string) error {
	_, err := c.post(ctx, opRemove, map[string]any{"customer": customerID})
	return err
}
