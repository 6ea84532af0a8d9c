package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"balancelink/okra/provider"
	"balancelink/store/money"
)

// Use is what a reader takes a field for.
type Use int

const (
	unread   Use = iota
	AsPart       // an object, or a list of some: what is read of it counts
	AsID         // of the provider's, or an attempt's nonce
	AsWord       // that programs compare
	AsText       // that people wrote
	AsNumber     // an account number
	AsTime
	AsAmount
	AsFlag
)

// Redact returns body with nothing but its shape: what sorts of values stand
// where, and how long they are. What is to be read later is decoded, read and
// [Object.Redacted]: that keeps what was read, too.
func Redact(body []byte) ([]byte, error) {
	o, err := Decode(body)
	if err != nil {
		return nil, err
	}
	return o.Redacted(), nil
}

// Redacted keeps of o what readers have read before, in the form in which they
// took it, and the shape of everything else. So whoever reads it again in the
// same way finds the same, but for account numbers, of which four digits stay.
// What says of itself "connected": false is dropped wholly: so Okra's widget
// reports accounts that the person did not share, with their balances. Of what is redacted already nothing more goes.
func (o Object) Redacted() []byte { return appendObject(make([]byte, 0, 2<<10), o) }

// Of what nobody reads, so much of an object and of a list has a shape of its own.
const (
	shapedFields = 100
	shapedItems  = 10
)

// appendObject appends o with its keys in order.
func appendObject(out []byte, o Object) []byte {
	names, more := keptKeys(o)
	out = append(out, '{')
	for i, name := range slices.Sorted(maps.Keys(names)) {
		if i > 0 {
			out = append(out, ',')
		}
		f := o[names[name]]
		out = appendValue(append(appendString(out, name), ':'), f.value, f.as)
	}
	if more > 0 {
		out = fmt.Appendf(out, `,"[more %d]":null`, more)
	}
	return append(out, '}')
}

// keptKeys are the keys of o by what they are kept as, and how many are not.
func keptKeys(o Object) (names map[string]string, more int) {
	names = make(map[string]string, len(o))
	shaped := 0
	for i, key := range slices.Sorted(maps.Keys(o)) {
		name := key
		if o[key].as == unread && !isMore.MatchString(key) {
			if shaped++; shaped > shapedFields {
				more++
				continue
			}
			name = keptKey(key, i, o)
		}
		names[name] = key
	}
	return names, more
}

func appendValue(out []byte, value any, as Use) []byte {
	switch v := value.(type) {
	case nil:
		return append(out, "null"...)
	case Object:
		return appendObject(out, v)
	case []any:
		return appendList(out, slices.DeleteFunc(slices.Clone(v), unshared), as)
	}
	text, ok := kept(value, as)
	if !ok {
		return appendString(out, shape(value))
	}
	if _, quoted := value.(string); quoted || as == AsNumber {
		return appendString(out, text)
	}
	return append(out, text...)
}

func appendList(out []byte, list []any, as Use) []byte {
	out = append(out, '[')
	shaped, more, n := 0, 0, 0
	for _, item := range list {
		if onlyShape(item, as) {
			if shaped++; shaped > shapedItems {
				more++
				continue
			}
		}
		if n++; n > 1 {
			out = append(out, ',')
		}
		out = appendValue(out, item, as)
	}
	if more > 0 {
		out = fmt.Appendf(out, `,"[more %d]"`, more)
	}
	return append(out, ']')
}

// onlyShape says that nothing of a list's item is kept but its shape.
func onlyShape(item any, as Use) bool {
	if _, ok := item.(Object); ok {
		return as == unread
	}
	if text, _ := item.(string); isMore.MatchString(text) {
		return false
	}
	_, ok := kept(item, as)
	return !ok
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
	o, _ := item.(Object)
	f := o["connected"]
	return f != nil && f.value == false
}

// kept is a scalar in the form in which it is read and kept as a use; not ok:
// there is none.
func kept(value any, as Use) (text string, ok bool) {
	switch v := value.(type) {
	case bool:
		return strconv.FormatBool(v), as != unread && as != AsPart
	case json.Number:
		switch as {
		case AsAmount:
			return v.String(), true
		case AsTime:
			_, err := unixTime(v.String())
			return v.String(), err == nil
		case AsWord, AsNumber:
			return keptString(v.String(), as)
		}
		return "", false
	case string:
		return keptString(v, as)
	}
	return "", false
}

func keptString(s string, as Use) (string, bool) {
	if isShape.MatchString(s) {
		return "", false
	}
	fits := false
	switch as {
	case AsText:
		return provider.MaskNumbers(cut(s)), true
	case AsNumber:
		return provider.LastDigits(s), true
	case AsID:
		fits = ValidObjectID(s) || isWord(s) && !strings.Contains(s, " ")
	case AsWord:
		fits = isWord(s)
	case AsTime:
		_, err := ParseTime(s)
		fits = err == nil || s == "" || dateLike.MatchString(s)
	case AsAmount:
		fits = len(s) <= money.MaxLength && money.Number.MatchString(s) ||
			amountLike.MatchString(s) && provider.MaskNumbers(s) == s
	}
	if !fits {
		return "", false
	}
	return s, true
}

var word = regexp.MustCompile(`^[A-Za-z0-9_.:/ -]{0,64}$`)

// What stands where a time or an amount is read, and cannot be read yet, is kept
// for a version that can: a date with or without a time behind, and an amount
// with signs and a currency. No account number and no name can hide in them.
var (
	dateLike = regexp.MustCompile(`^((19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](19|20)[0-9]{2})` +
		`([T ,]{1,2}[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)? ?(Z|UTC|GMT|[AaPp][Mm]|[+-][0-9]{2}(:?[0-9]{2})?)?)?$`)
	amountLike = regexp.MustCompile(`^([A-Z]{1,3} ?)?[-+]?[0-9][0-9.,' ]{0,24}( ?[A-Z]{1,3})?$|^(NaN|[-+]?Infinity)?$`)
)

// isWord reports whether a text is short and of the letters of a method, a code
// or an id, and hides no number.
func isWord(s string) bool { return word.MatchString(s) && provider.MaskNumbers(s) == s }

// shape says of a scalar of what sort it is and how long.
func shape(value any) string {
	switch v := value.(type) {
	case string:
		if isShape.MatchString(v) {
			return v
		}
		return fmt.Sprintf("[text %d]", len([]rune(v)))
	case json.Number:
		return fmt.Sprintf("[number %d]", len(v))
	}
	return "[flag]"
}

var isShape = regexp.MustCompile(`^\[(text \d{1,6}|number \d{1,6}|flag|more \d{1,6})\]$`)

// A key that nobody reads may carry data as a value may: a number, a name.
var (
	plainKey = regexp.MustCompile(`^[a-z_$][A-Za-z_]{0,38}[0-9]{0,2}$`)
	isKey    = regexp.MustCompile(`^\[key \d{1,6} of \d{1,6}\]$`)
	isMore   = regexp.MustCompile(`^\[more \d{1,6}\]$`)
)

func keptKey(key string, i int, o Object) string {
	if plainKey.MatchString(key) || isKey.MatchString(key) {
		return key
	}
	for length := len([]rune(key)); ; i++ {
		if name := fmt.Sprintf("[key %d of %d]", i, length); o[name] == nil {
			return name
		}
	}
}

func cut(text string) string {
	const longest = 300
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest])
	}
	return text
}
