package okra

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// object is a decoded JSON object. Its getters take several names because Okra
// writes the same fact under several (record, recordId, record_id), and answer
// with the first name that holds something. All work on a nil object.
type object map[string]any

// object returns the object under key, or nil.
func (o object) object(key string) object {
	inner, _ := o[key].(object)
	return inner
}

// objects returns the objects under key, which Okra writes as one object or as
// a list of them. Empty objects are left out: an answer without content may
// carry "balance": {}.
func (o object) objects(key string) ([]object, error) {
	values, ok := o[key].([]any)
	if !ok && o[key] != nil {
		values = []any{o[key]}
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

// text returns the first non-empty string.
func (o object) text(keys ...string) string {
	for _, key := range keys {
		if s, _ := o[key].(string); s != "" {
			return s
		}
	}
	return ""
}

// scalar returns the first string, number or boolean, as text.
func (o object) scalar(keys ...string) string {
	for _, key := range keys {
		switch v := o[key].(type) {
		case string:
			if v != "" {
				return v
			}
		case json.Number:
			return v.String()
		case bool:
			return strconv.FormatBool(v)
		}
	}
	return ""
}

// digits returns an account number. One class of Okra's Android SDK has the
// NUBAN as a number: its digits are kept, anything else is not a NUBAN.
func (o object) digits(key string) string {
	n, ok := o[key].(json.Number)
	if !ok {
		return o.text(key)
	}
	if strings.Trim(n.String(), "0123456789") != "" {
		return ""
	}
	return n.String()
}

// ref returns the first id. See refs for the forms of an id.
func (o object) ref(keys ...string) string {
	for _, key := range keys {
		if ids := refs(o[key]); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// refs returns the ids in v, which is an id, an object that has one under _id
// (2023) or id (2020, and OKRA-NET's class), or a list of either.
func refs(v any) []string {
	switch v := v.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case object:
		if id := v.text("_id", "id"); id != "" {
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
	if r.object[key] == nil || r.object[key] == "" {
		return time.Time{}
	}
	text, ok := r.object[key].(string)
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
	switch v := r.object[key].(type) {
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
	value, stated = r.object[key].(bool)
	if !stated && r.object[key] != nil {
		r.fail(key, ErrBadShape)
	}
	return value, stated
}
