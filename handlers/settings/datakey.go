package settings

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"balancelink/okra/provider"
)

// dataKeySize is the length of a data key in bytes.
const dataKeySize = 32

// DataKeys are the keys in DataKey, the newest first. The error is a sentence
// that holds nothing of them.
func (s *Settings) DataKeys() ([][]byte, error) { return readDataKeys(s.DataKey.Reveal()) }

func readDataKeys(text string) (keys [][]byte, err error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
	for i, word := range words {
		key, ok := readDataKey(word)
		switch {
		case !ok:
			return nil, fmt.Errorf("DATA_KEY: key %d of %d is not %d bytes as base64 or hexadecimal digits (openssl rand -base64 %d makes one)",
				i+1, len(words), dataKeySize, dataKeySize)
		case slices.ContainsFunc(keys, func(k []byte) bool { return string(k) == string(key) }):
			return nil, fmt.Errorf("DATA_KEY: key %d of %d is there twice", i+1, len(words))
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New(
			"DATA_KEY is missing: it seals account numbers, payloads and second factors in the database",
		)
	}
	return keys, nil
}

// readDataKey reads one key, as hexadecimal digits or any base64.
func readDataKey(word string) (key []byte, ok bool) {
	key, err := hex.DecodeString(word)
	if err != nil {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(word, "="))
		key, err = base64.RawStdEncoding.DecodeString(word)
	}
	return key, err == nil && len(key) == dataKeySize
}

func (s *Settings) checkDataKey() error {
	if s.DataKey == "" && s.Simulated() {
		return nil // KeepDataKey makes one
	}
	_, err := s.DataKeys()
	return err
}

// KeepDataKey fills in DataKey when it was not given, which only the simulation
// allows: from the file beside the database, made on the first start. That file
// is then followed as DATA_KEY_FILE is.
func (s *Settings) KeepDataKey() error {
	err := s.FindDataKey()
	if err != nil || s.DataKey != "" {
		return err
	}
	text, err := makeDataKey(s.folder(), s.ownDataKey())
	if err != nil {
		return fmt.Errorf("keeping the data key: %w", err)
	}
	s.DataKey, s.DataKeyFile = provider.Secret(text), s.ownDataKey()
	return s.checkDataKey()
}

// ownDataKey is where the simulation keeps its key.
func (s *Settings) ownDataKey() string {
	return filepath.Join(s.folder(), "data.key")
}

// FindDataKey is [Settings.KeepDataKey], but makes none: DataKey stays empty.
func (s *Settings) FindDataKey() error {
	if s.DataKey != "" || !s.Simulated() {
		return nil
	}
	text, err := os.ReadFile(s.ownDataKey())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the data key: %w", err)
	}
	s.DataKey, s.DataKeyFile = provider.Secret(strings.TrimSpace(string(text))), s.ownDataKey()
	return s.checkDataKey()
}

// makeDataKey writes a new key to the disk before anything is sealed under it.
func makeDataKey(folder, path string) ([]byte, error) {
	key := make([]byte, dataKeySize)
	rand.Read(key[copy(key, demoKey):])
	text := base64.StdEncoding.AppendEncode(nil, key)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(append(slices.Clone(text), '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, err
	}
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	return text, errors.Join(dir.Sync(), dir.Close())
}

// KeyFile follows the file that the data keys came from, so that a key can be
// changed while the program runs.
type KeyFile struct {
	path string

	mu    sync.Mutex
	stamp keyStamp // of the file when it was last read
}

type keyStamp struct {
	at   time.Time
	size int64
}

// FollowDataKey follows the file of the data keys; without one nothing ever changes.
func (s *Settings) FollowDataKey() *KeyFile { return &KeyFile{path: s.DataKeyFile} }

// Changed returns the keys of a file that was changed since the last call, or
// what is wrong with them, once. Otherwise it returns nil.
func (f *KeyFile) Changed() ([][]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" {
		return nil, nil
	}
	info, err := os.Stat(f.path)
	var stamp keyStamp
	if err == nil {
		stamp = keyStamp{info.ModTime(), info.Size()}
	}
	if stamp == f.stamp {
		return nil, nil
	}
	f.stamp = stamp
	if err != nil {
		return nil, fmt.Errorf("DATA_KEY_FILE cannot be read: %w", err)
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("DATA_KEY_FILE cannot be read: %w", err)
	}
	return readDataKeys(secretIn(text))
}
