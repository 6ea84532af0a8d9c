package acts

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"time"

	"balancelink/handlers/settings"
	"balancelink/store"
)

// linkValid is how long a personal link can be opened.
const linkValid = 72 * time.Hour

// Link is a personal link that was just made. Its address and its code are kept nowhere.
type Link struct {
	store.Invitation
	URL  string
	Code string // that is to be typed with it; empty: none is asked for
}

// NewLink prepares a personal link of a customer, with a code or without: what the
// store is to keep of it, and what leaves the program.
func NewLink(set settings.Settings, customerID string, withCode bool) (store.NewInvitation, Link, error) {
	keep := store.NewInvitation{CustomerID: customerID, ValidFor: linkValid, Secret: store.NewSecret()}
	made := Link{URL: set.PublicURL + "/connect/" + keep.Secret}
	if !withCode {
		return keep, made, nil
	}
	made.Code = newCode()
	var err error
	keep.CodeHash, err = CodeHash(set, keep.Secret, made.Code)
	return keep, made, err
}

// newCode is six digits, which somebody is told and types.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand ends the program before it fails
	}
	return fmt.Sprintf("%06d", n)
}

// signInCodes is what the key is for that the codes to sign in with are kept under.
const signInCodes = "sign-in code"

// NewSignInCode is a code for a customer to sign in with, and what is kept of it.
func NewSignInCode(set settings.Settings, customerID string) (code, hash string, err error) {
	code = newCode()
	hash, err = SignInCodeHash(set, customerID, code)
	return code, hash, err
}

// SignInCodeHash is what is kept of a code that a customer signs in with.
func SignInCodeHash(set settings.Settings, customerID, code string) (string, error) {
	return keyedHash(set, signInCodes, customerID, code)
}

// linkCodes is what the key is for that the codes of personal links are kept under.
const linkCodes = "personal link code"

// CodeHash is what is kept of a link's code. A million codes are soon tried, so
// the hash is keyed: without the server's key and the link's secret it says nothing.
func CodeHash(set settings.Settings, secret, code string) (string, error) {
	return keyedHash(set, linkCodes, secret, code)
}

func keyedHash(set settings.Settings, purpose, of, code string) (string, error) {
	key, err := set.DerivedKey(purpose, 32)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(of + "\n" + code))
	return hex.EncodeToString(mac.Sum(nil)), nil
}
