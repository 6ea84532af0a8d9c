package okra

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// object is a decoded JSON object. Its getters take several names because Okra
// writes the same fact under several (record, recordId, record_id), and answer
// with the first name that holds something. All work on a nil object.
//
// Each getter says what it takes a field for, and the field keeps that: what
// readers have read, and as what, is what [redact] keeps.
type object map[string]*field

// field is a value of an object, and as what it was read.
type field struct {
	value any // object, []any, string, json.Number, bool or nil
	as    use
}

// get returns the value under key, which is read as a use.
func (o object) get(key string, as use) any {
	f := o[key]
	if f == nil {
		return nil
	}
	if f.as == unread || f.as == asPart {
		f.as = as
	}
	return f.value
}

// object returns the object under key, or nil.
func (o object) object(key string) object {
	inner, _ := o.get(key, asPart).(object)
	return inner
}

// objects returns the objects under key, which Okra writes as one object or as
// a list of them. Empty objects are left out: an answer without content may
// carry "balance": {}.
func (o object) objects(key string) ([]object, error) {
	value := o.get(key, asPart)
	values, ok := value.([]any)
	if !ok && value != nil {
		values = []any{value}
	}
	var found []object
	for _, v := range values {
		inner, ok := v.(object)
		if !ok {
			return nil, fmt.Errorf("%w: %s is not an object", ErrBadShape, key)
		}
		if len(inner) > 0 {
			found = append(found, inner)
		}
	}
	return found, nil
}

// first returns the first value that is kept, of those that are of a kind.
func (o object) first(as use, isKind func(any) bool, keys []string) string {
	for _, key := range keys {
		v := o.get(key, as)
		if !isKind(v) {
			continue
		}
		if text, _ := kept(v, as); text != "" {
			return text
		}
	}
	return ""
}

func isString(v any) bool { _, ok := v.(string); return ok }

// text returns the first non-empty string that people wrote, such as a name: cut
// short, with long numbers masked.
func (o object) text(keys ...string) string { return o.first(asText, isString, keys) }

// word returns the first string that programs compare, such as a method.
func (o object) word(keys ...string) string { return o.first(asWord, isString, keys) }

// id returns the first string that is an id, ours or Okra's.
func (o object) id(keys ...string) string { return o.first(asID, isString, keys) }

// scalar returns the first word, number or boolean, as text.
func (o object) scalar(keys ...string) string {
	return o.first(asWord, func(v any) bool {
		switch v.(type) {
		case string, json.Number, bool:
			return true
		}
		return false
	}, keys)
}

// is reports whether the value under key is true.
func (o object) is(key string) bool { return o.get(key, asFlag) == true }

// has reports whether a text stands under one of the keys, of whatever use.
func (o object) has(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return isString(o.get(key, asWord)) && o[key].value != "" })
}

// address returns an address, of which no more than its query may be used. It
// is not kept.
func (o object) address(key string) string {
	text, _ := o.get(key, unread).(string)
	return text
}

// digits returns an account number. One class of Okra's Android SDK has the
// NUBAN as a number: its digits are taken, anything else is not a NUBAN.
func (o object) digits(key string) string {
	switch v := o.get(key, asNumber).(type) {
	case string:
		if !isShape.MatchString(v) {
			return cut(v)
		}
	case json.Number:
		if strings.Trim(v.String(), "0123456789") == "" {
			return v.String()
		}
	}
	return ""
}

// ref returns the first id. See refs for the forms of an id.
func (o object) ref(keys ...string) string {
	for _, key := range keys {
		if ids := o.refs(key); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// refs returns the ids under key.
func (o object) refs(key string) []string { return refs(o.get(key, asID)) }

// refs returns the ids in v, which is an id, an object that has one under _id
// (2023) or id (2020, and OKRA-NET's class), or a list of either.
func refs(v any) []string {
	switch v := v.(type) {
	case string:
		if id, _ := kept(v, asID); id != "" {
			return []string{id}
		}
	case object:
		if id := v.id("_id", "id"); id != "" {
			return []string{id}
		}
	case []any:
		var ids []string
		for _, item := range v {
			if _, nested := item.([]any); !nested {
				ids = append(ids, refs(item)...)
			}
		}
		return ids
	}
	return nil
}

// reader reads the fields of an object that can be wrong, and keeps the first
// error so that a parser asks once.
type reader struct {
	object
	err error
}

func (r *reader) fail(key string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("reading %s: %w", key, err)
	}
}

// time returns the time under key: zero when it is absent, null or "".
func (r *reader) time(key string) time.Time {
	value := r.get(key, asTime)
	if value == nil || value == "" {
		return time.Time{}
	}
	text, ok := value.(string)
	if !ok {
		r.fail(key, ErrBadShape)
		return time.Time{}
	}
	t, err := ParseTime(text)
	if err != nil {
		r.fail(key, err)
	}
	return t
}

// amount returns the amount under key. Amounts are naira (major units), as a
// number ("153.37" in a production webhook of July 2023) or perhaps as text.
// Absent, null and "" mean that the bank did not say: the documents of
// fetch-balance allow that, and it is not 0.
func (r *reader) amount(key, currency string) Amount {
	var text string
	switch v := r.get(key, asAmount).(type) {
	case nil:
		return Amount{}
	case json.Number:
		text = v.String()
	case string:
		if v == "" {
			return Amount{}
		}
		text = v
	}
	minor, err := ParseAmount(text, currency)
	if err != nil {
		r.fail(key, err)
		return Amount{}
	}
	return Amount{Minor: minor, Known: true}
}

// currency returns the currency of the amounts in the object.
func (r *reader) currency() string {
	code := currencyOf(r.object)
	if _, err := scaleOf(code); err != nil {
		r.fail("currency", err)
	}
	return code
}

// flag returns the boolean under key, and whether there is one.
func (r *reader) flag(key string) (value, stated bool) {
	given := r.get(key, asFlag)
	value, stated = given.(bool)
	if !stated && given != nil {
		r.fail(key, ErrBadShape)
	}
	return value, stated
}
