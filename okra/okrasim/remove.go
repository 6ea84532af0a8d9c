package okrasim

// removeCustomer handles POST customers/remove: the links of a customer are
// gone and none of the accounts is shared any more, until somebody links one
// again. Path and body are those of okra-node; the answer is [invented].
func (s *Server) removeCustomer(q query) answer {
	accounts := aboutCustomer(s, q)
	known := false
	for _, a := range accounts {
		known = known || a.Connected
	}
	if !known {
		return unknown("Customer")
	}
	for _, a := range accounts {
		for _, id := range a.Records {
			delete(s.records, id)
			s.removed[id] = true
		}
		a.Connected, a.Records = false, nil
	}
	return success("Customer removed", object{"customer": q.text("customer")})
}
