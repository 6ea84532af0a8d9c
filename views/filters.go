package views

import "net/url"

// choice is one value of a filter.
type choice struct{ Value, Label string }

// filterURL is a list's address with one filter set and the search kept.
func filterURL(path, name, value, query string) string {
	q := url.Values{}
	if value != "" {
		q.Set(name, value)
	}
	if query != "" {
		q.Set("q", query)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
