package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Gallery is the page that lists the small design system and every screen.
type Gallery struct {
	Frame
	Screens []Screen

	At      Clock         // of the parts
	Account Account       // one that is being refreshed
	Rows    []CustomerRow // of the table
}

// Screen is one screen of the product, with the states in which it looks different.
type Screen struct {
	Slug, Title string
	States      []string // slugs, the usual one first
}

// InWords is a slug as people read it.
func InWords(slug string) string { return strings.ReplaceAll(slug, "-", " ") }

// SampleMark is what a page says of itself when it is a sample.
type SampleMark struct {
	Title    string // of the screen, and the state; empty on the gallery itself
	Next     string // address of the sample after this one; empty: this is the last
	Previous string
}

type sampleKey struct{}

// markOf is the mark of the sample that is drawn; nil: this is no sample.
func markOf(ctx context.Context) *SampleMark {
	mark, _ := ctx.Value(sampleKey{}).(*SampleMark)
	return mark
}

// sample is a page that says that it is one, and runs no script.
type sample struct {
	page templ.Component
	mark SampleMark
}

// Render implements [templ.Component].
func (s sample) Render(ctx context.Context, w io.Writer) error {
	return s.page.Render(context.WithValue(ctx, sampleKey{}, &s.mark), w)
}

// AsSample is a page that is marked as a sample.
func AsSample(page templ.Component, mark SampleMark) templ.Component { return sample{page, mark} }

// GalleryView is the gallery: the parts of the design, and all screens.
func GalleryView(p Gallery) templ.Component { return sample{page: galleryPage(p)} }

// colours are the stylesheet's custom properties of that kind, and their use.
func colours(ctx context.Context) []choice {
	return []choice{
		{"bg", say(ctx, "page")}, {"surface", say(ctx, "card")}, {"sunken", say(ctx, "code, outcome")},
		{"line", say(ctx, "line")}, {"line-strong", say(ctx, "edge of a control")},
		{"text", say(ctx, "text")}, {"muted", say(ctx, "less important text")}, {"link", say(ctx, "link")},
		{"brand", say(ctx, "main button, sum")}, {"brand-hover", say(ctx, "main button, pointed at")},
		{"on-brand", say(ctx, "text on brand")},
		{"good", say(ctx, "good")}, {"good-bg", say(ctx, "behind good")}, {"warn", say(ctx, "warning")},
		{"warn-bg", say(ctx, "behind warning")}, {"bad", say(ctx, "bad")}, {"bad-bg", say(ctx, "behind bad")},
		{"info", say(ctx, "under way")}, {"info-bg", say(ctx, "behind under way")},
		{"quiet", say(ctx, "of no account")}, {"quiet-bg", say(ctx, "behind of no account")},
		{"chart-available", say(ctx, "line of available")}, {"chart-ledger", say(ctx, "line of ledger")},
	}
}
