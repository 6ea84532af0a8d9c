package okra

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrBadJSON reports a text that is not one clean JSON value.
	ErrBadJSON = errors.New("okra: bad JSON")
	// ErrBadShape reports JSON that does not say what it has to say.
	ErrBadShape = errors.New("okra: unexpected shape")
)

const maxDepth = 32

// decodeStrict reads body as a single JSON object. It refuses what two readers
// could understand differently: trailing data, keys that occur twice (or differ
// by case only), invalid UTF-8, NUL characters, a byte order mark, and nesting
// beyond maxDepth. Numbers stay text (json.Number).
//
// It is a scanner of its own because every webhook passes through it: the
// tokens of encoding/json take five times as long.
func decodeStrict(body []byte) (object, error) {
	if !utf8.Valid(body) {
		return nil, ErrBadJSON
	}
	s := scanner{text: string(body)}
	v, err := s.value(1)
	if err != nil {
		return nil, err
	}
	if s.next() != 0 || s.at < len(s.text) {
		return nil, fmt.Errorf("%w: something follows the value", ErrBadJSON)
	}
	o, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("%w: not an object", ErrBadShape)
	}
	return o, nil
}

// scanner reads JSON values off a text.
type scanner struct {
	text string
	at   int
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
			return nil, fmt.Errorf("%w: nested too deeply", ErrBadJSON)
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
			return nil, ErrBadJSON
		}
	}
}

func (s *scanner) object(depth int) (any, error) {
	o, seen := object{}, map[string]bool{}
	if s.take('}') {
		return o, nil
	}
	for {
		name, err := s.key()
		if err != nil {
			return nil, err
		}
		folded := strings.ToLower(name)
		if seen[folded] {
			return nil, fmt.Errorf("%w: a key occurs twice", ErrBadJSON)
		}
		seen[folded] = true
		value, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o[name] = &field{value: value}
		if s.take('}') {
			return o, nil
		}
		if !s.take(',') {
			return nil, ErrBadJSON
		}
	}
}

func (s *scanner) key() (string, error) {
	if s.next() != '"' {
		return "", ErrBadJSON
	}
	name, err := s.string()
	if err == nil && !s.take(':') {
		err = ErrBadJSON
	}
	return name, err
}

func (s *scanner) word(w string) error {
	if !strings.HasPrefix(s.text[s.at:], w) {
		return ErrBadJSON
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
			return unescape(s.text[start:s.at])
		case c == '\\':
			escaped = true
			s.at++
		case c < ' ':
			return "", ErrBadJSON
		}
	}
	return "", ErrBadJSON
}

func unescape(quoted string) (s string, err error) {
	if json.Unmarshal([]byte(quoted), &s) != nil {
		return "", ErrBadJSON
	}
	if strings.IndexByte(s, 0) >= 0 {
		return "", fmt.Errorf("%w: NUL in a string", ErrBadJSON)
	}
	return s, nil
}

// number reads a number and keeps its text.
func (s *scanner) number() (any, error) {
	start := s.at
	s.skip("-")
	if !s.skip("0") && s.digits() == 0 {
		return nil, ErrBadJSON
	}
	if s.skip(".") && s.digits() == 0 {
		return nil, ErrBadJSON
	}
	if s.skip("eE") {
		s.skip("+-")
		if s.digits() == 0 {
			return nil, ErrBadJSON
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
