package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/sheet"
	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/days"
	"balancelink/views"
)

// balancesCSV handles GET /balances.csv: the balances of all accounts of the customers
// whom the list shows as it is searched and filtered, as they are now or as they were at
// the end of a day.
func (s *Server) balancesCSV(c *gin.Context) error {
	q, day := s.listQuery(c), c.Query("day")
	q.After = store.Place{}
	until, ok := s.endOf(day)
	if !ok {
		return s.renderCustomers(c, http.StatusUnprocessableEntity, views.Customers{
			Day: web.Clip(day, 20), DayError: web.Say(c, "Choose a day that has begun."),
		})
	}
	detail := strings.Join(strings.Fields("balances "+day+" "+string(q.Filter)), " ")
	act := store.Act{Actor: store.ByStaff(web.MustStaff(c).ID), Action: store.ActListExported, Detail: detail}
	if err := s.Store.Record(c.Request.Context(), act); err != nil {
		return err
	}
	name := day
	if name == "" {
		name = s.Now().In(s.Settings.Location).Format(time.DateOnly)
	}
	ctx := c.Request.Context()
	lines := s.linesOf(ctx, q, func(some []store.CustomerRow) ([][]any, error) {
		return s.accountRows(ctx, some, day, until)
	})
	return web.WriteCSV(c, "balances-"+name+".csv", sheet.AccountsHeader(), lines)
}

// endOf is when a day ends, as it is written; ok is false for what is none or has not
// begun. Of no day it is the zero time.
func (s *Server) endOf(day string) (end time.Time, ok bool) {
	if day == "" {
		return end, true
	}
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return end, false
	}
	begin := days.On(date.Year(), date.Month(), date.Day(), s.Settings.Location)
	return days.Next(begin), !begin.After(s.Now())
}

// accountRows are a line for each account of some customers.
func (s *Server) accountRows(
	ctx context.Context, customers []store.CustomerRow, day string, until time.Time,
) (rows [][]any, err error) {
	ids := make([]string, len(customers))
	for i, cu := range customers {
		ids[i] = cu.ID
	}
	accounts, err := s.Store.AccountsByCustomers(ctx, ids)
	if err != nil {
		return nil, err
	}
	also, err := s.sharedWith(ctx, accounts)
	if err != nil {
		return nil, err
	}
	for _, cu := range customers {
		for _, a := range accounts[cu.ID] {
			row := sheet.AccountRow(cu.Customer, a, also[a.ID].Name, s.Settings.Location)
			if day != "" {
				if row, err = s.accountRowOf(ctx, cu.Customer, a, also[a.ID].Name, day, until); err != nil {
					return nil, err
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// sharedWith is who has accounts of customers too, by account.
func (s *Server) sharedWith(ctx context.Context, of map[string][]store.Account) (map[string]store.Named, error) {
	var ids []string
	for _, accounts := range of {
		for _, a := range accounts {
			ids = append(ids, a.ID)
		}
	}
	return s.Store.SharedWith(ctx, ids...)
}

func (s *Server) accountRowOf(
	ctx context.Context, cu store.Customer, a store.Account, also, day string, until time.Time,
) ([]any, error) {
	o, err := s.Store.BalanceAt(ctx, store.Whole(), a.ID, until)
	if errors.Is(err, store.ErrNotFound) {
		return sheet.AccountRowOf(day, cu, a, also, nil, s.Settings.Location), nil
	}
	return sheet.AccountRowOf(day, cu, a, also, &o, s.Settings.Location), err
}
