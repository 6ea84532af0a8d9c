package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// column is one of a table's.
type column struct {
	table, name string
	kind        string // in capitals, as the migrations write it: both databases keep it
	key         int64  // its place in the primary key, from 1 on; 0: it is not of that
}

func scanColumn(row scanner) (c column, err error) {
	err = row.Scan(&c.table, &c.name, &c.kind, &c.key)
	c.kind = strings.ToUpper(c.kind)
	return c, err
}

func scanPair(row scanner) (p [2]string, err error) { return p, row.Scan(&p[0], &p[1]) }

// passing are tables of what is of one database, or of the processes that have it open.
var passing = []string{"writer", "leases", "instances", "backups", "self_checks", "works"}

// shape is a table that something is kept in for good, and its columns.
type shape struct {
	table
	columns []column
}

// shapes are all such tables, each behind those that its rows refer to.
func shapes(ctx context.Context, e engine, q querier) (all []shape, err error) {
	columns, err := e.columns(ctx, q)
	if err != nil {
		return nil, err
	}
	leads, err := e.references(ctx, q)
	if err != nil {
		return nil, err
	}
	var waiting []shape
	for _, c := range columns {
		s := shape{table: table{name: c.table}}
		if !s.ours() || slices.Contains(passing, c.table) {
			continue
		}
		if n := len(waiting); n == 0 || waiting[n-1].name != c.table {
			waiting = append(waiting, s)
		}
		last := &waiting[len(waiting)-1]
		last.columns = append(last.columns, c)
	}
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, func(s shape) bool { return !s.refersTo(waiting, leads) })
		if i < 0 {
			return nil, fmt.Errorf("the rows of %s and of others refer to each other", waiting[0].name)
		}
		all, waiting = append(all, waiting[i]), slices.Delete(waiting, i, i+1)
	}
	return all, nil
}

// refersTo says whether rows of the table refer to those of one of the others.
func (s shape) refersTo(others []shape, leads [][2]string) bool {
	return slices.ContainsFunc(leads, func(lead [2]string) bool {
		return lead[0] == s.name && lead[1] != s.name &&
			slices.ContainsFunc(others, func(o shape) bool { return o.name == lead[1] })
	})
}
