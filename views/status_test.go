package views

import "testing"

func TestASizeIsSaidInWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0.0 kB", 4096: "4.1 kB", 999_999: "1000.0 kB", 1_500_000: "1.5 MB", 1_234_567_890: "1.2 GB", 5e15: "5000.0 TB"} {
		if got := bytesWords(t.Context(), n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
