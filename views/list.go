package views

import (
	"context"
	"net/url"
)

// customerOrders are the ways to sort the list.
func customerOrders(ctx context.Context) []choice {
	return []choice{{"", say(ctx, "Name")}, {"oldest", say(ctx, "Oldest balance")}, {"newest", say(ctx, "Newest added")}}
}

// listURL is the list with that search, filter and order, from its beginning.
func (p Customers) listURL(query, filter, order string) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": query, "filter": filter, "sort": order} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/customers"
	}
	return "/customers?" + q.Encode()
}

// noMatch says what was searched for in vain, and what to try.
func noMatch(ctx context.Context, p Customers) string {
	if p.Filter != "" {
		return say(ctx, "Nobody in this list is found by “%s”. Try part of the name or the reference, or search all customers.", p.Query)
	}
	return say(ctx, "Nothing found for “%s”. Try part of the name or the reference.", p.Query)
}

// nobodyWaits is the heading of a list without anybody, and what that means.
func nobodyWaits(ctx context.Context, filter string) (heading, sentence string) {
	if why := nobodyIn(ctx, filter); why != "" {
		return say(ctx, "Nobody is waiting here"), why
	}
	return say(ctx, "The list ends here"), say(ctx, "There are no more customers after this page.")
}

func nobodyIn(ctx context.Context, filter string) string {
	switch filter {
	case "linked":
		return say(ctx, "Nobody has linked a bank yet. Make a personal link on a customer's page.")
	case "needs_login":
		return say(ctx, "No bank wants a new sign-in.")
	case "needs_review":
		return say(ctx, "No links to review.")
	case "stale":
		return say(ctx, "No balance is out of date.")
	case "consent_ended":
		return say(ctx, "No linked customer's consent has ended.")
	case "consent_ending":
		return say(ctx, "No linked customer's consent ends soon.")
	case "below_threshold":
		return say(ctx, "No account is known to be below its threshold. You set one on an account's page.")
	case "threshold_unknown":
		return say(ctx, "Every account with a threshold has an available balance that is not out of date.")
	case "never_linked":
		return say(ctx, "Everybody has linked a bank.")
	}
	return ""
}

// FreshnessWords is how old a row's oldest balance is, in words as the list has them.
func (r CustomerRow) FreshnessWords(ctx context.Context) string {
	return freshnessLabel(ctx, r.Freshness).Text
}

// StatusWords is the state of a row's links in the words of the list.
func (r CustomerRow) StatusWords(ctx context.Context) string {
	return customerLabel(ctx, r.Status).Text
}
