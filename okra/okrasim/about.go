package okrasim

func aboutNothing(*Server, query) []*account { return nil }

// aboutAccount finds the account under any of the names that callers used.
func aboutAccount(s *Server, q query) []*account {
	return s.accountsWhere(func(a *account) bool { return a.ID == q.text("account_id", "account") })
}

func aboutBalance(s *Server, q query) []*account {
	return s.accountsWhere(func(a *account) bool { return a.BalanceID == q.text("id") })
}

func aboutCustomer(s *Server, q query) []*account {
	return s.accountsWhere(func(a *account) bool { return customerID(a.Login) == q.text("customer") })
}

// aboutRecord finds the accounts of a link, or the account of a job.
func aboutRecord(s *Server, q query) []*account {
	id, ok := parseID(q.text("record_id", "record"))
	if !ok {
		return nil
	}
	return s.accountsWhere(func(a *account) bool { return id.covers(a) })
}

// covers says whether a record is about an account.
func (id objectID) covers(a *account) bool {
	switch id.Kind {
	case kindLink:
		return a.Login == id.Login && id.Shared&(1<<a.Index) != 0
	case kindRefresh, kindCheck:
		return a.Login == id.Login && a.Index == id.Account
	}
	return false
}

// one runs f with the account that the call is about.
func one(about []*account, f func(*account) answer) answer {
	if len(about) != 1 {
		return unknown("Account")
	}
	return f(about[0])
}

// page cuts a list as mongoose-paginate does and describes the cut.
func page[T any](q query, list []T) (cut []T, pagination object) {
	limit, number := q.number("limit", 20), q.number("page", 1)
	pages := max(1, (len(list)+limit-1)/limit)
	from := min((number-1)*limit, len(list))
	pagination = object{
		"totalDocs": len(list), "limit": limit, "page": number, "totalPages": pages, "pagingCounter": from + 1,
		"hasPrevPage": number > 1, "hasNextPage": number < pages, "prevPage": nil, "nextPage": nil,
	}
	if number > 1 {
		pagination["prevPage"] = number - 1
	}
	if number < pages {
		pagination["nextPage"] = number + 1
	}
	return list[from:min(from+limit, len(list))], pagination
}

// each renders every element.
func each[T any](list []T, f func(T) object) []object {
	out := []object{}
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}
