package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"balancelink/okra/provider/wire"
	"balancelink/store"
)

// idempotencyKey is the header by which a request that is sent again is known.
const idempotencyKey = "Idempotency-Key"

// read reads the body of a request, which is one JSON object without a field too many.
func read(c *gin.Context, into any) error {
	text, err := body(c)
	if err != nil {
		return err
	}
	if media, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type")); media != "application/json" {
		return &problem{
			status: http.StatusUnsupportedMediaType, code: codeMediaType, detail: "Send application/json.",
		}
	}
	if !utf8.Valid(text) {
		return malformed("The body is no UTF-8.")
	}
	switch _, doubt, _ := wire.DecodeDoubtful(text); {
	case errors.Is(doubt, wire.ErrTwice):
		return malformed("A field stands twice in one object.")
	case errors.Is(doubt, wire.ErrNoText):
		return malformed("A text has NUL in it, or half of a pair of surrogates.")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return invalid(wrong.Field, "What stands there is of another type: "+wrong.Value+".")
	case err != nil:
		return malformed("The body is not what is expected: " + strings.TrimPrefix(err.Error(), "json: ") + ".")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed("Something follows the JSON object.")
	}
	return nil
}

// bodyKey is under which a body stays that was read: it is read once, and hashed too.
const bodyKey = "body"

func body(c *gin.Context) ([]byte, error) {
	if text, ok := c.Get(bodyKey); ok {
		return text.([]byte), nil
	}
	text, err := io.ReadAll(c.Request.Body)
	c.Set(bodyKey, text)
	return text, err
}

// noBody refuses a request that has a body.
func noBody(c *gin.Context) error {
	if n, err := c.Request.Body.Read(make([]byte, 1)); n > 0 || err != nil && !errors.Is(err, io.EOF) {
		return malformed("Send no body.")
	}
	return nil
}

// invalid is the answer to a field that cannot be taken.
func invalid(field, detail string) *problem {
	return &problem{status: http.StatusUnprocessableEntity, code: codeInvalid, field: field, detail: detail}
}

// mostIdem is how many characters an idempotency key may have.
const mostIdem = 255

// once is a request that is to be done once, as its Idempotency-Key says.
func once(c *gin.Context, status int) (store.Once, error) {
	idem := c.GetHeader(idempotencyKey)
	printable := strings.IndexFunc(idem, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if idem == "" || len(idem) > mostIdem || !printable {
		return store.Once{}, &problem{
			status: http.StatusBadRequest, code: codeIdempotencyMissing, field: idempotencyKey,
			detail: "Send an Idempotency-Key of 1 to 255 printable characters, a new one for each thing to be done.",
		}
	}
	text, err := body(c)
	if err != nil {
		return store.Once{}, err
	}
	sum := sha256.Sum256([]byte(c.Request.Method + "\n" + c.Request.URL.Path + "\n" + string(text)))
	return store.Once{
		KeyID: keyOf(c).ID, Idem: idem, Asked: hex.EncodeToString(sum[:]), Status: status,
	}, nil
}

// replayed says in the answer whether it was done before.
func replayed(c *gin.Context, d store.Done) {
	if d.Replayed {
		c.Header("Idempotent-Replayed", "true")
	}
}

// Of lists: how many rows a page has when nothing is said, and at most.
const (
	usualPage   = 50
	longestPage = 200
)

// after is behind which row a list goes on; empty: it begins.
func after(c *gin.Context) (string, error) {
	id := c.Query("after")
	if id != "" && !store.IsID(id) {
		return "", invalid("after", "It is what next was.")
	}
	return id, nil
}

// limit is how many rows are asked for.
func limit(c *gin.Context) (int, error) {
	text := c.Query("limit")
	if text == "" {
		return usualPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > longestPage {
		return 0, invalid("limit", "It is a number from 1 to 200.")
	}
	return n, nil
}

// list is a page of a list. Next is where the next page begins, for after; null: this is
// the last one.
type list[T any] struct {
	Object string  `json:"object"`
	Data   []T     `json:"data"`
	Next   *string `json:"next"`
}

// pageOf is a page of rows of which one more than fits was asked for.
func pageOf[T, R any](rows []R, fits int, id func(R) string, draw func(R) T) list[T] {
	l := list[T]{Object: "list", Data: []T{}}
	if len(rows) > fits {
		last := id(rows[fits-1])
		rows, l.Next = rows[:fits], &last
	}
	for _, r := range rows {
		l.Data = append(l.Data, draw(r))
	}
	return l
}
