package okra

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const removed = "[removed]"

// Redact returns body without what we have no use for: bank verification
// numbers, keys, tokens and other credentials, photographs, and the blocks that
// describe a person. "[removed]" stands in their place. Accounts that the
// person did not share are dropped wholly: the widget reports them with their
// balances. What ParseEvent and ParseClaim read stays, and numbers keep their
// text.
func Redact(body []byte) ([]byte, error) {
	o, err := decodeStrict(body)
	if err != nil {
		return nil, err
	}
	return redact(o)
}

// redact may change lists in o: whatever reads o does so before.
func redact(o object) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(redactObject(o)); err != nil {
		return nil, ErrBadJSON
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func redactObject(o object) object {
	clean := make(object, len(o))
	for key, value := range o {
		if list, ok := value.([]any); ok && (key == "accounts" || key == "formatted") {
			value = slices.DeleteFunc(list, unshared)
		}
		clean[key] = redactValue(key, value)
	}
	return clean
}

func redactValue(key string, value any) any {
	if value != nil && private(key) {
		return removed
	}
	switch v := value.(type) {
	case object:
		return redactObject(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = redactValue("", item)
		}
		return list
	}
	return value
}

func unshared(item any) bool {
	o, _ := item.(object)
	return o["connected"] == false
}

// private reports whether the value of a key must not be kept.
func private(key string) bool {
	key = strings.ToLower(key)
	for _, part := range privateParts {
		if strings.Contains(key, part) {
			return true
		}
	}
	return strings.HasSuffix(key, "key") || privateKeys[key]
}

var privateParts = []string{"bvn", "token", "secret", "password", "photo", "selfie", "email", "phone", "address"}

var privateKeys = map[string]bool{
	"pin": true, "otp": true, "clientid": true, "client_id": true, "username": true, "credentials": true,
	"identity": true, "guarantors": true, "directors": true, "next_of_kins": true, "employer": true,
	"enrollment": true, "customerdetails": true, "image": true, "picture": true, "signature": true,
	"firstname": true, "middlename": true, "lastname": true, "fullname": true, "aliases": true,
	"dob": true, "nin": true, "gender": true, "marital_status": true,
}
