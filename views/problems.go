package views

import (
	"bytes"
	"context"
	"io"

	"github.com/a-h/templ"
)

// problem is what is wrong with a field of a form.
type problem struct {
	Field    string // id of the field
	Sentence string
}

// problems are those of a page, noted as its forms are drawn: the page begins
// with them, however far down a field is.
type problems struct{ all []problem }

type problemsKey struct{}

// note adds a problem to those of the page that is being drawn, if there is one.
func note(ctx context.Context, p problem) string {
	if page, ok := ctx.Value(problemsKey{}).(*problems); ok && p.Sentence != "" {
		page.all = append(page.all, p)
	}
	return ""
}

// apart is the context of a part whose problems are not those of the page.
func apart(ctx context.Context) context.Context {
	return context.WithValue(ctx, problemsKey{}, &problems{})
}

// framed is a screen in its frame. The screen is drawn first: what is wrong in
// its forms stands above it and in the title.
type framed struct {
	frame   Frame
	scripts []string
}

func frame(f Frame, scripts ...string) templ.Component { return framed{f, scripts} }

// Render implements [templ.Component].
func (f framed) Render(ctx context.Context, w io.Writer) error {
	screen := templ.GetChildren(ctx)
	ctx = templ.ClearChildren(ctx)
	var page problems
	var drawn bytes.Buffer
	if err := screen.Render(context.WithValue(ctx, problemsKey{}, &page), &drawn); err != nil {
		return err
	}
	return frameAround(f.frame, page.all, f.scripts).Render(templ.WithChildren(ctx, escaped{&drawn}), w)
}

// escaped is what components have drawn already.
type escaped struct{ drawn *bytes.Buffer }

// Render implements [templ.Component].
func (e escaped) Render(_ context.Context, w io.Writer) error {
	_, err := e.drawn.WriteTo(w)
	return err
}
