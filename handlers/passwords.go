package handlers

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// PasswordCost is what it costs to hash a password with argon2id.
type PasswordCost struct {
	KiB    uint32 // of memory
	Passes uint32
}

// FullCost is what OWASP recommends for interactive sign-in. Only tests hash
// for less.
var FullCost = PasswordCost{KiB: 19 * 1024, Passes: 2}

const (
	argonThreads = 1
	argonKeyLen  = 32
)

// Hash returns a password's argon2id hash as a PHC string.
func (cost PasswordCost) Hash(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, cost.Passes, cost.KiB, argonThreads, argonKeyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.KiB, cost.Passes, argonThreads, b64(salt), b64(key))
}

var errHash = errors.New("password hash is not argon2id")

// checkPassword says whether a password has that hash. It takes the same time
// whatever the password.
func checkPassword(hash, password string) (bool, error) {
	var version int
	var memory, passes uint32
	var threads uint8
	var tail string
	if _, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &memory, &passes, &threads, &tail); err != nil || version != argon2.Version {
		return false, errHash
	}
	encodedSalt, encodedKey, _ := strings.Cut(tail, "$")
	salt, err1 := base64.RawStdEncoding.DecodeString(encodedSalt)
	key, err2 := base64.RawStdEncoding.DecodeString(encodedKey)
	if err1 != nil || err2 != nil || len(key) == 0 {
		return false, errHash
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}
