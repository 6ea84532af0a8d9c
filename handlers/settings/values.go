package settings

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Value is one setting as people may read it.
type Value struct {
	Name   string // as in the environment
	Text   string // empty for a secret, and for what is not set
	Secret bool
	Set    bool

	Length  time.Duration // of a setting that is a length of time; Text has it too
	Changed bool          // it is not what it is without anybody setting it
}

// text is a setting that is text, secret or not.
type text struct{ name, text string }

// all are the settings that are text.
func (s *Settings) all() (all []text) {
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("env")
		if name != "" && name != "-" && v.Field(i).Kind() == reflect.String {
			all = append(all, text{name, v.Field(i).String()})
		}
	}
	return all
}

// Values are all settings in the order of their names. Of a secret they only say
// whether it is set.
func (s Settings) Values() []Value {
	var all []Value
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("env")
		if name == "" || name == "-" {
			continue
		}
		one := Value{Name: name, Secret: isSecret(name), Set: !v.Field(i).IsZero()}
		switch text := v.Field(i).Interface().(type) {
		case []string:
			one.Text = strings.Join(text, ", ")
		default:
			one.Text = fmt.Sprint(text)
		}
		one.Length, _ = v.Field(i).Interface().(time.Duration)
		plain := one.Text
		if v.Field(i).Kind() == reflect.String {
			plain = v.Field(i).String() // a secret prints something else
		}
		one.Changed = plain != unset(v.Type().Field(i))
		if one.Secret {
			one.Text = ""
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// unset is the text of a setting that nobody has set.
func unset(field reflect.StructField) string {
	text := field.Tag.Get("envDefault")
	switch field.Type {
	case reflect.TypeFor[time.Duration]():
		if d, err := time.ParseDuration(text); err == nil {
			return d.String()
		}
		return time.Duration(0).String()
	case reflect.TypeFor[bool]():
		return cmp.Or(text, "false")
	case reflect.TypeFor[int]():
		return cmp.Or(text, "0")
	}
	return text
}
