package settings

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// ofInstance are settings that differ between instances on one database: each start
// would say that another one is set.
var ofInstance = []string{
	"LISTEN_ADDR", "SIMULATOR_ADDR", "MONO_SIMULATOR_ADDR", "METRICS_ADDR", "TLS_CERT_FILE", "TLS_KEY_FILE",
	"ERASED_FILE",
}

// Summary is every setting but [ofInstance] in one line, for people who ask what was set when.
// Of a secret it holds eight digits by which a change is seen: they are made
// with SessionKey and tell nothing of the secret to who has not got that.
func (s Settings) Summary() string {
	var all []string
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("env")
		if key == "" || key == "-" || v.Field(i).IsZero() || slices.Contains(ofInstance, key) {
			continue
		}
		text := fmt.Sprint(v.Field(i))
		if isSecret(key) {
			text = s.mark(key, v.Field(i).String())
		}
		all = append(all, key+"="+text)
	}
	return strings.Join(all, " ")
}

func (s Settings) mark(key, secret string) string {
	mac := hmac.New(sha256.New, []byte(s.SessionKey.Reveal()))
	mac.Write([]byte("mark of " + key + "\x00" + secret))
	return fmt.Sprintf("%x", mac.Sum(nil)[:4])
}
