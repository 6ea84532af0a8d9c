package wire

import (
	"crypto/sha256"
	"crypto/subtle"

	"balancelink/okra/provider"
)

// OneOf says whether a text is one of some secrets, and takes as long whatever it
// is. An empty secret is none: two empty texts are equal.
func OneOf(given string, secrets []provider.Secret) bool {
	sum, match := sha256.Sum256([]byte(given)), 0
	for _, s := range secrets {
		known := sha256.Sum256([]byte(s.Reveal()))
		if s != "" {
			match |= subtle.ConstantTimeCompare(sum[:], known[:])
		}
	}
	return match == 1
}
