package views

import (
	"context"

	"balancelink/views/locale"
)

// say is [locale.Say]: nearly every line of a screen has one.
func say(ctx context.Context, key string, parts ...any) string {
	return locale.Say(ctx, key, parts...)
}

// allApart are texts that are to stand beside each other.
func allApart(texts []string) (all []string) {
	for _, text := range texts {
		all = append(all, locale.Apart(text))
	}
	return all
}
