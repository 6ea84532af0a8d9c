package views

import (
	"math"
	"testing"
)

func TestUnknownAccountsAreCountedInTotals(t *testing.T) {
	for want, total := range map[string]Total{
		"":                              {Money: naira(1)},
		"+ 1 account without a figure":  {Money: naira(1), Unknown: 1},
		"+ 2 accounts without a figure": {Money: naira(1), Unknown: 2},
		"2 accounts without a figure":   {Unknown: 2},
	} {
		if got := unknownCount(t.Context(), total); got != want {
			t.Errorf("unknownCount(t.Context(), %v) = %q, want %q", total, got, want)
		}
	}
}

func TestAmount(t *testing.T) {
	for _, tt := range []struct {
		money Money
		want  string
	}{
		{Money{123456789, "NGN", true}, "₦1,234,567.89"},
		{Money{0, "NGN", true}, "₦0.00"},
		{Money{5, "NGN", true}, "₦0.05"},
		{Money{-5, "NGN", true}, "−₦0.05"},
		{Money{-120000, "NGN", true}, "−₦1,200.00"},
		{Money{99999, "USD", true}, "$999.99"},
		{Money{100000, "GBP", true}, "£1,000.00"},
		{Money{100, "EUR", true}, "€1.00"},
		{Money{100, "GHS", true}, "GH₵1.00"},
		{Money{123450, "KES", true}, "KSh1,234.50"},
		{Money{100, "ZAR", true}, "R1.00"},
		{Money{123400, "CAD", true}, "CAD\u00a01,234.00"},
		{Money{-1234, "JPY", true}, "−JPY\u00a01,234"},
		{Money{1234567, "KWD", true}, "KWD\u00a01,234.567"},
		{Money{7, "KWD", true}, "KWD\u00a00.007"},
		{Money{math.MaxInt64, "NGN", true}, "₦92,233,720,368,547,758.07"},
		{Money{math.MinInt64, "NGN", true}, "−₦92,233,720,368,547,758.08"},
		{Money{123456, "???", true}, "???\u00a0123,456\u00a0minor units"},
		{Money{123456, "", true}, "123,456\u00a0minor units"},
		{Money{0, "NGN", false}, "Not given by the bank"},
		{Money{}, "Not given by the bank"},
	} {
		if got := amount(t.Context(), tt.money); got != tt.want {
			t.Errorf("amount(t.Context(), %v) = %q, want %q", tt.money, got, tt.want)
		}
	}
}

func TestSizeHasNoSign(t *testing.T) {
	if got, want := absolute(t.Context(), Money{-350000, "NGN", true}), "₦3,500.00"; got != want {
		t.Errorf("size = %q, want %q", got, want)
	}
}
