package phone

import (
	"slices"
	"testing"
)

func TestANumberIsReadHoweverItIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"0803 100 1001": "+2348031001001", "08031001001": "+2348031001001", "+2348031001001": "+2348031001001", "+234 803 100 1001": "+2348031001001",
		"2348031001001": "+2348031001001", "00234 803-100-1001": "+2348031001001", "+234 (0) 803.100.1001": "+2348031001001", "(0803) 100 1001": "+2348031001001",
		"\u202a+234\u00a0803\u2011100\u20111001\u202c": "+2348031001001", "０８０３１００１００１": "+2348031001001", "803 100 1001": "+2348031001001",
		"+44 7700 900123": "+447700900123", "+233 24 123 4567": "+233241234567", "+1 (212) 555-0100": "+12125550100",
		"12": "", "": "", "0803": "", "0803 100 100": "", "0803 100 1001 2345": "", "phone": "", "0700-CALL-BANK": "", "0803 100 1001 ext 5": "",
		"0803 100 1001, 0805 100 1001": "", "0803 100 1001 / 0805 100 1001": "", "+": "", "++2348031001001": "", "+999 12345678": "", "0091 98765 43210": "",
		"1234567": "", "0803 100 1001\n": "+2348031001001", "080３ 100 x001": "", "-08031001001": "+2348031001001", "+0803 100 1001": "",
	} {
		if got, ok := Parse(text); got != want || ok != (want != "") {
			t.Errorf("%+q is %q, %t; want %q", text, got, ok, want)
		}
	}
}

func TestANumberIsWrittenWithItsGroupsApart(t *testing.T) {
	for number, want := range map[string]string{"+2348031001001": "+234 803 100 1001", "+12125550100": "+1 212-555-0100", "12": "12", "": "", "office": "office"} {
		if got := Written(number); got != want {
			t.Errorf("%s is written %q, want %q", number, got, want)
		}
	}
}

func TestANumberIsDialledInTwoWays(t *testing.T) {
	for text, want := range map[string][]string{
		"0803 100 1001": {"+2348031001001", "08031001001"}, "+44 7700 900123": {"+447700900123", "07700900123"},
		"12": nil, "+234 803": {"+234803"}, "office": nil, "": nil,
	} {
		if got := Forms(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestANumberBeginsWithOrWithoutItsPlusOrZero(t *testing.T) {
	for text, want := range map[string][]string{
		"0803 100 1001": {"+2348031001001", "2348031001001", "08031001001", "8031001001"}, "+234 803": {"+234803", "234803"}, "office": nil,
	} {
		if got := Starts(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestABeginningOfANumberIsKnown(t *testing.T) {
	for text, want := range map[string]string{
		"0803": "0803", "0803 1": "08031", "+234 803": "+234803", "234 (0)803": "234803", "00234803": "+234803", "+234-0803": "+234803",
		"LN-7": "", "12": "", "7 Up": "", "+": "", "0803x": "",
	} {
		if got := Typed(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
