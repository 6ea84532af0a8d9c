package views

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

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

// The pages of the tests are drawn at that moment.
var (
	sampleNow   = at("2026-11-23 14:05:30")
	sampleClock = Clock{Now: sampleNow, Zone: lagos}
	sampleTerms = ConsentTerms{
		ValidFor: 365 * 24 * time.Hour, UnusedFor: 180 * 24 * time.Hour, KeptFor: 730 * 24 * time.Hour,
		Address: "14 Broad Street, Lagos", Licence: "MFB-0042", Phone: "+234 700 123 4567",
	}
)

func customerFrame(title string) Frame {
	return Frame{Title: title, Business: "Adire Credit", Customer: "Adaeze Okonkwo", Clock: sampleClock}
}

func naira(minor int64) Money { return Money{Minor: minor, Currency: "NGN", Known: true} }
