package web

import (
	"fmt"
	"strings"

	qr "github.com/piglig/go-qr"

	"balancelink/views"
)

// QR draws a text as a QR code, its quiet zone of four included. Of the eight
// masks it takes the one with the least penalty (ISO/IEC 18004, 7.8): with
// any other a camera takes the pattern of the data for a corner now and then.
func QR(text string) (views.QR, error) {
	code, err := qr.EncodeText(text, qr.Medium)
	if err != nil {
		return views.QR{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size() {
		for x := range code.Size() {
			if code.Module(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return views.QR{Path: b.String(), Size: code.Size() + 8}, nil
}
