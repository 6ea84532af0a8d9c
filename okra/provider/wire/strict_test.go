package wire

import (
	"errors"
	"strings"
	"testing"

	"balancelink/okra/provider"
)

func TestOnlyCleanObjectsAreDecoded(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n) }
	tests := []struct {
		name, body string
		want       error
	}{
		{"object", `{"a":[1,{"b":null}],"c":"é"}`, nil},
		{"white space around", " {} \n", nil},
		{"32 levels", deep(32), nil},
		{"33 levels", deep(33), provider.ErrBadJSON},
		{"20,000 brackets", strings.Repeat("[", 20000), provider.ErrBadJSON},
		{"20,000 closed brackets", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), provider.ErrBadJSON},
		{"empty", ``, provider.ErrBadJSON},
		{"half", `{`, provider.ErrBadJSON},
		{"null", `null`, provider.ErrBadShape},
		{"list", `[]`, provider.ErrBadShape},
		{"string", `"x"`, provider.ErrBadShape},
		{"trailing object", `{}{}`, provider.ErrBadJSON},
		{"trailing text", `{} x`, provider.ErrBadJSON},
		{"trailing comma", `{"a":1,}`, provider.ErrBadJSON},
		{"duplicate key", `{"a":1,"a":1}`, provider.ErrBadJSON},
		{"duplicate by case", `{"balance":1,"BALANCE":2}`, provider.ErrBadJSON},
		{"duplicate by escape", `{"a":1,"\u0061":2}`, provider.ErrBadJSON},
		{"duplicate inside", `{"x":[{"a":1,"a":2}]}`, provider.ErrBadJSON},
		{"duplicate before another doubt", `{"a":1,"A":2,"b":"\u0000"}`, ErrTwice},
		{"duplicate behind another doubt", `{"b":"\u0000","a":1,"A":2}`, ErrTwice},
		{"same key in two objects", `{"x":{"a":1},"y":{"a":2}}`, nil},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", provider.ErrBadJSON},
		{"NUL", "{\"a\":\"\x00\"}", provider.ErrBadJSON},
		{"escaped NUL", `{"a":"\u0000"}`, provider.ErrBadJSON},
		{"half a character", `{"a":"\ud83d"}`, ErrNoText},
		{"the other half", `{"a":"\ude00 "}`, ErrNoText},
		{"two first halves", `{"a":"\ud83d\ud83d\ude00"}`, ErrNoText},
		{"halves apart", `{"a":"\ud83d-\ude00"}`, ErrNoText},
		{"half a character in a key", `{"a\uDFFF":1}`, ErrNoText},
		{"both halves", `{"a":"\ud83d\ude00 \uD83D\uDE00"}`, nil},
		{"escaped backslash before half a character", `{"a":"\\ud83d"}`, nil},
		{"what stands for an unknown character", `{"a":"\ufffd\n�"}`, nil},
		{"escaped NUL in a key", `{"\u0000":1}`, provider.ErrBadJSON},
		{"escaped backslash before u0000", `{"a":"\\u0000"}`, nil},
		{"byte order mark", "\xef\xbb\xbf{}", provider.ErrBadJSON},
		{"NaN", `{"a":NaN}`, provider.ErrBadJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Decode([]byte(tt.body)); !errors.Is(err, tt.want) {
				t.Errorf("decodeStrict = %v, want %v", err, tt.want)
			}
		})
	}
}
