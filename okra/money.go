package okra

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Amount is a sum in minor units (kobo). Known is false when the bank did not
// state it, which is different from 0.
type Amount struct {
	Minor int64
	Known bool
}

// defaultCurrency stands where a payload has amounts but no currency. Okra is a
// Nigerian provider and every balance sample that states one says NGN.
const defaultCurrency = "NGN"

// currencyOf returns the stated currency in upper case, or the default.
func currencyOf(o object) string {
	if code := o.scalar("currency"); code != "" {
		return strings.ToUpper(code)
	}
	return defaultCurrency
}

const (
	maxAmountLength = 64
	maxExponent     = 30
	maxInt64Digits  = 19
)

var decimal = regexp.MustCompile(`^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

// ParseAmount converts a decimal text, as it stands in a JSON number, to the
// minor units of a currency of ISO 4217. The result is exact: it refuses an
// unknown currency, more decimals than the currency has (trailing zeros are
// fine), and what int64 cannot hold. It never passes through a float.
func ParseAmount(text, currencyCode string) (int64, error) {
	scale, err := scaleOf(currencyCode)
	if err != nil {
		return 0, err
	}
	if len(text) > maxAmountLength {
		return 0, fmt.Errorf("%w: amount too long", ErrBadShape)
	}
	parts := decimal.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%w: amount is not a number", ErrBadShape)
	}
	sign, fraction := parts[1], parts[3]
	exponent, err := exponentOf(parts[4])
	if err != nil {
		return 0, err
	}
	return shift(sign, parts[2]+fraction, exponent-len(fraction)+scale)
}

func scaleOf(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	// XXX and XTS are the standard's "no currency" and "test".
	if err != nil || unit == currency.XXX || unit == currency.XTS {
		return 0, fmt.Errorf("%w: unknown currency", ErrBadShape)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale, nil
}

func exponentOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > maxExponent || n < -maxExponent {
		return 0, fmt.Errorf("%w: amount has an exponent out of reason", ErrBadShape)
	}
	return n, nil
}

// shift returns the whole number sign digits × 10^power.
func shift(sign, digits string, power int) (int64, error) {
	significant := strings.TrimRight(digits, "0")
	power += len(digits) - len(significant)
	significant = strings.TrimLeft(significant, "0")
	switch {
	case significant == "":
		return 0, nil
	case power < 0:
		return 0, fmt.Errorf("%w: amount has more decimals than its currency", ErrBadShape)
	case len(significant)+power > maxInt64Digits:
		return 0, fmt.Errorf("%w: amount too large", ErrBadShape)
	}
	n, err := strconv.ParseInt(sign+significant+strings.Repeat("0", power), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: amount too large", ErrBadShape)
	}
	return n, nil
}
