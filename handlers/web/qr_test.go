package web_test

import (
	"fmt"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"

	"balancelink/handlers/sitetest"
	"balancelink/handlers/web"
)

// maskOf is which of the eight masks a drawn QR code says it has.
func maskOf(t *testing.T, text string) byte {
	t.Helper()
	drawn, err := web.QR(text)
	if err != nil {
		t.Fatal(err)
	}
	bits, err := gozxing.NewSquareBitMatrix(drawn.Size - 8)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range sitetest.QRSquares(drawn.Path) {
		bits.Set(at.X-4, at.Y-4)
	}
	parser, err := decoder.NewBitMatrixParser(bits)
	if err != nil {
		t.Fatal(err)
	}
	format, err := parser.ReadFormatInformation()
	if err != nil {
		t.Fatal(err)
	}
	return format.GetDataMask()
}

func TestTheMaskOfAQRCodeIsChosenByItsPattern(t *testing.T) {
	masks := map[byte]bool{}
	for n := range 32 {
		masks[maskOf(t, fmt.Sprintf("https://pay.example/invitation/%d", n))] = true
	}
	if len(masks) < 3 {
		t.Errorf("32 codes have the masks %v, as if they were not chosen", masks)
	}
}
