package store_test

import (
	"context"
	"errors"
	"testing"
)

func TestATransactionWhoseContextEndsSaysSo(t *testing.T) {
	d := newDB(t)
	change, reading := d.EndedWithin(t)
	for name, err := range map[string]error{"a change": change, "a reading": reading} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
