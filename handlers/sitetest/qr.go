package sitetest

import (
	"fmt"
	"image"
	"regexp"
)

// QRSquares are the dark squares of a QR code that is drawn as a path of unit squares.
func QRSquares(path string) (all []image.Point) {
	for _, square := range regexp.MustCompile(`M(\d+) (\d+)h1v1h-1z`).FindAllString(path, -1) {
		var at image.Point
		fmt.Sscanf(square, "M%d %d", &at.X, &at.Y)
		all = append(all, at)
	}
	return all
}
