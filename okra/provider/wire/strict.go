// Package wire is how an adapter reads what others send: strict JSON whose fields
// keep what they were read as, exact amounts, times, redaction; and an HTTP client
// that reaches one host and tells an outage from somebody in the middle.
package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"balancelink/okra/provider"
)

const maxDepth = 32

// ErrTwice says that an object has a key more than once, or two that differ by case only: of
// two figures nobody can tell which is meant.
var ErrTwice = fmt.Errorf("%w: a key occurs twice", provider.ErrBadJSON)

// ErrNoText says that a string has what no text has: NUL, which not every database keeps, or
// half of a pair of surrogates, which encoding/json makes another character of.
var ErrNoText = fmt.Errorf("%w: a string has what no text has", provider.ErrBadJSON)

// Decode reads body as a single JSON object. It refuses what two readers
// could understand differently: trailing data, keys that occur twice (or differ
// by case only), invalid UTF-8, strings that are [ErrNoText], a byte order mark, and nesting
// beyond maxDepth. Numbers stay text (json.Number).
func Decode(body []byte) (Object, error) {
	o, doubt, err := DecodeDoubtful(body)
	if err == nil {
		err = doubt
	}
	if err != nil {
		return nil, err
	}
	return o, nil
}

// DecodeDoubtful is [Decode] of what has to be kept although it cannot be relied
// on: what is JSON and no clear object has a doubt, which is [ErrTwice] whatever else there
// is. Of a key that occurs twice the first is there, and what is no object stands in one
// under "[body]".
//
// It is a scanner of its own because every webhook passes through it: the
// tokens of encoding/json take five times as long.
func DecodeDoubtful(body []byte) (o Object, doubt, err error) {
	if !utf8.Valid(body) {
		return nil, nil, provider.ErrBadJSON
	}
	s := scanner{text: string(body)}
	v, err := s.value(1)
	if err != nil {
		return nil, nil, err
	}
	if s.next() != 0 || s.at < len(s.text) {
		return nil, nil, fmt.Errorf("%w: something follows the value", provider.ErrBadJSON)
	}
	o, ok := v.(Object)
	if !ok {
		o, s.doubt = Object{"[body]": &field{value: v}}, cmp.Or(
			s.doubt, fmt.Errorf("%w: not an object", provider.ErrBadShape),
		)
	}
	return o, s.doubt, nil
}

// scanner reads JSON values off a text.
type scanner struct {
	text  string
	at    int
	doubt error
}

// next skips white space and returns the byte it stands at; 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take skips white space and then c, if it stands there.
func (s *scanner) take(c byte) bool {
	if s.next() != c || c == 0 {
		return false
	}
	s.at++
	return true
}

func (s *scanner) value(depth int) (any, error) {
	switch c := s.next(); c {
	case '{', '[':
		if depth > maxDepth {
			s.doubt = cmp.Or(s.doubt, fmt.Errorf("%w: nested too deeply", provider.ErrBadJSON))
			return nil, s.leap()
		}
		s.at++
		if c == '[' {
			return s.list(depth)
		}
		return s.object(depth)
	case '"':
		return s.string()
	case 't':
		return true, s.word("true")
	case 'f':
		return false, s.word("false")
	case 'n':
		return nil, s.word("null")
	}
	return s.number()
}

// leap steps over a list or an object without looking at what is in it.
func (s *scanner) leap() error {
	for open := 0; s.at < len(s.text); {
		switch s.text[s.at] {
		case '"':
			if _, err := s.string(); err != nil {
				return err
			}
			continue
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		if s.at++; open == 0 {
			return nil
		}
	}
	return provider.ErrBadJSON
}

func (s *scanner) list(depth int) (any, error) {
	list := []any{}
	if s.take(']') {
		return list, nil
	}
	for {
		v, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if s.take(']') {
			return list, nil
		}
		if !s.take(',') {
			return nil, provider.ErrBadJSON
		}
	}
}

func (s *scanner) object(depth int) (any, error) {
	o, seen := Object{}, map[string]bool{}
	if s.take('}') {
		return o, nil
	}
	for {
		name, err := s.key()
		if err != nil {
			return nil, err
		}
		value, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if folded := strings.ToLower(name); seen[folded] {
			s.doubt = ErrTwice
		} else {
			seen[folded], o[name] = true, &field{value: value}
		}
		if s.take('}') {
			return o, nil
		}
		if !s.take(',') {
			return nil, provider.ErrBadJSON
		}
	}
}

func (s *scanner) key() (string, error) {
	if s.next() != '"' {
		return "", provider.ErrBadJSON
	}
	name, err := s.string()
	if err == nil && !s.take(':') {
		err = provider.ErrBadJSON
	}
	return name, err
}

func (s *scanner) word(w string) error {
	if !strings.HasPrefix(s.text[s.at:], w) {
		return provider.ErrBadJSON
	}
	s.at += len(w)
	return nil
}

// string reads a string. Where it has escapes encoding/json says what they mean.
func (s *scanner) string() (string, error) {
	start, escaped := s.at, false
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			if !escaped {
				return s.text[start+1 : s.at-1], nil
			}
			return s.unescape(s.text[start:s.at])
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return "", provider.ErrBadJSON
		}
	}
	return "", provider.ErrBadJSON
}

func (s *scanner) unescape(quoted string) (text string, err error) {
	if json.Unmarshal([]byte(quoted), &text) != nil {
		return "", provider.ErrBadJSON
	}
	if strings.IndexByte(text, 0) >= 0 || halved(quoted) {
		s.doubt = cmp.Or(s.doubt, ErrNoText)
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return text, nil
}

// halved says whether a string, which is one of JSON, has half of a pair of surrogates.
func halved(quoted string) bool {
	const units = 16 // bits, of UTF-16
	for first, at := false, 0; at < len(quoted); {
		unit, length := uint64(0), 1
		if quoted[at] == '\\' {
			length = len(`\n`)
			if quoted[at+1] == 'u' {
				length = len(`\u0000`)
				unit, _ = strconv.ParseUint(quoted[at+len(`\u`):at+length], 16, units)
			}
		}
		if second := 0xdc00 <= unit && unit <= 0xdfff; first != second {
			return true
		}
		first = 0xd800 <= unit && unit < 0xdc00
		at += length
	}
	return false
}

// number reads a number and keeps its text.
func (s *scanner) number() (any, error) {
	start := s.at
	s.skip("-")
	if !s.skip("0") && s.digits() == 0 {
		return nil, provider.ErrBadJSON
	}
	if s.skip(".") && s.digits() == 0 {
		return nil, provider.ErrBadJSON
	}
	if s.skip("eE") {
		s.skip("+-")
		if s.digits() == 0 {
			return nil, provider.ErrBadJSON
		}
	}
	return json.Number(s.text[start:s.at]), nil
}

// skip steps over one of those characters.
func (s *scanner) skip(any string) bool {
	if s.at >= len(s.text) || strings.IndexByte(any, s.text[s.at]) < 0 {
		return false
	}
	s.at++
	return true
}

// digits steps over digits and says how many.
func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}
