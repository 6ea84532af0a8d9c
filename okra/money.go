package okra

import (
	"strings"

	"balancelink/okra/provider/wire"
)

// defaultCurrency stands where a payload has amounts but no currency. Okra is a
// Nigerian provider and every balance sample that states one says NGN.
const defaultCurrency = "NGN"

// currencyOf returns the stated currency in upper case, or the default.
func currencyOf(o wire.Object) string {
	if code := o.Scalar("currency"); code != "" {
		return strings.ToUpper(code)
	}
	return defaultCurrency
}
