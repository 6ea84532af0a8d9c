package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // as RFC 6238 and every authenticator app have it
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"balancelink/store"
)

const (
	seedBytes     = 20
	stepLength    = 30 * time.Second
	codeDigits    = 6
	recoveryCodes = 10
)

var plainBase32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// newSeed returns the seed of a new second factor, as apps take it.
func newSeed() string {
	b := make([]byte, seedBytes)
	rand.Read(b)
	return plainBase32.EncodeToString(b)
}

// ReadSeed is the seed of that text, however it was spaced.
func ReadSeed(text string) (seed []byte, ok bool) {
	seed, err := plainBase32.DecodeString(compact(text))
	return seed, err == nil && len(seed) == seedBytes
}

// compact takes spaces and hyphens out and makes the rest upper case.
func compact(text string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(text)))
}

// TOTP is the time-based code of a step (RFC 6238 with SHA-1).
func TOTP(seed []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, seed)
	binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
	code := fmt.Sprintf("%010d", n)
	return code[len(code)-digits:]
}

// matchStep is the step, now or one to either side, whose code that is.
func matchStep(seed []byte, code string, now time.Time) (step int64, ok bool) {
	current := now.Unix() / int64(stepLength.Seconds())
	for s := current - 1; s <= current+1; s++ {
		if subtle.ConstantTimeCompare([]byte(TOTP(seed, s, codeDigits)), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// keyURI is how authenticator apps take a seed.
func keyURI(business, email, seed string) string {
	q := url.Values{"secret": {seed}, "issuer": {business}}
	label := url.PathEscape(business + ":" + email)
	// Apps read + as a plus sign.
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// newRecoveryCodes returns codes that stand in for the app once each, and
// what is kept of them.
func newRecoveryCodes() (codes, hashes []string) {
	for range recoveryCodes {
		b := make([]byte, 10)
		rand.Read(b)
		text := strings.ToLower(plainBase32.EncodeToString(b))
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, recoveryHash(text))
	}
	return codes, hashes
}

func recoveryHash(code string) string { return store.HashSecret(compact(code)) }
