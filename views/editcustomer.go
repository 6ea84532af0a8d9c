package views

import (
	"context"

	"balancelink/views/locale"
)

// EditPage corrects what is known of a customer.
type EditPage struct {
	Frame
	Name         string // as it is until now
	BackURL, URL string // POST to URL
	Form         CustomerForm
}

// languageChoices are the languages to choose from, each by its own name, and none.
func languageChoices(ctx context.Context) []choice {
	all := []choice{{"", say(ctx, "Not known")}}
	for _, code := range locale.Languages() {
		all = append(all, choice{code, languageName(ctx, code)})
	}
	return all
}

// languageName is what a language calls itself.
func languageName(ctx context.Context, code string) string {
	return say(locale.In(ctx, code), "English")
}
