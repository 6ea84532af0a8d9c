package monosim

import (
	"encoding/json"
	"slices"
	"time"
)

// event is what an account's webhooks have in common. Since 2026-01-28 three kinds have
// an event_id, a timestamp, the app and the business (changelog); jobs.update and
// account_unlinked have none of the first two.
func (s *Server) event(a *account, name string, data object) object {
	data["app"], data["business"] = s.cfg.App, s.cfg.Business
	if a.is(OtherApp) {
		data["app"], data["business"] = fixedID(kindApp, 0, 1), fixedID(kindBusiness, 0, 1)
	}
	e := object{"event": name, "data": data}
	if !a.is(NoEventID) && name != "mono.accounts.jobs.update" && name != "mono.events.account_unlinked" {
		e["event_id"], e["timestamp"] = s.token(42), s.now().Format(isoDate)
	}
	return e
}

// named returns what of a pair of names an account's webhooks have.
func (a *account) named(name, other string) string {
	if a.is(SwappedIDs) {
		return other
	}
	return name
}

// connectedEvent tells of a link whose data are still to come.
func (s *Server) connectedEvent(a *account) object {
	meta := object{"data_status": a.word("PROCESSING"), "auth_method": authMethod}
	a.putRef(meta)
	return s.event(a, "mono.events.account_connected", object{
		a.named("id", "_id"): a.ID, "customer": a.Customer, "meta": meta,
	})
}

// updatedEvent has the account as it is saved, and in its meta what more is said.
func (s *Server) updatedEvent(a *account, more object) object {
	meta := object{
		"data_status": a.word(a.Data), "auth_method": authMethod, "retrieved_data": slices.Clone(a.Retrieved),
		"data_request_id": a.Request,
	}
	a.putRef(meta)
	for name, value := range more {
		meta[name] = value
	}
	if a.is(NoRequestID) {
		delete(meta, "data_request_id") // DOTMAC, after a second link
	}
	return s.event(a, "mono.events.account_updated", object{"account": s.wholeAccount(a), "meta": meta})
}

func (s *Server) wholeAccount(a *account) object {
	id := a.named("_id", "id")
	switch {
	case a.is(CutShort):
		return object{id: a.ID} // as DOTMAC's recordings have it
	case a.is(RESTShape):
		return a.restAccount() // one page of the documents prints it so
	}
	o := object{
		id: a.ID, "name": a.holder(), "accountNumber": a.NUBAN, "currency": a.currency(), "balance": a.amount(),
		"type": a.Type, "bvn": a.bvn(), "authMethod": authMethod, "created_at": a.Linked.Format(isoDate),
		"institution": object{"name": a.Bank.Name, "bankCode": a.Bank.Code, "type": a.Bank.Kind},
		"updated_at":  a.SavedAt.Format(isoDate),
	}
	if a.is(NIPCode) {
		o["institution"].(object)["bankCode"] = a.Bank.NIP
	}
	if a.is(FullBVN) {
		o["bvn"] = a.fullBVN()
	}
	if a.is(WrittenLater) {
		o["updated_at"] = a.SavedAt.Add(9*time.Minute + 23*time.Second).Format(isoDate)
	}
	if a.Match != nil {
		o["account_match"] = *a.Match
	}
	return o
}

// endEvent tells how a job went: what the job itself does not say. has_new_data comes
// only where it is true, but DOTMAC has seen it false.
func (s *Server) endEvent(j *job) object {
	a := j.Account
	if a.is(OldEvents) && j.Sync != "SUCCESSFUL" {
		name := "mono.events.sync_failed"
		if j.Sync == "REAUTHORISATION_REQUIRED" {
			name = "mono.events.reauthorisation_required"
		}
		return s.event(a, name, object{"account": object{a.named("_id", "id"): a.ID}})
	}
	more := object{"sync_status": a.word(j.Sync), "job_id": j.ID}
	if j.New || a.is(CutShort) {
		more["has_new_data"] = j.New
	}
	return s.updatedEvent(a, more)
}

// jobEvent tells how far a job is. Its account is an id, and an object in what DOTMAC
// tests with.
func (s *Server) jobEvent(j *job) object {
	a := j.Account
	if a.is(OtherAccount) {
		status := map[bool]string{true: "FINISHED", false: "RUNNING"}[j.Ended]
		if j.status() == "failed" {
			status = "FAILED"
		}
		return s.event(a, "mono.accounts.jobs.update", object{
			"account": object{"_id": a.ID}, "job_id": j.ID, "status": status, "data_request_id": a.Request,
		})
	}
	return s.event(a, "mono.accounts.jobs.update", object{
		"account": a.ID, a.named("id", "_id"): j.ID, "name": j.Name, "status": j.status(),
	})
}

// aboutEvent is an event that names an account and says no more of it.
func (s *Server) aboutEvent(a *account, name, id string) object {
	if a.is(OtherAccount) {
		return s.event(a, name, object{"account": a.ID})
	}
	return s.event(a, name, object{"account": object{id: a.ID}})
}

func (s *Server) reauthorizedEvent(a *account) object {
	return s.aboutEvent(a, "mono.events.account_reauthorized", a.named("_id", "id"))
}

// unlinkedEvent has id in the sample and _id in the table of the documents.
func (s *Server) unlinkedEvent(a *account) object {
	return s.aboutEvent(a, "mono.events.account_unlinked", a.named("id", "_id"))
}

func encode(e object) []byte {
	body, err := json.Marshal(e)
	if err != nil {
		panic("monosim: a webhook that is no JSON: " + err.Error())
	}
	return body
}
