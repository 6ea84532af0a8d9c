package monosim

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Kinds of ids. The byte stands fifth, behind the seconds.
const (
	kindAccount     byte = 0xac
	kindJob         byte = 0x0b
	kindInstitution byte = 0xba
	kindMethod      byte = 0x3e // a way to sign in at an institution
	kindTransaction byte = 0x7a
	kindApp         byte = 0xa0
	kindBusiness    byte = 0xb0
)

// sandboxEpoch is when all fixed ids, and what they name, were made.
var sandboxEpoch = time.Date(2025, 7, 28, 9, 30, 0, 0, time.UTC)

// An objectID is a Mongo ObjectId by its looks, 24 hex digits that begin with the
// seconds, and says what it stands for. Its last two bytes are a check sum: changing
// any digit of a real id gives an unknown one.
type objectID struct {
	At      time.Time // whole seconds
	Kind    byte
	Holding int // index
	Nonce   uint32
}

func (id objectID) String() string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(id.At.Unix()))
	binary.BigEndian.PutUint32(b[6:], id.Nonce)
	b[4], b[5] = id.Kind, byte(id.Holding)
	sum := sha256.Sum256(b[:10])
	copy(b[10:], sum[:])
	return hex.EncodeToString(b[:])
}

// parseID reads an id of a kind that String made.
func parseID(text string, kind byte) (id objectID, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 12 {
		return id, false
	}
	id = objectID{
		At:   time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC(),
		Kind: b[4], Holding: int(b[5]), Nonce: binary.BigEndian.Uint32(b[6:]),
	}
	return id, id.Kind == kind && id.Holding < countHoldings() && id.String() == text
}

func fixedID(kind byte, holding int, nonce uint32) string {
	return objectID{At: sandboxEpoch, Kind: kind, Holding: holding, Nonce: nonce}.String()
}

// newID makes an id of something that begins now. s.mu must be held.
func (s *Server) newID(kind byte, holding int) string {
	s.nonce++
	// differs from those of a start within the same second
	nonce := s.nonce ^ uint32(s.now().Nanosecond())
	return objectID{At: s.now(), Kind: kind, Holding: holding, Nonce: nonce}.String()
}

// customerID is the id of whoever has an e-mail address: Mono finds or makes its
// customer by it ("Connect link", 2025-01-28).
func customerID(email string) string {
	sum := sha256.Sum256([]byte("customer " + strings.ToLower(email)))
	check := sha256.Sum256(sum[:9])
	return hex.EncodeToString(append(sum[:9], check[:3]...))
}

// knownCustomer says whether customerID made an id, be it before a restart.
func knownCustomer(id string) bool {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != 12 {
		return false
	}
	check := sha256.Sum256(b[:9])
	return string(b[9:]) == string(check[:3])
}

// token makes n letters and digits, in capitals, that nothing had before. s.mu must be
// held.
func (s *Server) token(n int) string {
	s.nonce++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", s.cfg.SecretKey, s.nonce, s.now().UnixNano()))
	return base32.StdEncoding.EncodeToString(sum[:])[:n]
}
