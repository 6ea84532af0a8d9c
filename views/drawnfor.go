package views

import "context"

type drawnForKey struct{}

// DrawnForField is the field of a form that says for whom its page was drawn.
const DrawnForField = "for"

// DrawnFor is the context in which pages are drawn for somebody who is signed
// in, as the audit log names them.
func DrawnFor(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, drawnForKey{}, who)
}

func drawnFor(ctx context.Context) string {
	who, _ := ctx.Value(drawnForKey{}).(string)
	return who
}
