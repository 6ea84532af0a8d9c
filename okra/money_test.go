package okra

import (
	"errors"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/currency"
)

func TestAmountsAreConvertedExactly(t *testing.T) {
	tests := []struct {
		text, currency string
		want           int64
	}{
		{"153.37", "NGN", 15337},
		{"10111003", "NGN", 1011100300},
		{"0", "NGN", 0},
		{"-0.00", "NGN", 0},
		{"-12.3", "NGN", -1230},
		{"1.1000000", "NGN", 110},
		{"0.29", "NGN", 29},
		{"1.5e3", "NGN", 150000},
		{"15337E-2", "NGN", 15337},
		{"100e-2", "NGN", 100},
		{"92233720368547758.07", "NGN", 9223372036854775807},
		{"-92233720368547758.08", "NGN", -9223372036854775808},
		{"500", "JPY", 500},
		{"1.234", "KWD", 1234},
	}
	for _, tt := range tests {
		t.Run(tt.text+" "+tt.currency, func(t *testing.T) {
			got, err := ParseAmount(tt.text, tt.currency)
			if err != nil || got != tt.want {
				t.Errorf("ParseAmount = %d, %v, want %d", got, err, tt.want)
			}
		})
	}
}

func TestAmountsThatDoNotFitAreRefused(t *testing.T) {
	tests := []struct{ name, text, currency string }{
		{"empty", "", "NGN"},
		{"not a number", "NaN", "NGN"},
		{"infinite", "Inf", "NGN"},
		{"three decimals", "1.005", "NGN"},
		{"decimals of yen", "1.5", "JPY"},
		{"hidden decimals", "1e-3", "NGN"},
		{"one kobo over int64", "92233720368547758.08", "NGN"},
		{"2^63 naira", "9223372036854775808", "NGN"},
		{"huge exponent", "1e400", "NGN"},
		{"absurd exponent", "1e99999999999999999999", "NGN"},
		{"long", strings.Repeat("9", 100000), "NGN"},
		{"thousands", "1,000.00", "NGN"},
		{"plus", "+1", "NGN"},
		{"space", " 1", "NGN"},
		{"hex", "0x10", "NGN"},
		{"other digits", "١٢", "NGN"},
		{"leading zero", "007", "NGN"},
		{"bare point", "1.", "NGN"},
		{"no currency", "1", ""},
		{"unknown currency", "1", "QQQ"},
		{"the currency of none", "1", "XXX"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			used := allocated(func() {
				if got, err := ParseAmount(tt.text, tt.currency); !errors.Is(err, ErrBadShape) {
					t.Errorf("ParseAmount = %d, %v, want ErrBadShape", got, err)
				}
			})
			if used > 1<<20 {
				t.Errorf("refusing it took %d bytes of memory", used)
			}
		})
	}
}

// allocated is how many bytes of memory f asks for: a measure of its work that
// no other load on the machine changes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func FuzzParseAmount(f *testing.F) {
	for _, text := range []string{"153.37", "-1e2", "1e400", "92233720368547758.08", "0.10", "1.005", "NaN", "-0"} {
		f.Add(text, "NGN")
	}
	f.Add("1.234", "KWD")
	f.Fuzz(func(t *testing.T, text, code string) {
		got, err := ParseAmount(text, code)
		want, exact := minorByBig(text, code)
		if err == nil && (!exact || got != want) {
			t.Errorf("ParseAmount(%q, %q) = %d, big says %d, %v", text, code, got, want, exact)
		}
		if err != nil && exact && len(text) <= maxAmountLength {
			t.Errorf("ParseAmount(%q, %q) refused %d: %v", text, code, want, err)
		}
	})
}

// minorByBig does the same with math/big, for JSON numbers of a modest exponent.
func minorByBig(text, code string) (int64, bool) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit == currency.XXX || unit == currency.XTS || len(text) > 100 || !decimal.MatchString(text) {
		return 0, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, ok := new(big.Int).SetString(text[i+1:], 10)
		if !ok || n.CmpAbs(big.NewInt(maxExponent)) > 0 {
			return 0, false
		}
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	scale, _ := currency.Standard.Rounding(unit)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	n.Mul(n, new(big.Rat).SetInt(power))
	return n.Num().Int64(), n.IsInt() && n.Num().IsInt64()
}
