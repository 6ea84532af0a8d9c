package samples

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"balancelink/views/locale"
)

func render(t *testing.T, c templ.Component) (string, *goquery.Document) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatalf("rendering: %v", err)
	}
	text := b.String()
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatalf("parsing: %v", err)
	}
	return text, doc
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

// spoken is a page in a language.
func spoken(page templ.Component, code string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return page.Render(locale.In(ctx, code), w) })
}
