package handlers

import (
	"math"
	"strings"
	"testing"

	"balancelink/handlers/sheet"
	"balancelink/store"
	"balancelink/views/locale"
)

func TestAmountsAreReadAsPeopleTypeThem(t *testing.T) {
	for _, row := range []struct {
		text, currency string
		want           int64
		wrong          string // words of the sentence; empty: it is read
	}{
		{"50,000", "NGN", 5000000, ""},
		{"50000.00", "NGN", 5000000, ""},
		{"₦50 000", "NGN", 5000000, ""},
		{"₦ 50,000.5", "NGN", 5000050, ""},
		{"N50,000", "NGN", 5000000, ""},
		{"ngn 50000", "NGN", 5000000, ""},
		{"NGN50,000", "NGN", 5000000, ""},
		{"1\u00a0234\u202f567.89", "NGN", 123456789, ""},
		{" \u200b50 ", "NGN", 5000, ""},
		{"0", "NGN", 0, ""},
		{"0.05", "NGN", 5, ""},
		{"007", "NGN", 700, ""},
		{"92,233,720,368,547,758.07", "NGN", math.MaxInt64, ""},
		{"$1", "USD", 100, ""},
		{"1234,50", "NGN", 123450, ""},
		{"50,00", "NGN", 5000, ""},
		{"50,5", "NGN", 5050, ""},
		{"0,05", "NGN", 5, ""},
		{"1.234,50", "NGN", 123450, ""},
		{"1.234.567", "NGN", 123456700, ""},
		{"1.234.567,8", "NGN", 123456780, ""},
		{"50 000,50", "NGN", 5000050, ""},
		{"50,000 NGN", "NGN", 5000000, ""},
		{"50000ngn", "NGN", 5000000, ""},
		{"50,000₦", "NGN", 5000000, ""},
		{"₦50,000 NGN", "NGN", 5000000, ""},
		{"₦\u200b50,000\u00a0₦", "NGN", 5000000, ""},
		{"#50,000", "NGN", 5000000, ""},
		{"50,000 Naira", "NGN", 5000000, ""},
		{"1234,500", "KWD", 1234500, ""},
		{"1,234", "JPY", 1234, ""},
		{"1.234", "KWD", 1234, ""},
		{"", "NGN", 0, "Enter an amount."},
		{" ₦ ", "NGN", 0, "Enter an amount."},
		{"-5", "NGN", 0, "minus"},
		{"₦-5", "NGN", 0, "minus"},
		{"−5", "NGN", 0, "minus"},
		{"50.000", "NGN", 0, "at most 2 digits"},
		{"0.001", "NGN", 0, "at most 2 digits"},
		{"5,0000", "NGN", 0, "at most 2 digits"},
		{"0,500", "NGN", 0, "at most 2 digits"},
		{"1234,567", "NGN", 0, "at most 2 digits"},
		{"50 000,500", "NGN", 0, "at most 2 digits"},
		{"1,50", "JPY", 0, "no smaller unit"},
		{"1,234,50", "NGN", 0, "such as"},
		{"1,234.567,89", "NGN", 0, "such as"},
		{"1.23.456", "NGN", 0, "such as"},
		{"1,234.567.890", "NGN", 0, "such as"},
		{"50 00", "NGN", 0, "such as"},
		{"50,000 USD", "NGN", 0, "such as"},
		{"50,000 - 60,000", "NGN", 0, "such as"},
		{"1.5", "JPY", 0, "no smaller unit"},
		{"92,233,720,368,547,758.08", "NGN", 0, "too large"},
		{strings.Repeat("9", 100), "NGN", 0, "too large"},
		{",500", "NGN", 0, "such as"},
		{"50.", "NGN", 0, "such as"},
		{".5", "NGN", 0, "such as"},
		{"$50", "NGN", 0, "such as"},
		{"50k", "NGN", 0, "such as"},
		{"1e5", "NGN", 0, "such as"},
		{"0x10", "NGN", 0, "such as"},
		{"٥٠", "NGN", 0, "such as"},
		{"50\x00", "NGN", 0, "such as"},
	} {
		got, wrong := parseTyped(t.Context(), row.text, row.currency)
		if got != row.want || !strings.Contains(wrong, row.wrong) || (row.wrong == "") != (wrong == "") {
			t.Errorf("%q in %s = %d, %q; want %d, %q", row.text, row.currency, got, wrong, row.want, row.wrong)
		}
	}
}

// Where the comma stands before the smaller unit it parts no thousands, and what
// could be meant both ways is refused.
func TestAmountsAreReadAsFrenchPeopleTypeThem(t *testing.T) {
	ctx := locale.In(t.Context(), "fr")
	for _, row := range []struct {
		text  string
		want  int64
		wrong string
	}{
		{"50 000,50", 5000050, ""},
		{"₦1\u00a0234\u202f567,89", 123456789, ""},
		{"50000,00", 5000000, ""},
		{"50000.5", 5000050, ""},
		{"0,05", 5, ""},
		{"50,000", 0, "au plus 2 chiffres"},
		{"50.000", 0, "au plus 2 chiffres"},
		{"1,234,567", 123456700, ""},
		{"1.234,50", 123450, ""},
		{"1,234.50", 123450, ""},
		{"50 000,50 NGN", 5000050, ""},
		{"50,000.000", 0, "au plus 2 chiffres"},
		{"1,23,456", 0, "tel que 50"},
		{"-5", 0, "sans signe moins"},
	} {
		got, wrong := parseTyped(ctx, row.text, "NGN")
		if got != row.want || !strings.Contains(wrong, row.wrong) || (row.wrong == "") != (wrong == "") {
			t.Errorf("%q = %d, %q; want %d, %q", row.text, got, wrong, row.want, row.wrong)
		}
	}
}

func TestPlainAmountsAreExact(t *testing.T) {
	for want, row := range map[sheet.Number]struct {
		amount   store.Amount
		currency string
	}{
		"": {store.Amount{}, "NGN"}, "0.00": {store.Minor(0), "NGN"}, "-0.05": {store.Minor(-5), "NGN"}, "1234.50": {store.Minor(123450), "NGN"},
		"1234": {store.Minor(1234), "JPY"}, "-92233720368547758.08": {store.Minor(math.MinInt64), "NGN"},
	} {
		if got := sheet.Amount(row.amount, row.currency); got != want {
			t.Errorf("%v = %q, want %q", row.amount, got, want)
		}
	}
}
