package settings_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"balancelink/handlers/settings"
)

func TestDataKeysAreReadHoweverTheyAreWritten(t *testing.T) {
	key, err := hex.DecodeString(strings.Repeat("fbf07e3c1d99aa05", 4))
	if err != nil {
		t.Fatal(err)
	}
	other, err := hex.DecodeString(dataKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"base64":                    base64.StdEncoding.EncodeToString(key) + " " + dataKey,
		"base64 without the end":    base64.RawStdEncoding.EncodeToString(key) + "," + dataKey,
		"base64 of URLs":            base64.URLEncoding.EncodeToString(key) + "\n" + strings.ToUpper(dataKey) + "\n",
		"hexadecimal":               strings.Repeat("fbf07e3c1d99aa05", 4) + " ,\t" + dataKey,
		"several lines and a blank": "\n" + strings.Repeat("FBF07E3C1D99AA05", 4) + "\r\n\r\n" + dataKey,
	} {
		s, err := load(t, append(real, "DATA_KEY="+text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		keys, err := s.DataKeys()
		if err != nil || len(keys) != 2 || !bytes.Equal(keys[0], key) || !bytes.Equal(keys[1], other) {
			t.Errorf("%s: %x, %v", name, keys, err)
		}
	}
}

func TestAnErrorAboutADataKeyTellsNothingOfIt(t *testing.T) {
	_, err := load(t, append(real, "DATA_KEY=a-canary-of-a-key,"+dataKey))
	if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), dataKey) {
		t.Errorf("error = %v", err)
	}
}

func TestTheSimulationKeepsADataKeyBesideTheDatabase(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	keep := func() settings.Settings {
		t.Helper()
		s, err := load(t, []string{"DATABASE_URL=sqlite:" + filepath.Join(folder, "test.db")})
		if err == nil {
			err = s.KeepDataKey()
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := keep()
	if again := keep(); again.DataKey != first.DataKey {
		t.Error("the second start has another key")
	}
	info, err := os.Stat(filepath.Join(folder, "data.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
}

func TestADataKeyIsTakenFromItsFileAgainWhenItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(dataKey + "\n")
	s, err := load(t, append(real, "DATA_KEY=", "DATA_KEY_FILE="+path))
	if err != nil {
		t.Fatal(err)
	}
	f := s.FollowDataKey()
	want := func(what string, n int, wrong bool) {
		t.Helper()
		keys, err := f.Changed()
		if len(keys) != n || (err != nil) != wrong {
			t.Errorf("%s: %d keys, %v; want %d, an error: %v", what, len(keys), err, n, wrong)
		}
	}
	want("at first", 1, false)
	want("as it was", 0, false)
	write(strings.Repeat("fbf07e3c1d99aa05", 4) + "\n" + dataKey + "\n")
	want("with a new key in front", 2, false)
	write("half a ke")
	want("in the middle of being written", 0, true)
	want("the error is told once", 0, false)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want("gone", 0, true)
	want("still gone", 0, false)
	s.DataKeyFile = ""
	f = s.FollowDataKey()
	want("no file", 0, false)
}
