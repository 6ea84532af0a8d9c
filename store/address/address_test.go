package address_test

import (
	"testing"

	"balancelink/store/address"
)

func TestADomainBeyondASCIIIsWrittenAsTheDNSHasIt(t *testing.T) {
	for text, want := range map[string]string{
		"ada@lender.example": "ada@lender.example", "Ada.B+x@Lender.Example": "Ada.B+x@Lender.Example",
		"ada@bücher.example": "ada@xn--bcher-kva.example", "ada@BÜCHER.example": "ada@xn--bcher-kva.example",
		"ada@bu\u0308cher.example": "ada@xn--bcher-kva.example", "ada@例え.テスト": "ada@xn--r8jz45g.xn--zckzah",
		"ada@xn--bcher-kva.example": "ada@xn--bcher-kva.example",
		"ada@bü cher.example":       "", "ada@bü_cher.example": "", "ada@-bücher.example": "", "ada@bücher..example": "",
		"Ada <ada@bücher.example>": "", "bücher.example": "", "ada@": "", "": "",
	} {
		if got, ok := address.OnWire(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, ok, want)
		}
	}
}
