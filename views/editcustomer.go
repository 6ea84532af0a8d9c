package views

import (
	"context"
	"slices"

	"balancelink/views/locale"
)

// EditPage corrects what is known of a customer.
type EditPage struct {
	Frame
	Name         string // as it is until now
	BackURL, URL string // POST to URL
	Form         CustomerForm
	Unchecked    []string // languages that customers' pages speak besides, which nobody has checked
}

// languageChoices are the languages to choose from, each by its own name, and none.
func languageChoices(ctx context.Context, unchecked []string) []choice {
	all := []choice{{"", say(ctx, "Not known")}}
	for _, code := range locale.Languages() {
		all = append(all, choice{code, languageName(ctx, code)})
	}
	for _, code := range unchecked {
		all = append(all, choice{code, uncheckedName(ctx, code)})
	}
	return all
}

// languageName is what a language calls itself.
func languageName(ctx context.Context, code string) string {
	return say(locale.In(ctx, code), "English")
}

// uncheckedName is a language with what staff have to know of it where no native speaker
// has looked at its texts.
func uncheckedName(ctx context.Context, code string) string {
	if !slices.Contains(locale.Unchecked(), code) {
		return languageName(ctx, code)
	}
	return say(ctx, "%s (not checked by a native speaker)", languageName(ctx, code))
}
