package web

import (
	"bytes"

	"golang.org/x/net/html"

	"balancelink/views/locale"
)

// selfContained is a page in whose every text ends what turns round what follows.
// Names of people and banks hold such characters; in an element of its own, which
// isolates it, a text then turns round nothing beside it. What is to be edited
// stays as it was typed, and so do attributes.
func selfContained(page []byte) []byte {
	if !bytes.ContainsAny(page, locale.Directing) {
		return page
	}
	var out bytes.Buffer
	edited := false
	z := html.NewTokenizer(bytes.NewReader(page))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		raw := bytes.Clone(z.Raw()) // TagName changes it
		switch kind {
		case html.StartTagToken, html.EndTagToken:
			name, _ := z.TagName()
			edited = kind == html.StartTagToken && (string(name) == "textarea" || string(name) == "script")
		case html.TextToken:
			if !edited {
				raw = []byte(locale.Closed(string(raw)))
			}
		}
		out.Write(raw)
	}
	return out.Bytes()
}
