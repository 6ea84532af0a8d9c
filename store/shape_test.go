package store_test

import (
	"slices"
	"testing"
)

func TestATableComesBehindThoseThatItsRowsReferTo(t *testing.T) {
	d := newDB(t)
	order, _ := d.Shapes(t)
	_, parents := d.Schema(t)
	if len(order) < 40 || len(parents) < 10 {
		t.Errorf("there are %d tables, of which %d refer to others", len(order), len(parents))
	}
	for child, of := range parents {
		for _, parent := range of {
			if child != parent && slices.Index(order, parent) > slices.Index(order, child) {
				t.Errorf("%s comes before %s, to which it refers", child, parent)
			}
		}
	}
}
