package wire

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

// Object is a decoded JSON object. Its getters take several names because
// providers write the same fact under several (record, recordId, record_id), and
// answer with the first name that holds something. All work on a nil object.
//
// Each getter says what it takes a field for, and the field keeps that: what
// readers have read, and as what, is what [Object.Redacted] keeps.
type Object map[string]*field

// field is a value of an object, and as what it was read.
type field struct {
	value any // object, []any, string, json.Number, bool or nil
	as    Use
}

// Get returns the value under key, which is read as a use.
func (o Object) Get(key string, as Use) any {
	f := o[key]
	if f == nil {
		return nil
	}
	if f.as == unread || f.as == AsPart {
		f.as = as
	}
	return f.value
}

// Object returns the object under key, or nil.
func (o Object) Object(key string) Object {
	inner, _ := o.Get(key, AsPart).(Object)
	return inner
}

// Objects returns the objects under key, which Okra writes as one object or as
// a list of them, and how many things stand there that are none. Empty objects
// are left out: an answer without content may carry "balance": {}.
func (o Object) Objects(key string) (found []Object, others int) {
	value := o.Get(key, AsPart)
	values, ok := value.([]any)
	if !ok && value != nil {
		values = []any{value}
	}
	for _, v := range values {
		inner, ok := v.(Object)
		switch {
		case !ok:
			others++
		case len(inner) > 0:
			found = append(found, inner)
		}
	}
	return found, others
}

// List is [Object.Objects] of what is nothing without them: when none of what
// stands there is one, it cannot be read.
func (o Object) List(key string) ([]Object, error) {
	found, others := o.Objects(key)
	if len(found) == 0 && others > 0 {
		return nil, fmt.Errorf("%w: %s is not an object", provider.ErrBadShape, key)
	}
	return found, nil
}

// first returns the first value that is kept, of those that are of a kind.
func (o Object) first(as Use, isKind func(any) bool, keys []string) string {
	for _, key := range keys {
		v := o.Get(key, as)
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

// Text returns the first non-empty string that people wrote, such as a name: cut
// short, with long numbers masked.
func (o Object) Text(keys ...string) string { return o.first(AsText, isString, keys) }

// Word returns the first string that programs compare, such as a method.
func (o Object) Word(keys ...string) string { return o.first(AsWord, isString, keys) }

// ID returns the first string that is an id, ours or the provider's.
func (o Object) ID(keys ...string) string { return o.first(AsID, isString, keys) }

// Scalar returns the first word, number or boolean, as text.
func (o Object) Scalar(keys ...string) string {
	return o.first(AsWord, func(v any) bool {
		switch v.(type) {
		case string, json.Number, bool:
			return true
		}
		return false
	}, keys)
}

// Is reports whether the value under key is true.
func (o Object) Is(key string) bool { return o.Get(key, AsFlag) == true }

// Has reports whether a text stands under one of the keys, of whatever use.
func (o Object) Has(keys ...string) bool {
	return slices.ContainsFunc(
		keys, func(key string) bool { return isString(o.Get(key, AsWord)) && o[key].value != "" },
	)
}

// Address returns an address, of which no more than its query may be used. It
// is not kept.
func (o Object) Address(key string) string {
	text, _ := o.Get(key, unread).(string)
	return text
}

// NUBAN is the form of a Nigerian account number, and of one in a payload that is
// redacted already.
var nuban = regexp.MustCompile(`^([0-9]{10}|•{6}[0-9]{4})$`)

// NUBAN returns the first account number: ten digits. One class of Okra's Android
// SDK has it as a number. Anything else is none.
func (o Object) NUBAN(keys ...string) string {
	for _, key := range keys {
		var text string
		switch v := o.Get(key, AsNumber).(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		}
		if nuban.MatchString(text) {
			return text
		}
	}
	return ""
}

// Ref returns the first id. See [RefsIn] for the forms of an id.
func (o Object) Ref(keys ...string) string {
	for _, key := range keys {
		if ids := o.Refs(key); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// Refs returns the ids under key.
func (o Object) Refs(key string) []string { return RefsIn(o.Get(key, AsID)) }

// Refs returns the ids in v, which is an id, an object that has one under _id
// (2023) or id (2020, and OKRA-NET's class), or a list of either.
func RefsIn(v any) []string {
	switch v := v.(type) {
	case string:
		if id, _ := kept(v, AsID); id != "" {
			return []string{id}
		}
	case Object:
		if id := v.ID("_id", "id"); id != "" {
			return []string{id}
		}
	case []any:
		var ids []string
		for _, item := range v {
			if _, nested := item.([]any); !nested {
				ids = append(ids, RefsIn(item)...)
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

func (u *Unreadable) Add(field string, why error) {
	if *u == nil {
		*u = Unreadable{}
	}
	(*u)[field] = why.Error()
}

// Reader reads the fields of an object that can be wrong. One that is costs no
// other: it counts as not stated, and unreadable says why.
type Reader struct {
	Object
	Unreadable Unreadable
}

func (r *Reader) Fail(key string, why error) { r.Unreadable.Add(key, why) }

var (
	errNotATime = errors.New("not a time")
	errNotAFlag = errors.New("neither true nor false")
)

// Time returns the time under key: zero when it is absent, null or "", or cannot
// be read. Besides texts (see [ParseTime]) these are read: {"$date": …}, as the
// database of Okra's ids writes times, and numbers of seconds or milliseconds
// since 1970.
func (r *Reader) Time(key string) time.Time {
	value := r.Get(key, AsTime)
	if inner, ok := value.(Object); ok {
		value = inner.Get("$date", AsTime)
	} else if value == nil || value == "" {
		return time.Time{}
	}
	t, err := timeOf(value)
	if err != nil {
		r.Fail(key, err)
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

// Amount returns the amount under key, which is in major units (naira): a number
// or a text. Absent, null and "" mean that the bank did not say, which is not 0.
func (r *Reader) Amount(key, currency string) provider.Amount {
	return r.amount(key, func(text string) (int64, error) { return money.Parse(text, currency) })
}

// MinorAmount is [Reader.Amount] of what is in minor units (kobo). A fraction of one
// cannot be read: it is never rounded.
func (r *Reader) MinorAmount(key string) provider.Amount { return r.amount(key, money.ParseMinor) }

func (r *Reader) amount(key string, parse func(string) (int64, error)) provider.Amount {
	var text string
	switch v := r.Get(key, AsAmount).(type) {
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
	minor, err := parse(text)
	if err != nil {
		r.Fail(key, err)
		return provider.Amount{}
	}
	return provider.Amount{Minor: minor, Known: true}
}

// Flag returns the boolean under key, and whether there is one.
func (r *Reader) Flag(key string) (value, stated bool) {
	given := r.Get(key, AsFlag)
	value, stated = given.(bool)
	if !stated && given != nil {
		r.Fail(key, errNotAFlag)
	}
	return value, stated
}
