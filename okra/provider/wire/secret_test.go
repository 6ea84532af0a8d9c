package wire

import (
	"testing"

	"balancelink/okra/provider"
)

func TestAnEmptySecretIsNobodysProof(t *testing.T) {
	for _, row := range []struct {
		given   string
		secrets []provider.Secret
		want    bool
	}{
		{"s3cret", []provider.Secret{"s3cret"}, true},
		{"old", []provider.Secret{"s3cret", "old"}, true},
		{"s3cret ", []provider.Secret{"s3cret"}, false},
		{"", []provider.Secret{"s3cret", ""}, false},
		{"", nil, false},
	} {
		if got := OneOf(row.given, row.secrets); got != row.want {
			t.Errorf("%q of %d secrets: %v", row.given, len(row.secrets), got)
		}
	}
}
