package handlers

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"unicode"

	"balancelink/store"
	"balancelink/store/money"
	"balancelink/views"
)

// signs are what people write before an amount besides the currency's code.
var signs = map[string][]string{
	"NGN": {"₦", "N"}, "USD": {"US$", "$"}, "GBP": {"£"}, "EUR": {"€"}, "GHS": {"GH₵", "₵"}, "KES": {"KSh"}, "ZAR": {"R"},
}

// written is an amount as people write it: thousands apart or not, a point
// before the smaller unit. Where pages are written with a comma there, so may
// amounts be; then none parts thousands.
var (
	written          = regexp.MustCompile(`^([0-9]{1,3}(?:[ ,][0-9]{3})+|[0-9]+)(?:\.([0-9]+))?$`)
	writtenWithComma = regexp.MustCompile(`^([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:[.,]([0-9]+))?$`)
)

// parseTyped is the amount that a person typed, in minor units of a currency:
// "50,000", "₦50 000" or "50000.00". wrong is a sentence that says what cannot
// be read; empty: nothing. More decimals than the currency has are refused even
// when they are zeros: "50.000" may have meant fifty thousand.
func parseTyped(ctx context.Context, text, code string) (minor int64, wrong string) {
	text = unsigned(text, code)
	scale, _ := money.Scale(code)
	shape := written
	if views.DecimalComma(ctx) {
		shape = writtenWithComma
	}
	switch parts := shape.FindStringSubmatch(text); {
	case text == "":
		return 0, views.Say(ctx, "Enter an amount.")
	case strings.HasPrefix(text, "-") || strings.HasPrefix(text, "\u2212"):
		return 0, views.Say(ctx, "Enter an amount without a minus sign.")
	case parts == nil:
		return 0, views.Say(ctx, "Enter an amount in %s such as 50,000 or 50000.00.", code)
	case len(parts[2]) > scale && scale == 0:
		return 0, views.Say(ctx, "Enter a whole amount: %s has no smaller unit.", code)
	case len(parts[2]) > scale:
		return 0, views.Say(ctx, "Enter at most %d digits after the point. Use commas for thousands: 50,000.", scale)
	default:
		whole := strings.TrimLeft(strings.NewReplacer(" ", "", ",", "").Replace(parts[1]), "0")
		minor, err := money.Parse(cmp.Or(whole, "0")+"."+parts[2]+"0", code)
		if err != nil {
			return 0, views.Say(ctx, "This amount is too large.")
		}
		return minor, ""
	}
}

// unsigned takes white space and the sign or code of the currency off.
func unsigned(text, code string) string {
	text = strings.Join(strings.FieldsFunc(tidy(text), unicode.IsSpace), " ")
	for _, sign := range append([]string{code}, signs[code]...) {
		if len(text) >= len(sign) && strings.EqualFold(text[:len(sign)], sign) {
			return strings.TrimSpace(text[len(sign):])
		}
	}
	return text
}

// plain is an amount as a CSV file has it, "-1234.50"; empty when it is not known.
func plain(a store.Amount, code string) number {
	if !a.Known {
		return ""
	}
	return number(money.Decimal(a.Minor, code))
}
