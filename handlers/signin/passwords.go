package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/argon2"

	"balancelink/handlers/weak"
	"balancelink/store"
	"balancelink/views/locale"
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
	return fmt.Sprintf(
		"$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.KiB, cost.Passes, argonThreads, b64(salt), b64(key),
	)
}

var errHash = errors.New("password hash is not argon2id")

// checkPassword says whether a password has that hash. It takes the same time
// whatever the password.
func checkPassword(hash, password string) (bool, error) {
	var version int
	var memory, passes uint32
	var threads uint8
	var tail string
	if _, err := fmt.Sscanf(
		hash, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &memory, &passes, &threads, &tail,
	); err != nil || version != argon2.Version {
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

const (
	shortestPassword = 12
	longestPassword  = 256
)

// wrongPassword says in a sentence why a new password cannot be taken; empty:
// it can. Any characters will do: length is what makes guessing hard.
func wrongPassword(ctx context.Context, password, email, business string) string {
	switch n := utf8.RuneCountInString(password); {
	case n < shortestPassword:
		return locale.Say(
			ctx, "Use at least %d characters. A few words in a row are easy to remember.", shortestPassword,
		)
	case n > longestPassword:
		return locale.Say(ctx, "Use at most %d characters.", longestPassword)
	case !utf8.ValidString(password):
		return locale.Say(ctx, "This holds characters that cannot be used.")
	}
	name, _, _ := strings.Cut(email, "@")
	for _, known := range []string{email, name, business} {
		if weak.Like(password, known) {
			return locale.Say(ctx, "This is too easy to guess: it is your e-mail address or the name of the business.")
		}
	}
	if weak.Common(password) {
		return locale.Say(ctx, "This password is too common. Choose another.")
	}
	return ""
}

// Passwords hashes and checks passwords.
type Passwords struct {
	Cost  PasswordCost
	slots chan struct{} // bounds how many are hashed at once: each takes 19 MiB
	// compared with when there is no such person, so that the answer takes as long as if there were
	nobody string
}

// NewPasswords returns what hashes at that cost, four passwords at a time.
func NewPasswords(cost PasswordCost) *Passwords {
	return &Passwords{Cost: cost, slots: make(chan struct{}, 4), nobody: cost.Hash(rand.Text())}
}

// Hash is [PasswordCost.Hash] when there is a slot, or else the error of ctx.
func (p *Passwords) Hash(ctx context.Context, password string) (hash string, err error) {
	err = p.bounded(ctx, func() error {
		hash = p.Cost.Hash(password)
		return nil
	})
	return hash, err
}

// Check says whether a password has that hash, when there is a slot.
func (p *Passwords) Check(ctx context.Context, hash, password string) (right bool, err error) {
	err = p.bounded(ctx, func() (err error) {
		right, err = checkPassword(hash, password)
		return err
	})
	return right, err
}

func (p *Passwords) bounded(ctx context.Context, f func() error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passwordIs says whether that is the password of m, who may sign in. For
// those who may not, and for nobody, it takes as long.
func (s *Service) passwordIs(c *gin.Context, m store.Staff, password string) (bool, error) {
	hash, may := m.PasswordHash, m.DisabledAt.IsZero()
	if hash == "" {
		hash, may = s.Passwords.nobody, false
	}
	if utf8.RuneCountInString(password) > longestPassword {
		password = ""
	}
	right, err := s.Passwords.Check(c.Request.Context(), hash, password)
	return right && may, err
}
