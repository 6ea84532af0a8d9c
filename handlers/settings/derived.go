package settings

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// DerivedKey is so many bytes of key for one purpose, derived from SESSION_KEY.
func (s Settings) DerivedKey(purpose string, bytes int) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(s.SessionKey.Reveal()), nil, "balancelink "+purpose, bytes)
	if err != nil {
		return nil, fmt.Errorf("deriving the key for %s: %w", purpose, err)
	}
	return key, nil
}
