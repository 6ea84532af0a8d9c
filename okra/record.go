package okra

import (
	"context"
	"fmt"
	"slices"
	"time"

	"balancelink/okra/provider"
	"balancelink/okra/provider/wire"
)

// Record is one completed login at a bank. Connecting again makes a new record
// for the same customer and accounts.
type Record struct {
	ID, Env, Customer string
	Owners            []string
	Bank              Bank
	// Attempt is what the widget was given as options.attempt, as the record
	// echoes it. Empty: it does not.
	Attempt string
	// Running and Completed are the process flags of the record's job.
	Running, Completed bool
	// CreatedAt is the time in the id where the answer states none.
	CreatedAt time.Time
}

// Record returns the record with this id.
func (c *Client) Record(ctx context.Context, recordID string) (Record, error) {
	const op = "products/records/get"
	data, err := c.post(ctx, op, map[string]any{"record_id": recordID})
	if err != nil {
		return Record{}, err
	}
	record, err := parseRecord(data, recordID)
	if err != nil {
		return Record{}, badAnswer(op, err)
	}
	return record, nil
}

// parseRecord reads data.records, which the documents of product-records show
// as one object, for the record that was asked for. They show no owner, customer,
// env or created_at; a record in /products/auths of 2020 had the first three.
// That it echoes the widget's options, as webhooks do, is inferred: there may be
// none.
func parseRecord(data wire.Object, recordID string) (Record, error) {
	records, err := data.List("records")
	if err != nil {
		return Record{}, err
	}
	if len(records) == 0 {
		return Record{}, fmt.Errorf("%w: no record", provider.ErrBadShape)
	}
	i := slices.IndexFunc(records, func(o wire.Object) bool { return o.ID("_id", "id") == recordID })
	if i < 0 {
		return Record{}, errNotAsked
	}
	r := wire.Reader{Object: records[i]}
	process := r.Object.Object("status").Object("process")
	record := Record{
		ID:        recordID,
		Env:       r.Word("env"),
		Owners:    r.Refs("owner"),
		Customer:  r.Ref("customer", "customerId", "customer_id"),
		Bank:      firstBank(r.Object),
		Attempt:   attemptOf(r.Object),
		Running:   process.Is("running"),
		Completed: process.Is("completed"),
		CreatedAt: r.Time("created_at"),
	}
	if record.CreatedAt.IsZero() {
		record.CreatedAt, _ = wire.ObjectIDTime(record.ID)
	}
	return record, nil
}
