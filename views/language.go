package views

import (
	"context"

	"balancelink/views/locale"
)

// What [locale] says, for the screens and for whoever gives them their texts.

// Say is a text in the reader's language: see [locale.Say].
func Say(ctx context.Context, key string, parts ...any) string {
	return locale.Say(ctx, key, parts...)
}

func say(ctx context.Context, key string, parts ...any) string {
	return locale.Say(ctx, key, parts...)
}

// Stored is a sentence that the program kept in English: see [locale.Stored].
func Stored(ctx context.Context, sentence string) string { return locale.Stored(ctx, sentence) }

// In makes pages that are drawn within the context speak a language: see [locale.In].
func In(ctx context.Context, code string) context.Context { return locale.In(ctx, code) }

// Language is the code of the language that pages speak within the context.
func Language(ctx context.Context) string { return locale.Language(ctx) }

// Languages are the codes of all languages there are, English first.
func Languages() []string { return locale.Languages() }

// Directing are the characters that turn what follows them: see [locale.Closed].
const Directing = locale.Directing

// Apart is a text that turns nothing round that stands beside it: see [locale.Apart].
func Apart(text string) string { return locale.Apart(text) }

// Closed is a text that turns nothing round that follows it: see [locale.Closed].
func Closed(text string) string { return locale.Closed(text) }

// allApart are texts that are to stand beside each other.
func allApart(texts []string) (all []string) {
	for _, text := range texts {
		all = append(all, Apart(text))
	}
	return all
}
