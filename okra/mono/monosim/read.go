package monosim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// restAccount is the account in the words of REST.
func (a *account) restAccount() object {
	return object{
		"id": a.ID, "name": a.holder(), "account_number": a.NUBAN, "currency": a.currency(), "balance": a.amount(),
		"type": a.Type, "bvn": a.bvn(),
		"institution": object{"name": a.Bank.Name, "bank_code": a.Bank.Code, "type": a.Bank.Kind},
	}
}

// details handles GET /v2/accounts/{id}. The ref stands there since 2026-01-28.
func (s *Server) details(c *call) answer {
	a := c.account
	meta := object{
		"data_status": a.word(a.Data), "auth_method": authMethod, "retrieved_data": slices.Clone(a.Retrieved),
		"data_request_id": a.Request, "session_id": a.Session,
	}
	a.putRef(meta)
	var customer any
	if a.Customer != "" {
		customer = object{"id": a.Customer}
	}
	return success(retrieved, object{"account": a.restAccount(), "customer": customer, "meta": meta})
}

// balance handles GET /v2/accounts/{id}/balance: the stored copy, and with x-realtime a
// question to the bank. What lies beside a job under way is not documented: the stored
// figure, less or null ("Data sync" of 2024).
func (s *Server) balance(c *call) answer {
	a := c.account
	var j *job
	if realtime(c.Header) {
		j = s.ask(a, "jobs.accounts.sync_balance")
		a.putHeaders(c.header, j)
	}
	var data any = object{
		"id": a.ID, "name": a.holder(), "account_number": a.NUBAN, "balance": a.amount(), "currency": a.currency(),
	}
	if j != nil && !j.Ended {
		switch {
		case a.is(NullBody):
			data = nil
		case a.is(ThinBody):
			data = object{"id": a.ID}
		}
	}
	return success(retrieved, data)
}

// realtime says whether a bank is to be asked. One page spells the header x-real-time.
func realtime(h http.Header) bool {
	return h.Get("x-realtime") == "true" || h.Get("x-real-time") == "true"
}

// list handles GET /v2/accounts: no institution, no ref, no customer ("Quickstart",
// 2026-03-11). That it is paged as transactions are is INF.
func (s *Server) list(c *call) answer {
	rows := []object{}
	for _, a := range s.accounts {
		if s.unlinked[a.ID] {
			continue
		}
		s.settle(a)
		rows = append(rows, object{
			"id": a.ID, "name": a.holder(), "account_number": a.NUBAN, "currency": a.currency(), "balance": a.amount(),
			"auth_method": authMethod, "status": a.word(a.Data),
		})
	}
	cut, meta := page(c, rows)
	answer := success("Data retrieved successfully", cut)
	answer.Body.(object)["meta"] = meta
	return answer
}

// page cuts a list, and says how.
func page(c *call, rows []object) (cut []object, meta object) {
	limit, number := c.number("limit", 10), c.number("page", 1)
	from := min((number-1)*limit, len(rows))
	to := min(from+limit, len(rows))
	meta = object{"total": len(rows), "page": number, "previous": nil, "next": nil}
	if number > 1 {
		meta["previous"] = number - 1
	}
	if to < len(rows) {
		meta["next"] = number + 1
	}
	return rows[from:to], meta
}

// countTransactions is how many an account has.
const countTransactions = 25

// transactions handles GET /v2/accounts/{id}/transactions ("Transactions", 2024-04-08).
// The documented address of the next page lacks "/accounts".
func (s *Server) transactions(c *call) answer {
	a, q := c.account, c.URL.Query()
	start, okStart := day(q.Get("start"))
	end, okEnd := day(q.Get("end"))
	if !okStart || !okEnd || (q.Get("start") == "") != (q.Get("end") == "") {
		return refused([]complaint{{"start", "start and end are dates like 31-12-2025, and come together"}})
	}
	if realtime(c.Header) {
		a.putHeaders(c.header, s.ask(a, "jobs.accounts.sync_statement"))
	}
	rows := []object{}
	for n := range countTransactions {
		row := a.transaction(n)
		at := row["date"].(time.Time)
		if q.Get("start") != "" && (at.Before(start) || !at.Before(end.AddDate(0, 0, 1))) ||
			q.Get("type") != "" && row["type"] != q.Get("type") {
			continue
		}
		row["date"] = at.Format(isoDate)
		rows = append(rows, row)
	}
	meta := any(nil)
	if q.Get("paginate") != "false" {
		var m object
		if rows, m = page(c, rows); m["next"] != nil {
			m["next"] = fmt.Sprintf("https://api.withmono.com/v2/%s/transactions?page=%d", a.ID, m["next"])
			if a.is(BadNext) {
				m["next"] = fmt.Sprintf("accounts/%s/transactions?page=", a.ID)
			}
		}
		meta = m
	}
	answer := success("Transaction retrieved successfully", rows)
	answer.Body.(object)["meta"] = meta
	return answer
}

func day(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	at, err := time.Parse("02-01-2006", text)
	return at, err == nil
}

// transaction is the nth of an account, the newest first. Amounts are positive.
func (a *account) transaction(n int) object {
	at := a.Linked.AddDate(0, 0, -n)
	kind := "debit"
	if n%3 == 2 {
		kind = "credit"
	}
	id := objectID{At: at, Kind: kindTransaction, Holding: a.Index, Nonce: uint32(n)}
	return object{
		"id": id.String(), "narration": "NIP TRANSFER " + strconv.Itoa(1000+n), "amount": 50_000 + n*1_775,
		"type": kind, "balance": a.Saved, "date": at, "category": "unknown",
	}
}

// identity handles GET /v2/accounts/{id}/identity, with the whole BVN ("Identity",
// 2024-04-08).
func (s *Server) identity(c *call) answer {
	a := c.account
	return success(retrieved, object{
		"full_name": a.holder(), "bvn": a.fullBVN(), "email": a.User + "@example.com", "phone": "0801" + a.NUBAN[3:],
		"gender": nil, "dob": "1990-01-01", "address_line1": "1 Example Street", "state_of_origin": "Lagos State",
		"lga_of_origin": nil, "marital_status": nil, "created_at": a.Linked.Format(isoDate),
		"updated_at": a.SavedAt.Format(isoDate),
	})
}

// institutions handles GET /v3/institutions, in the shape of the documents
// (2025-07-28).
func (s *Server) institutions(c *call) answer {
	rows := []object{}
	q := c.URL.Query()
	for _, b := range banks {
		if code := q.Get("bank_code"); code != "" && code != b.Code {
			continue
		}
		rows = append(rows, object{
			"_id": b.ID, "name": b.Name, "type": b.Kind, "icon": "https://images.example/" + b.Code + ".png",
			"identifier": "mono.connections." + b.Code, "bank_code": b.Code, "nip_code": b.NIP, "country": "ng",
			"primary_color": b.Colour,
			"scope":         []object{{"name": "Financial Data", "type": "financial_data"}},
			"auth_methods":  []object{{"type": authMethod, "ui": b.form()}},
		})
	}
	return success("Request completed successfully", rows)
}

// form is what a bank asks for.
func (b *bank) form() object {
	return object{"title": "Log in to " + b.Name, "form": []object{
		{"type": "elements.input", "name": "username", "hint": "Username", "contentType": "string"},
		{"type": "elements.input", "name": "password", "hint": "Password", "contentType": "password"},
	}}
}

// unlink handles POST /v2/accounts/{id}/unlink: all about the account is gone.
func (s *Server) unlink(c *call) answer {
	s.forget(c.account)
	s.send(c.account, s.unlinkedEvent(c.account))
	return success("Account unlinked successfully", nil)
}
