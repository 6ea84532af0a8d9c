package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"balancelink/views"
)

// QR draws a text as a QR code, its quiet zone of four included.
func QR(text string) (views.QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return views.QR{}, fmt.Errorf("drawing the QR code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	return views.QR{Path: b.String(), Size: code.Size + 8}, nil
}
