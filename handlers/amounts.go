package handlers

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"unicode"

	"balancelink/handlers/web"
	"balancelink/store/money"
	"balancelink/views"
	"balancelink/views/locale"
)

// signs are what people write before or after an amount besides the currency's
// code.
var signs = map[string][]string{
	"NGN": {"₦", "naira", "N", "#"}, "USD": {"US$", "$"}, "GBP": {"£"}, "EUR": {"€"}, "GHS": {"GH₵", "₵"},
	"KES": {"KSh"}, "ZAR": {"R"},
}

// written is an amount as people write it, grouped its whole part: thousands
// apart or not, by one and the same sign.
var (
	written = regexp.MustCompile(`^[0-9]+(?:[ .,][0-9]+)*$`)
	grouped = regexp.MustCompile(`^(?:[0-9]+|[1-9][0-9]{0,2}(?:(?: [0-9]{3})+|(?:,[0-9]{3})+|(?:\.[0-9]{3})+))$`)
)

// parseTyped is the amount that a person typed, in minor units of a currency:
// "50,000", "₦50 000", "50000.00" or "50.000,00 NGN". wrong is a sentence that
// says what cannot be read; empty: nothing. More decimals than the currency has
// are refused even when they are zeros: "50.000" may have meant fifty thousand.
func parseTyped(ctx context.Context, text, code string) (minor int64, wrong string) {
	text = withoutSign(text, code)
	scale, _ := money.Scale(code)
	whole, cents, ok := parted(text, views.DecimalComma(ctx))
	switch {
	case text == "":
		return 0, locale.Say(ctx, "Enter an amount.")
	case strings.HasPrefix(text, "-") || strings.HasPrefix(text, "\u2212"):
		return 0, locale.Say(ctx, "Enter an amount without a minus sign.")
	case !ok:
		return 0, locale.Say(ctx, "Enter an amount in %s such as 50,000 or 50000.00.", code)
	case len(cents) > scale && scale == 0:
		return 0, locale.Say(ctx, "Enter a whole amount: %s has no smaller unit.", code)
	case len(cents) > scale:
		return 0, locale.Say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", scale)
	default:
		minor, err := money.Parse(cmp.Or(strings.TrimLeft(whole, "0"), "0")+"."+cents+"0", code)
		if err != nil {
			return 0, locale.Say(ctx, "This amount is too large.")
		}
		return minor, ""
	}
}

// parted are the digits of an amount before and after what stands before the
// smaller unit. comma: where pages are written so, that is a comma.
func parted(text string, comma bool) (whole, cents string, ok bool) {
	if !written.MatchString(text) {
		return "", "", false
	}
	whole = text
	if i := strings.LastIndexAny(text, ".,"); i >= 0 && beforeCents(text, i, comma) {
		whole, cents = text[:i], text[i+1:]
	}
	return strings.NewReplacer(" ", "", ",", "", ".", "").Replace(whole), cents, grouped.MatchString(whole)
}

// beforeCents says whether the last point or comma of an amount, at i, stands
// before the smaller unit. One that stands there more than once does not, and one
// behind the other does. One alone does, but a comma that may part thousands where
// pages are written so.
func beforeCents(text string, i int, comma bool) bool {
	mark := text[i : i+1]
	if strings.Count(text, mark) > 1 {
		return false
	}
	return mark == "." || comma || !grouped.MatchString(text)
}

// withoutSign takes white space and the sign or code of the currency off, before and
// after the amount.
func withoutSign(text, code string) string {
	text = strings.Join(strings.FieldsFunc(web.Tidy(text), unicode.IsSpace), " ")
	all := append([]string{code}, signs[code]...)
	for _, sign := range all {
		if len(text) >= len(sign) && strings.EqualFold(text[:len(sign)], sign) {
			text = web.Tidy(text[len(sign):])
			break
		}
	}
	for _, sign := range all {
		if rest := len(text) - len(sign); rest > 0 && strings.EqualFold(text[rest:], sign) {
			return web.Tidy(text[:rest])
		}
	}
	return text
}
