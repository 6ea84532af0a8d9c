package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"balancelink/store/money"
)

// Export is everything that is known of a customer, as one indented JSON
// document and as it was at one moment: a list of rows for each table. Payloads
// are as they were stored, without secrets; amounts are minor units with their
// currency and a decimal text. An unknown customer is [ErrNotFound]. Whoever has
// the [Extract] closes it.
func (s *Store) Export(ctx context.Context, customerID string) (*Extract, error) {
	return s.extract(ctx, func(q querier, w io.Writer) error {
		var name string
		if err := q.QueryRowContext(ctx, `SELECT id FROM customers WHERE id = $1`, customerID).Scan(&name); err != nil {
			return orNoRows(err)
		}
		out := bufio.NewWriter(w)
		fmt.Fprintf(out, "{\n  \"exported_at\": %q", s.now().UTC().Format(time.RFC3339))
		for _, t := range slices.Backward(personal) {
			if t.Columns == "" {
				continue // all of it is a copy, made for searching
			}
			fmt.Fprintf(out, ",\n  %q: [", t.Name)
			if err := t.export(ctx, q, customerID, out); err != nil {
				return fmt.Errorf("store: exporting %s: %w", t.Name, err)
			}
			io.WriteString(out, "]")
		}
		io.WriteString(out, "\n}\n")
		return out.Flush()
	})
}

// export writes a customer's rows of one table as the elements of a JSON array.
func (t personalTable) export(ctx context.Context, q querier, customerID string, w *bufio.Writer) error {
	columns := strings.Fields(t.Columns)
	rows, err := q.QueryContext(ctx, t.selectSQL(columns), customerID)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, len(columns)+1) // the last is the currency
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	between := ""
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := t.open(keyringOf(q), columns, values); err != nil {
			return err
		}
		text, err := json.MarshalIndent(exportedRow{columns, values}, "    ", "  ")
		if err != nil {
			return err
		}
		if _, err := w.WriteString(between + "\n    " + string(text)); err != nil {
			return err
		}
		between = ","
	}
	if between != "" {
		w.WriteString("\n  ")
	}
	return rows.Err()
}

// open opens what is sealed of a row's values.
func (t personalTable) open(keys *Keyring, columns []string, values []any) error {
	for i, c := range columns {
		name, _ := exported(c)
		column := sealedIn(t.Name, name)
		if column == nil {
			continue
		}
		id := values[slices.Index(columns, column.row)].(string)
		value, err := keys.open(column, id, bytesOf(values[i]))
		if err != nil {
			return err
		}
		values[i] = value
	}
	return nil
}

// bytesOf is a text or binary value as the driver gives it.
func bytesOf(value any) []byte {
	if b, ok := value.([]byte); ok {
		return b
	}
	text, _ := value.(string)
	return []byte(text)
}

func (t personalTable) selectSQL(columns []string) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i], _ = exported(c)
	}
	code := t.Currency
	if code == "" {
		code = `''`
	}
	return `SELECT ` + strings.Join(names, ", ") + `, ` + code + ` FROM ` + t.Name + ` WHERE ` + t.Rows +
		` ORDER BY ` + names[0]
}

// exportedRow is a row as a JSON object whose members stand in the order of its columns.
type exportedRow struct {
	columns []string
	values  []any // one more than columns: the currency
}

// MarshalJSON implements [json.Marshaler].
func (r exportedRow) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	code, _ := r.values[len(r.columns)].(string)
	for i, c := range r.columns {
		name, kind := exported(c)
		value, err := json.Marshal(exportedValue(kind, r.values[i], code))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		b.WriteString(strconv.Quote(name) + ":")
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// exportedMoney is an amount in an export.
type exportedMoney struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
	Amount   string `json:"amount,omitempty"` // none where the currency's scale is not known
}

func exportedValue(kind string, value any, code string) any {
	if b, ok := value.([]byte); ok {
		value = string(b)
	}
	switch v := value.(type) {
	case int64:
		switch kind {
		case "time":
			return time.UnixMilli(v).UTC().Format("2006-01-02T15:04:05.000Z")
		case "money":
			return exportedMoney{v, code, money.Decimal(v, code)}
		case "bool":
			return v != 0
		}
	case string:
		if kind == "json" && json.Valid([]byte(v)) {
			return json.RawMessage(v)
		}
	}
	return value
}
