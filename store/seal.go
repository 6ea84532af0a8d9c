package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// A few columns lie sealed in the database: what they hold is worth a theft of
// the file by itself, and nobody searches by it. A sealed value is
//
//	s1:KEYID:NONCE+CIPHERTEXT+TAG
//
// with AES-256-GCM under the key of that id, a random nonce, and table, column
// and row id as the additional data, so that it opens nowhere but where it was
// put. In a column of texts the last part is base64. Empty stays empty.

// sealedColumn is a column whose values are sealed.
type sealedColumn struct {
	table, name string
	row         string // the column with the row's id
	binary      bool   // BYTEA rather than TEXT
	plain       string // a value that may stand there unsealed: it says that nothing is kept
	later       bool   // its table came after the sealing: nothing ever lay there in clear
}

var (
	accountNUBAN   = &sealedColumn{table: "accounts", name: "nuban", row: "id"}
	eventBody      = &sealedColumn{table: "events", name: "body", row: "id", binary: true, plain: droppedBody}
	attemptReport  = &sealedColumn{table: "link_attempts", name: "report", row: "id"}
	attemptPending = &sealedColumn{table: "link_attempts", name: "pending", row: "id"}
	apiSecret      = &sealedColumn{table: "api_requests", name: "secret", row: "id", later: true}
	endpointSecret = &sealedColumn{table: "endpoints", name: "secret", row: "id", later: true}
	factorSeed     = &sealedColumn{table: "second_factors", name: "seed", row: "staff_id"}
	heldContent    = &sealedColumn{table: "held_files", name: "content", row: "staff_id", binary: true, later: true}
)

// endpointSecretOld is the one before.
var endpointSecretOld = &sealedColumn{table: "endpoints", name: "secret_old", row: "id", later: true}

// sealedColumns are all of them.
var sealedColumns = []*sealedColumn{
	accountNUBAN, eventBody, attemptReport, attemptPending, apiSecret, endpointSecret, endpointSecretOld, factorSeed,
	heldContent,
}

// sealedIn finds a sealed column by its names; nil: it is none.
func sealedIn(table, name string) *sealedColumn {
	i := slices.IndexFunc(sealedColumns, func(c *sealedColumn) bool { return c.table == table && c.name == name })
	if i < 0 {
		return nil
	}
	return sealedColumns[i]
}

// String is the column's whole name.
func (c *sealedColumn) String() string { return c.table + "." + c.name }

// keepsPlain says of a value whether it stands in the column as it is.
func (c *sealedColumn) keepsPlain(value []byte) bool {
	return len(value) == 0 || string(value) == c.plain
}

// bound is the additional data of a row's value.
func (c *sealedColumn) bound(row string) []byte {
	return slices.Concat([]byte(c.table), []byte{0}, []byte(c.name), []byte{0}, []byte(row))
}

const sealMark = "s1:"

// KeySize is the length of a data key in bytes.
const KeySize = 32

// idLength is the length of a key's id in the text of a sealed value.
const idLength = 8

// Keyring holds the keys of the sealed columns, the newest first: it seals with
// that one and opens with all.
type Keyring struct{ keys []dataKey }

type dataKey struct {
	id   string
	aead cipher.AEAD
}

// NewKeyring makes a keyring of keys of [KeySize] bytes, the newest first. No
// two may be the same.
func NewKeyring(keys ...[]byte) (*Keyring, error) {
	k := &Keyring{}
	for _, key := range keys {
		if len(key) != KeySize {
			return nil, fmt.Errorf("store: a data key has %d bytes; it must have %d", len(key), KeySize)
		}
		id := keyID(key)
		if k.find(id) != nil {
			return nil, fmt.Errorf("store: the data key %s is there twice", id)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		k.keys = append(k.keys, dataKey{id, aead})
	}
	if len(k.keys) == 0 {
		return nil, errNoKey
	}
	return k, nil
}

// keyID names a key without telling anything of it.
func keyID(key []byte) string {
	sum := sha256.Sum256(append([]byte("balancelink data key\x00"), key...))
	return hex.EncodeToString(sum[:])[:idLength]
}

// IDs are the ids of the keys, the newest first.
func (k *Keyring) IDs() []string {
	var all []string
	for _, key := range k.keys {
		all = append(all, key.id)
	}
	return all
}

func (k *Keyring) find(id string) cipher.AEAD {
	for _, key := range k.keys {
		if key.id == id {
			return key.aead
		}
	}
	return nil
}

// errNoKey says that the store was opened without a key: nothing is sealed or
// opened then.
var errNoKey = errors.New("DATA_KEY is missing: this database is sealed and its audit log is kept under it")

// SealError says that a sealed value does not open. Nothing of it is given out.
type SealError struct {
	Table, Column, Row string
	Cause              string
}

// Error names the place of the value.
func (e *SealError) Error() string {
	return fmt.Sprintf("store: the sealed %s.%s of row %s does not open: %s", e.Table, e.Column, e.Row, e.Cause)
}

// seal is a row's value as the column keeps it.
func (k *Keyring) seal(c *sealedColumn, row string, value []byte) ([]byte, error) {
	if c.keepsPlain(value) {
		return value, nil
	}
	if k == nil {
		return nil, errNoKey
	}
	newest := k.keys[0]
	out := make([]byte, 0, len(sealMark)+idLength+1+len(value)+newest.aead.Overhead())
	out = append(append(append(out, sealMark...), newest.id...), ':')
	head := len(out)
	out = newest.aead.Seal(out, nil, value, c.bound(row))
	if c.binary {
		return out, nil
	}
	return base64.RawStdEncoding.AppendEncode(slices.Clone(out[:head]), out[head:]), nil
}

// open is the value that was sealed for that column and row.
func (k *Keyring) open(c *sealedColumn, row string, kept []byte) ([]byte, error) {
	if c.keepsPlain(kept) {
		return kept, nil
	}
	fail := func(cause string) ([]byte, error) { return nil, &SealError{c.table, c.name, row, cause} }
	id, sealed, ok := splitSealed(kept)
	switch {
	case k == nil:
		return fail("there is no data key")
	case !ok:
		return fail("it was put there unsealed")
	}
	aead := k.find(id)
	if aead == nil {
		return fail("DATA_KEY does not hold its key " + id)
	}
	if !c.binary {
		var err error
		if sealed, err = base64.RawStdEncoding.AppendDecode(nil, sealed); err != nil {
			return fail("it was changed")
		}
	}
	value, err := aead.Open(nil, nil, sealed, c.bound(row))
	if err != nil {
		return fail("it was changed, or moved here from somewhere else")
	}
	return value, nil
}

// splitSealed takes a sealed value apart. It is not ok for one that is not sealed.
func splitSealed(kept []byte) (id string, sealed []byte, ok bool) {
	rest, ok := bytes.CutPrefix(kept, []byte(sealMark))
	if !ok || len(rest) <= idLength || rest[idLength] != ':' {
		return "", nil, false
	}
	return string(rest[:idLength]), rest[idLength+1:], true
}

// sealed is a value for a sealed column of a row, as a statement takes it.
func (tx *tx) sealed(c *sealedColumn, row, value string) (string, error) {
	kept, err := tx.keyring().seal(c, row, []byte(value))
	return string(kept), err
}

// opening scans a sealed column and opens it: it only works in a query of
// [collect] or [one].
type opening struct {
	column *sealedColumn
	row    *string // the row's id, scanned beside it
	text   *string // where the value goes; nil: into bytes
	bytes  *[]byte
	broken *error // where it is noted that it does not open; nil: scanning fails

	kept []byte
}

// Scan implements [sql.Scanner].
func (o *opening) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		o.kept = nil
	case string:
		o.kept = []byte(v)
	case []byte:
		o.kept = slices.Clone(v)
	default:
		return fmt.Errorf("%s is a %T", o.column, src)
	}
	return nil
}

func (o *opening) open(k *Keyring) error {
	value, err := k.open(o.column, *o.row, o.kept)
	if o.text != nil {
		*o.text = string(value)
	} else {
		*o.bytes = value
	}
	if err != nil && o.broken != nil {
		*o.broken, err = err, nil
	}
	return err
}

// opener is a querier that has the keys of what it finds.
type opener interface{ keyring() *Keyring }

func keyringOf(q querier) *Keyring {
	if o, ok := q.(opener); ok {
		return o.keyring()
	}
	return nil
}

// openRow is a row whose sealed columns are opened once all columns are scanned.
type openRow struct {
	scanner
	keys *Keyring
}

func (r openRow) Scan(dest ...any) error {
	if err := r.scanner.Scan(dest...); err != nil {
		return err
	}
	for _, d := range dest {
		if o, sealed := d.(*opening); sealed {
			if err := o.open(r.keys); err != nil {
				return err
			}
		}
	}
	return nil
}
