package okra

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
	return redact(o), nil
}

func redact(o object) []byte { return appendObject(make([]byte, 0, 2<<10), o) }

// appendObject appends o without what is private, with its keys in order.
func appendObject(out []byte, o object) []byte {
	out = append(out, '{')
	for i, key := range slices.Sorted(maps.Keys(o)) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, key), ':')
		list, isList := o[key].([]any)
		switch {
		case o[key] != nil && private(key):
			out = appendString(out, removed)
		case isList && (key == "accounts" || key == "formatted"):
			out = appendList(out, slices.DeleteFunc(slices.Clone(list), unshared))
		default:
			out = appendValue(out, o[key])
		}
	}
	return append(out, '}')
}

func appendList(out []byte, list []any) []byte {
	out = append(out, '[')
	for i, item := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendValue(out, item)
	}
	return append(out, ']')
}

func appendValue(out []byte, value any) []byte {
	switch v := value.(type) {
	case object:
		return appendObject(out, v)
	case []any:
		return appendList(out, v)
	case string:
		return appendString(out, v)
	case json.Number:
		return append(out, v...)
	case bool:
		return strconv.AppendBool(out, v)
	}
	return append(out, "null"...)
}

func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
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
