package okra

import (
	"bytes"
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
func decodeStrict(body []byte) (object, error) {
	// The scanner behind json.Valid sees the whole text, so trailing data fails here.
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 || !json.Valid(body) {
		return nil, ErrBadJSON
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := readValue(d, 1)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, fmt.Errorf("%w: not an object", ErrBadShape)
	}
	return o, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, ErrBadJSON
	}
	switch t := token.(type) {
	case json.Delim:
		if depth > maxDepth {
			return nil, fmt.Errorf("%w: nested too deeply", ErrBadJSON)
		}
		if t == '[' {
			return readList(d, depth)
		}
		return readObject(d, depth)
	case string:
		if strings.ContainsRune(t, 0) {
			return nil, fmt.Errorf("%w: NUL in a string", ErrBadJSON)
		}
	}
	return token, nil
}

func readList(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, err
}

func readObject(d *json.Decoder, depth int) (any, error) {
	o, seen := object{}, map[string]bool{}
	for d.More() {
		key, err := readValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		name := key.(string)
		folded := strings.ToLower(name)
		if seen[folded] {
			return nil, fmt.Errorf("%w: a key occurs twice", ErrBadJSON)
		}
		seen[folded] = true
		if o[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}
