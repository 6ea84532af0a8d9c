package okrasim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// linksWhere returns the records that fit, oldest first.
func (s *Server) linksWhere(fits func(*record) bool) []*record {
	list := slices.DeleteFunc(slices.Collect(maps.Values(s.records)), func(r *record) bool { return !fits(r) })
	slices.SortFunc(list, func(a, b *record) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return list
}

// authsByCustomer handles POST auth/getByCustomer, newest first.
func (s *Server) authsByCustomer(q query) answer {
	links := s.linksWhere(func(r *record) bool { return customerID(r.ID.Login) == q.text("customer") })
	slices.Reverse(links)
	cut, pagination := page(q, links)
	return success("Auth retrieved successfully", object{"pagination": pagination,
		"auths": each(cut, s.authObject)})
}

func (s *Server) authObject(r *record) object {
	auth, c := r.ID, customers[r.ID.Login]
	auth.Kind = kindAuth
	at := r.ID.At.Format(isoDate)
	return object{
		"_id": auth.String(), "id": auth.String(), "record": r.ID.String(), "__v": 0, "env": env, "validated": true,
		"bank": c.Bank.brief(), "customer": object{"_id": customerID(r.ID.Login), "name": c.Name},
		"owner": s.cfg.ClientToken, "current_project": projectID, "projects": []string{projectID},
		"created_at": at, "last_updated": at,
	}
}

// recordByID handles POST products/records/get. Only links have a record of
// their own. The stored sample breaks off: customer, owner, env and options
// are [inferred] from the record inside the auths of 2020.
func (s *Server) recordByID(q query) answer {
	r := s.adoptLink(q.text("record_id"))
	if r == nil {
		return unknown("Record")
	}
	at := r.ID.At.Format(isoDate)
	o := object{
		"_id": r.ID.String(), "env": env, "owner": s.cfg.ClientToken, "customer": customerID(r.ID.Login),
		"usedProduct": usedProducts(), "status": process(false), "products": []string{"auth", "balance"},
		"billable_products": []any{}, "source": "integration", "limit": 24, "currency": "NGN",
		"bank": customers[r.ID.Login].Bank.full(), "options": r.Options, "meta": r.Meta,
		"created_at": at, "last_updated": at,
	}
	return success("Records successfully sent!", object{"pagination": nil, "records": o})
}

func usedProducts() object {
	none := object{"status": false, "number": 0}
	return object{
		"periodic-transactions": none, "guarantors": none, "directors": none, "auth": true, "balance": true,
		"accounts": true, "transactions": false, "income": false, "identity": false, "direct-debit": false,
	}
}

// listCustomers handles POST customers/list, with its data inside data.
func (s *Server) listCustomers(q query) answer {
	var ids []string
	for _, a := range s.accountsWhere(func(a *account) bool { return a.Connected }) {
		if id := customerID(a.Login); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	cut, pagination := page(q, ids)
	return success("Customer's successfully retrieved", object{"total": len(ids), "data": object{
		"pagination": pagination, "customers": each(cut, s.customerObject)}})
}

func (s *Server) customerObject(id string) object {
	accounts := aboutCustomer(s, query{"customer": id})
	c, records := accounts[0].customer(), []object{}
	for _, r := range s.linksWhere(func(r *record) bool { return customerID(r.ID.Login) == id }) {
		records = append(records, object{"_id": r.ID.String(), "bank": customers[r.ID.Login].Bank.ID, "env": env})
	}
	return object{
		"_id": id, "__v": 0, "name": c.Name, "env": env, "email": []string{c.email()}, "phone": []string{},
		"record": records,
		"owner":  []object{{"_id": s.cfg.ClientToken, "name": "balancelink", "app_name": "balancelink"}},
		"credentials": each(accounts, func(a *account) object {
			return object{
				"bank": a.customer().Bank.full(), "nuban": a.NUBAN, "accountName": a.holder(), "connected": a.Connected,
			}
		}),
		"blocked": false, "linkLater": false, "debitLater": false, "unconnected": false, "manual": false,
		"otherInfo": []any{}, "created_at": sandboxEpoch.Format(isoDate), "last_updated": sandboxEpoch.Format(isoDate),
	}
}

func (c customer) email() string {
	return strings.ToLower(strings.ReplaceAll(c.Name, " ", "")) + "@okra-test-mail.com"
}

// sharesTransactions says whether a window of the account was asked for them:
// without the product Okra has none.
func (s *Server) sharesTransactions(a *account) bool {
	return slices.ContainsFunc(a.Records, func(id string) bool {
		r := s.adoptLink(id)
		return r != nil && r.Transactions
	})
}

// transactionsByAccount handles POST transactions/getByAccount: three cleared
// payments, and two pending debits under PendingTransactions. That a pending
// one has no cleared_date is [invented]: no source shows one.
func (s *Server) transactionsByAccount(q query) answer {
	return one(aboutAccount(s, q), func(a *account) answer {
		list := []object{}
		if !s.sharesTransactions(a) {
			return success("Transactions retrieved successfully", object{"pagination": nil, "transaction": list})
		}
		if a.Scenario == PendingTransactions {
			list = append(
				list, s.transaction(a, 1, "debit", "15000", true), s.transaction(a, 2, "debit", "4250.5", true),
			)
		}
		if a.Scenario != AvailableMissing {
			list = append(list, s.transaction(a, 3, "credit", "120000", false),
				s.transaction(a, 4, "debit", "2500", false), s.transaction(a, 5, "debit", "38000.75", false))
		}
		cut, pagination := page(q, list)
		return success("Transactions retrieved successfully", object{"pagination": pagination, "transaction": cut})
	})
}

func (s *Server) transaction(a *account, day int, side, amount string, pending bool) object {
	at := s.now().AddDate(0, 0, -day)
	id := objectID{
		At: sandboxEpoch.AddDate(0, 0, day), Kind: kindAccount, Login: a.Login, Account: a.Index, Nonce: uint16(day),
	}.String()
	o := object{
		"_id": id, "env": env, "account": a.ref(a.ID, object{"name": a.holder()}), "customer": a.customerRef(),
		"credit": nil, "debit": nil, "currency": a.Currency, "ref": fmt.Sprintf("SIM%04d", day), "branch": "",
		"notes":      object{"desc": "Simulated " + side},
		"trans_date": a.date(at), "unformatted_trans_date": at.Format("02-Jan-2006"),
		"cleared_date": a.date(at), "unformatted_cleared_date": at.Format("02-Jan-2006"),
	}
	o[side] = json.Number(amount)
	if pending {
		o["cleared_date"], o["unformatted_cleared_date"] = nil, ""
	}
	return o
}
