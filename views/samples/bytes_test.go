package samples

import (
	"bytes"
	"compress/gzip"
	"testing"
)

// TestEveryPageFitsTheFirstRoundTrip: ten packets are what a server sends
// before it hears from the browser.
func TestEveryPageFitsTheFirstRoundTrip(t *testing.T) {
	for name, page := range inEveryLanguage(t) {
		text, _ := render(t, page)
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
		if err := w.Close(); err != nil || b.Len() > 14<<10 {
			t.Errorf("%s is %d bytes gzipped, want at most 14 kB (%v)", name, b.Len(), err)
		}
	}
}
