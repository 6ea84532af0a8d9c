package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
)

// newCode is six digits that staff tell the customer by another way than the link.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand ends the program before it fails
	}
	return fmt.Sprintf("%06d", n)
}

// linkCodes is what the key is for that the codes of personal links are kept under.
const linkCodes = "personal link code"

// codeHash is what is kept of a link's code. A million codes are soon tried, so
// the hash is keyed: without the server's key and the link's secret it says nothing.
func (s *Server) codeHash(secret, code string) (string, error) {
	key, err := s.DerivedKey(linkCodes, 32)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(secret + "\n" + code))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// tryCode holds the typed code against the link's, and says in a sentence what
// is wrong with it; empty: nothing.
func (s *Server) tryCode(c *gin.Context, i store.Invitation) (problem string, err error) {
	if i.CodeHash == "" {
		return "", nil
	}
	typed := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, c.PostForm("code"))
	if typed == "" {
		return web.Say(c, "Type the code that %s gave you.", s.Settings.BusinessName), nil
	}
	hash, err := s.codeHash(c.Param("secret"), typed)
	if err != nil {
		return "", err
	}
	right, left, err := s.Store.TryCode(c.Request.Context(), i.ID, hash)
	switch {
	case err != nil || right:
		return "", err
	case left == 0:
		_, err = s.openInvitation(c) // it is locked now
		return "", err
	}
	return web.Say(c, "That code is wrong. You have %d tries left.", left), nil
}
