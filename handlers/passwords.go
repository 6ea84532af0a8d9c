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

// Argon2id as OWASP recommends it for interactive sign-in: 19 MiB, two passes.
const (
	argonMemory  = 19 * 1024
	argonPasses  = 2
	argonThreads = 1
	argonKeyLen  = 32
)

// HashPassword returns a password's argon2id hash as a PHC string.
func HashPassword(password string) string { return hashPassword(password, argonMemory, argonPasses) }

func hashPassword(password string, memory, passes uint32) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, passes, memory, argonThreads, argonKeyLen)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, argonThreads, b64(salt), b64(key))
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

// nobodysHash is compared with when there is no such member of staff, so that
// the answer takes as long as if there were.
var nobodysHash = HashPassword(rand.Text())
