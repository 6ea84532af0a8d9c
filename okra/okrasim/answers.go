package okrasim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

const (
	env       = "production-sandbox"
	projectID = "63f10000000000000000ba1a"
	isoDate   = "2006-01-02T15:04:05.000Z"
	jsDate    = "Mon Jan 02 2006 15:04:05 GMT-0700" // Date.toString without the zone's name, as in the seed
)

var lagos = time.FixedZone("WAT", 3600)

// date writes a time as this account's bank does.
func (a *account) date(t time.Time) string {
	if a.Scenario == OldDates {
		return t.In(lagos).Format(jsDate)
	}
	return t.UTC().Format(isoDate)
}

// ref writes an id, with more about it if it is an object. What is an object
// elsewhere is a string under ObjectIDs, and the other way round.
func (a *account) ref(id string, more object) any {
	if (a.Scenario == ObjectIDs) != (more != nil) {
		whole := object{"_id": id}
		for name, v := range more {
			whole[name] = v
		}
		return whole
	}
	return id
}

func (a *account) customerRef() any {
	return a.ref(customerID(a.Login), object{"name": a.customer().Name})
}

func (a *account) refs(ids []string) []any {
	out := []any{}
	for _, id := range ids {
		out = append(out, a.ref(id, nil))
	}
	return out
}

// owners is who an account is connected to: a list of client tokens.
func (s *Server) owners(a *account) []string {
	if !a.Connected {
		return []string{}
	}
	return []string{s.cfg.ClientToken}
}

func (b *bank) brief() object {
	logo := "https://okra-images.example/" + b.Slug + ".svg"
	return object{"name": b.Name, "logo": logo, "icon": logo, "status": "healthy"}
}

func (b *bank) full() object {
	o := b.brief()
	o["_id"], o["slug"] = b.ID, b.Slug
	o["colors"] = object{"primary": b.Colour, "accent": b.Colour, "button": b.Colour}
	return o
}

// putAmounts writes the figures as exact JSON numbers. An available balance
// that the bank does not tell is left out.
func (f figures) putAmounts(o object) {
	o["ledger_balance"] = json.Number(f.Ledger)
	if f.Available != "" {
		o["available_balance"] = json.Number(f.Available)
	}
}

func process(running bool) object {
	return object{
		"transactions": object{"last_success_at": nil, "last_fail_at": nil},
		"process":      object{"running": running, "completed": !running},
	}
}

func (s *Server) balanceObject(a *account, q query) object {
	records := each(a.Records, func(id string) object {
		return object{"_id": id, "status": process(false), "owner": s.cfg.ClientToken}
	})
	o := object{
		"_id": a.BalanceID, "__v": 0, "env": env, "currency": a.Currency, "projects": []string{projectID},
		"account":    a.ref(a.ID, object{"bank": a.customer().Bank.full(), "nuban": a.NUBAN, "name": a.holder()}),
		"customer":   a.customerRef(),
		"owner":      a.refs([]string{s.cfg.ClientToken}),
		"connected":  s.owners(a),
		"record":     records,
		"created_at": a.date(sandboxEpoch), "last_updated": a.date(a.SavedAt),
	}
	a.visible().putAmounts(o)
	if q["includePeriodic"] != false {
		o["periodic"] = object{"available_balance": []any{}, "ledger_balance": []any{}}
	}
	return o
}

// holder is the account's name, in capitals as banks print it.
func (a *account) holder() string { return strings.ToUpper(a.customer().Name) }

// balancesByCustomer handles POST balance/getByCustomer: only connected
// accounts have a saved balance.
func (s *Server) balancesByCustomer(q query) answer {
	connected := slices.DeleteFunc(aboutCustomer(s, q), func(a *account) bool { return !a.Connected })
	return s.balanceList(connected, q)
}

// balanceByAccount handles POST balance/getByAccount, a list of one.
func (s *Server) balanceByAccount(q query) answer {
	return one(aboutAccount(s, q), func(a *account) answer {
		early := s.finishDue(a)
		list := s.balanceList([]*account{a}, q)
		list.First = early
		return list
	})
}

func (s *Server) balanceList(accounts []*account, q query) answer {
	cut, pagination := page(q, accounts)
	return success("Balance retrieved successfully", object{"pagination": pagination,
		"balance": each(cut, func(a *account) object { return s.balanceObject(a, q) })})
}

// balanceByID handles POST balance/getById: one object, without `connected`.
func (s *Server) balanceByID(q query) answer {
	return one(aboutBalance(s, q), func(a *account) answer {
		o := s.balanceObject(a, q)
		delete(o, "connected")
		return success("Balance retrieved successfully", object{"balance": o})
	})
}

// accountsByCustomer handles POST accounts/getByCustomer: all accounts of the
// person, those that were not shared with an empty `connected`.
func (s *Server) accountsByCustomer(q query) answer {
	cut, pagination := page(q, aboutCustomer(s, q))
	return success("Accounts retrieved successfully", object{"pagination": pagination,
		"accounts": each(cut, func(a *account) object {
			return object{
				"_id": a.ID, "id": a.ID, "__v": 0, "env": env, "nuban": a.NUBAN, "name": a.holder(),
				"type": a.Type, "currency": a.Currency, "bank": a.customer().Bank.brief(),
				"balance": a.ref(a.BalanceID, nil), "connected": s.owners(a), "customer": a.customerRef(),
				"owner": a.refs([]string{s.cfg.ClientToken}), "record": a.refs(a.Records),
				"projects": []string{projectID}, "created_at": a.date(sandboxEpoch), "last_updated": a.date(a.SavedAt),
			}
		})})
}

// accountDetails handles POST accounts/getAccountDetails: data is the account.
func (s *Server) accountDetails(q query) answer {
	return one(aboutAccount(s, q), func(a *account) answer {
		b := a.customer().Bank.full()
		b["status"], b["corp"], b["isMFA"], b["mfaType"] = true, false, false, "none"
		return success("Account details successfully retrieved", object{
			"_id": a.ID, "__v": 0, "env": env, "nuban": a.NUBAN, "name": a.holder(), "type": a.Type,
			"currency": a.Currency, "bank": b, "customer": a.ref(customerID(a.Login), nil),
			"balance": a.ref(a.BalanceID, nil), "projects": []string{projectID}, "manual": false,
			"created_at": a.date(sandboxEpoch), "last_updated": a.date(a.SavedAt),
		})
	})
}

// listBanks handles GET banks/list. The id is called `id` here.
func (s *Server) listBanks(query) answer {
	return success("Banks retrieved successfully", object{"banks": each(banks, func(b *bank) object {
		o := b.full()
		delete(o, "_id")
		o["id"], o["countries"] = b.ID, []string{"NG"}
		o["products"] = []string{"auth", "balance", "transactions"}
		return o
	})})
}
