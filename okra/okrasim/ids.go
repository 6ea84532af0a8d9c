package okrasim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// Kinds of ids. The byte stands fifth, behind the seconds.
const (
	kindCustomer byte = 0xc0
	kindAccount  byte = 0xac
	kindBalance  byte = 0xba
	kindAuth     byte = 0xa0
	kindLink     byte = 0x11 // record of one completed widget
	kindRefresh  byte = 0x4e // record of one balance/refresh
	kindCheck    byte = 0xce // record of one balance/check
)

// sandboxEpoch is when all fixed ids, and what they name, were made.
var sandboxEpoch = time.Date(2023, 6, 5, 17, 12, 59, 0, time.UTC)

// An objectID is a Mongo ObjectId by its looks (24 hex digits that begin with
// the seconds) and says what it stands for, so that a record outlives the
// memory of the server that made it. Its last two bytes are a check sum:
// changing any digit of a real id gives an unknown one.
type objectID struct {
	At      time.Time // whole seconds
	Kind    byte
	Login   int
	Shared  byte // of a link: bit n is set when account n was shared
	Account int
	Nonce   uint16
}

func (id objectID) String() string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(id.At.Unix()))
	b[4], b[5], b[6], b[7] = id.Kind, byte(id.Login), id.Shared, byte(id.Account)
	binary.BigEndian.PutUint16(b[8:], id.Nonce)
	sum := sha256.Sum256(b[:10])
	copy(b[10:], sum[:])
	return hex.EncodeToString(b[:])
}

// parseID reads an id that String made and that fits the sandbox.
func parseID(text string) (id objectID, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 12 {
		return id, false
	}
	id = objectID{
		At:      time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC(),
		Kind:    b[4],
		Login:   int(b[5]),
		Shared:  b[6],
		Account: int(b[7]),
		Nonce:   binary.BigEndian.Uint16(b[8:]),
	}
	fits := id.Login < len(customers) && id.Account < len(customers[id.Login].Accounts)
	return id, fits && id.String() == text
}

func fixedID(kind byte, login, account int) string {
	return objectID{At: sandboxEpoch, Kind: kind, Login: login, Account: account}.String()
}

// newID makes the id of a record that starts now. s.mu must be held.
func (s *Server) newID(kind byte, login, account int, shared byte) objectID {
	s.nonce++
	now := s.now()
	nonce := s.nonce ^ uint16(now.Nanosecond()>>10) // differs from those of a start within the same second
	return objectID{
		At: now.Truncate(time.Second).UTC(), Kind: kind, Login: login, Shared: shared, Account: account, Nonce: nonce,
	}
}
