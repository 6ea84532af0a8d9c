package money

import (
	"errors"
	"math"
	"math/big"
	"runtime"
	"strings"
	"testing"
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
			got, err := Parse(tt.text, tt.currency)
			if err != nil || got != tt.want {
				t.Errorf("Parse = %d, %v, want %d", got, err, tt.want)
			}
		})
	}
}

// What JavaScript writes of sums, beside what they mean.
func TestWhatADoubleLeavesBehindTheSmallestUnitIsNoPartOfTheAmount(t *testing.T) {
	for text, want := range map[string]int64{
		"153.37000000000001":     15337,
		"1234.5600000000001":     123456,
		"1234.5599999999999":     123456,
		"-1234.5599999999999":    -123456,
		"0.30000000000000004":    30,
		"0.9999999999999999":     100,
		"1234.560000000012":      123456,
		"5.551115123125783e-17":  0,
		"-5.551115123125783e-17": 0,
		"92233720368547758.0700": 9223372036854775807,
	} {
		if got, err := Parse(text, "NGN"); err != nil || got != want {
			t.Errorf("Parse(%s) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"153.375", "10.125", "153.3749999", "153.37000001", // too few digits for a double: somebody wrote them
		"153.37123456789012", "1234.5649999999999", "1234.5650000000001", // far from any kobo
		"92233720368547758.0799999", "-92233720368547758.0899999", // one more than int64 holds
	} {
		if got, err := Parse(text, "NGN"); !errors.Is(err, ErrFormat) {
			t.Errorf("Parse(%s) = %d, %v, want it refused", text, got, err)
		}
	}
}

func TestEveryCurrencyHasTheDigitsOfISO4217(t *testing.T) {
	for code, want := range map[string]int{
		"NGN": 2, "USD": 2, "SLE": 2, "ZWG": 2, "TZS": 2, "PKR": 2, "IDR": 2, "AFN": 2, "COP": 2, "HUF": 2, "MRU": 2, "XCG": 2, "VES": 2,
		"JPY": 0, "UGX": 0, "XOF": 0, "XAF": 0, "RWF": 0, "GNF": 0, "UYI": 0, "KWD": 3, "IQD": 3, "LYD": 3, "CLF": 4, "UYW": 4,
	} {
		if got, known := Scale(code); !known || got != want {
			t.Errorf("%s has %d digits, %v, want %d", code, got, known, want)
		}
	}
	for _, code := range []string{"", "ngn", "NG", "USDT", "BTC", "XXX", "XTS", "XAU", "XDR"} {
		if got, known := Scale(code); known {
			t.Errorf("%q has %d digits, want it unknown", code, got)
		}
	}
}

func TestAnAmountIsWrittenAsItIsRead(t *testing.T) {
	for text, amount := range map[string]struct {
		minor int64
		code  string
	}{
		"-12.50": {-1250, "NGN"}, "0.05": {5, "NGN"}, "-0.05": {-5, "NGN"}, "500": {500, "JPY"}, "0.001": {1, "KWD"},
		"-92233720368547758.08": {math.MinInt64, "NGN"}, "": {5, "BTC"},
	} {
		if got := Decimal(amount.minor, amount.code); got != text {
			t.Errorf("Decimal(%d, %s) = %q, want %q", amount.minor, amount.code, got, text)
		}
		if got, err := Parse(text, amount.code); text != "" && (err != nil || got != amount.minor) {
			t.Errorf("Parse(%q, %s) = %d, %v", text, amount.code, got, err)
		}
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
				if got, err := Parse(tt.text, tt.currency); !errors.Is(err, ErrFormat) {
					t.Errorf("Parse = %d, %v, want ErrFormat", got, err)
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

func FuzzParse(f *testing.F) {
	for _, text := range []string{"153.37", "-1e2", "1e400", "92233720368547758.08", "0.10", "1.005", "NaN", "-0", "153.37000000000001", "0.9999999999999999"} {
		f.Add(text, "NGN")
	}
	f.Add("1.234", "KWD")
	f.Fuzz(func(t *testing.T, text, code string) {
		got, err := Parse(text, code)
		want, exact := minorByBig(text, code)
		if err == nil && (!exact || got != want) {
			t.Errorf("Parse(%q, %q) = %d, big says %d, %v", text, code, got, want, exact)
		}
		if err != nil && exact && len(text) <= MaxLength {
			t.Errorf("Parse(%q, %q) refused %d: %v", text, code, want, err)
		}
	})
}

// minorByBig does the same with math/big, for JSON numbers of a modest exponent.
func minorByBig(text, code string) (int64, bool) {
	scale, known := Scale(code)
	if !known || len(text) > 100 || !Number.MatchString(text) {
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
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	n.Mul(n, new(big.Rat).SetInt(power))
	whole, rest := new(big.Int).DivMod(n.Num(), n.Denom(), new(big.Int)) // rest is never negative
	behind := new(big.Rat).SetFrac(rest, n.Denom())
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	double := len(strings.Trim(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0")) >= 15
	switch little := big.NewRat(1, 1000); {
	case rest.Sign() == 0:
	case double && behind.Cmp(little) < 0:
	case double && new(big.Rat).Sub(big.NewRat(1, 1), behind).Cmp(little) < 0:
		whole.Add(whole, big.NewInt(1))
	default:
		return 0, false
	}
	return whole.Int64(), whole.IsInt64()
}
