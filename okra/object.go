package okra

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"balancelink/okra/provider"
	"balancelink/store/money"
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
// a list of them, and how many things stand there that are none. Empty objects
// are left out: an answer without content may carry "balance": {}.
func (o object) objects(key string) (found []object, others int) {
	value := o.get(key, asPart)
	values, ok := value.([]any)
	if !ok && value != nil {
		values = []any{value}
	}
	for _, v := range values {
		inner, ok := v.(object)
		switch {
		case !ok:
			others++
		case len(inner) > 0:
			found = append(found, inner)
		}
	}
	return found, others
}

// list is [object.objects] of what is nothing without them: when none of what
// stands there is one, it cannot be read.
func (o object) list(key string) ([]object, error) {
	found, others := o.objects(key)
	if len(found) == 0 && others > 0 {
		return nil, fmt.Errorf("%w: %s is not an object", provider.ErrBadShape, key)
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

// nuban is the form of a Nigerian account number, and of one in a payload that is
// redacted already.
var nuban = regexp.MustCompile(`^([0-9]{10}|•{6}[0-9]{4})$`)

// nuban returns an account number: ten digits. One class of Okra's Android SDK
// has it as a number. Anything else is none.
func (o object) nuban() string {
	var text string
	switch v := o.get("nuban", asNumber).(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	}
	if !nuban.MatchString(text) {
		return ""
	}
	return text
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

// Unreadable is what of a payload could not be read, by field: why, in words for
// staff, which quote nothing of it. Nil: everything was.
type Unreadable map[string]string

// Field says why a field could not be read; empty: it could, or is not there.
func (u Unreadable) Field(name string) string { return u[name] }

func (u *Unreadable) add(field string, why error) {
	if *u == nil {
		*u = Unreadable{}
	}
	(*u)[field] = why.Error()
}

// reader reads the fields of an object that can be wrong. One that is costs no
// other: it counts as not stated, and unreadable says why.
type reader struct {
	object
	unreadable Unreadable
}

func (r *reader) fail(key string, why error) { r.unreadable.add(key, why) }

var (
	errNotATime = errors.New("not a time")
	errNotAFlag = errors.New("neither true nor false")
)

// time returns the time under key: zero when it is absent, null or "", or cannot
// be read. Besides texts (see [ParseTime]) these are read: {"$date": …}, as the
// database of Okra's ids writes times, and numbers of seconds or milliseconds
// since 1970.
func (r *reader) time(key string) time.Time {
	value := r.get(key, asTime)
	if inner, ok := value.(object); ok {
		value = inner.get("$date", asTime)
	} else if value == nil || value == "" {
		return time.Time{}
	}
	t, err := timeOf(value)
	if err != nil {
		r.fail(key, err)
	}
	return t
}

func timeOf(value any) (time.Time, error) {
	switch v := value.(type) {
	case string:
		return ParseTime(v)
	case json.Number:
		return unixTime(v.String())
	}
	return time.Time{}, errNotATime
}

// amount returns the amount under key. Amounts are naira (major units), as a
// number ("153.37" in a production webhook of July 2023) or perhaps as text.
// Absent, null and "" mean that the bank did not say: the documents of
// fetch-balance allow that, and it is not 0.
func (r *reader) amount(key, currency string) provider.Amount {
	var text string
	switch v := r.get(key, asAmount).(type) {
	case nil:
		return provider.Amount{}
	case json.Number:
		text = v.String()
	case string:
		if v == "" {
			return provider.Amount{}
		}
		text = v
	}
	minor, err := money.Parse(text, currency)
	if err != nil {
		r.fail(key, err)
		return provider.Amount{}
	}
	return provider.Amount{Minor: minor, Known: true}
}

// flag returns the boolean under key, and whether there is one.
func (r *reader) flag(key string) (value, stated bool) {
	given := r.get(key, asFlag)
	value, stated = given.(bool)
	if !stated && given != nil {
		r.fail(key, errNotAFlag)
	}
	return value, stated
}
