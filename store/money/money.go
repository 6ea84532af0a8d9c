// Package money reads and writes amounts: whole numbers of a currency's smallest
// unit (kobo, cents) in the program and its database, decimal text outside. No
// amount ever passes through a float.
package money

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrFormat reports a text that is no amount of its currency.
var ErrFormat = errors.New("not an amount")

// codes are the currencies of ISO 4217 by how many digits they have after the
// point, as its list one of January 2026 says, without precious metals, funds of
// no amount and codes for testing; and those withdrawn since 2020, which old
// balances may still be in. Tables of how currencies are written in practice
// (CLDR's) say otherwise of some twenty: there the tanzanian shilling has none.
var codes = map[int]string{
	0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
		COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
		JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
		NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
		TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
		ANG CUC HRK SLL ZWL`,
	3: `BHD IQD JOD KWD LYD OMR TND`,
	4: `CLF UYW`,
}

var scales = func() map[string]int {
	all := map[string]int{}
	for scale, list := range codes {
		for _, code := range strings.Fields(list) {
			all[code] = scale
		}
	}
	return all
}()

// Scale is how many digits a currency has after the point; not known: it is none
// of ISO 4217's. The code is in capitals.
func Scale(code string) (digits int, known bool) {
	digits, known = scales[code]
	return digits, known
}

// Decimal writes minor units of a currency as a decimal number, such as
// "-12.50"; empty where the currency's scale is not known.
func Decimal(minor int64, code string) string {
	scale, known := Scale(code)
	if !known {
		return ""
	}
	sign, whole, fraction := Split(minor, scale)
	if scale == 0 {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// Split is an amount of that scale in its parts: "-" or nothing, the digits
// before the point, of which there is one at least, and those after it.
func Split(minor int64, scale int) (sign, whole, fraction string) {
	digits := strconv.FormatInt(minor, 10)
	if minor < 0 { // not -minor: the smallest int64 has no opposite
		sign, digits = "-", digits[1:]
	}
	if pad := scale + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	point := len(digits) - scale
	return sign, digits[:point], digits[point:]
}

// MaxLength is how long the text of an amount may be.
const MaxLength = 64

const (
	maxExponent    = 30
	maxInt64Digits = 19
)

// Number is an amount as [Parse] takes it: a number as JSON writes it.
var Number = regexp.MustCompile(`^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

// Parse converts a decimal number, as JSON writes it, to the minor units of a
// currency. The result is exact; a text that is not of [Number]'s form, of an
// unknown currency, with more decimals than the currency has (trailing zeros are
// fine) or beyond int64 is [ErrFormat].
//
// There is one exception to the decimals. Programs that hold amounts in doubles
// write sums as 153.37000000000001 or 1234.5599999999999, and nothing as
// 5.551115123125783e-17. A number of fifteen significant digits or more that
// lies within a thousandth of the smallest unit from a whole number of them means
// that one: no bank states a thousandth of a kobo, and a double has no more
// digits. Anything else is refused, and nothing is ever rounded.
func Parse(text, code string) (int64, error) {
	scale, known := Scale(code)
	if !known {
		return 0, fmt.Errorf("%w: unknown currency", ErrFormat)
	}
	return parse(text, scale)
}

// ParseMinor is [Parse] of a number that is in minor units already, such as kobo,
// and so a whole one.
func ParseMinor(text string) (int64, error) { return parse(text, 0) }

func parse(text string, scale int) (int64, error) {
	if len(text) > MaxLength {
		return 0, fmt.Errorf("%w: too long", ErrFormat)
	}
	parts := Number.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%w: not a number", ErrFormat)
	}
	exponent := 0
	if parts[4] != "" {
		n, err := strconv.Atoi(parts[4])
		if err != nil || n > maxExponent || n < -maxExponent {
			return 0, fmt.Errorf("%w: an exponent out of reason", ErrFormat)
		}
		exponent = n
	}
	return shift(parts[1], parts[2]+parts[3], exponent-len(parts[3])+scale)
}

// shift returns the whole number sign digits × 10^power.
func shift(sign, digits string, power int) (int64, error) {
	significant := strings.TrimRight(digits, "0")
	power += len(digits) - len(significant)
	significant = strings.TrimLeft(significant, "0")
	if significant == "" {
		return 0, nil
	}
	add := int64(0)
	if power < 0 {
		whole, up, ok := nearest(significant, -power)
		if !ok {
			return 0, fmt.Errorf("%w: more decimals than its currency has", ErrFormat)
		}
		if up {
			add = 1
		}
		significant, power = whole, 0
	}
	if len(significant)+power > maxInt64Digits {
		return 0, fmt.Errorf("%w: too large", ErrFormat)
	}
	n, err := strconv.ParseInt(sign+significant+strings.Repeat("0", power), 10, 64)
	if sign != "" {
		add = -add
	}
	if sum := n + add; err == nil && (sum < n) == (add < 0) {
		return sum, nil
	}
	return 0, fmt.Errorf("%w: too large", ErrFormat)
}

// doubleDigits is how many digits a double holds for certain.
const doubleDigits = 15

// nearest takes the last digits off, which are behind the smallest unit, when
// they are what a double's inexactness leaves: so little, or so little short of
// one more, that up says so.
func nearest(significant string, behind int) (whole string, up, ok bool) {
	if len(significant) < doubleDigits {
		return "", false, false
	}
	all := strings.Repeat("0", max(0, behind+1-len(significant))) + significant
	whole, rest := all[:len(all)-behind], all[len(all)-behind:]
	switch {
	case strings.HasPrefix(rest, "000"):
		return whole, false, true
	case strings.HasPrefix(rest, "999"):
		return whole, true, true
	}
	return "", false, false
}
