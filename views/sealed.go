package views

import "context"

// Unreadable stands in a view model where an account number would that was
// changed outside of the program: see [Number].
const Unreadable = "unreadable"

// Number is a masked account number as pages show it.
func Number(ctx context.Context, masked string) string {
	if masked == Unreadable {
		return say(ctx, "(the number cannot be read)")
	}
	return masked
}
