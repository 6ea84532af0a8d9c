package worker

import (
	"context"
	"errors"
	"testing"

	"balancelink/okra/provider"
)

// trusts are the trust of two instances, of which the first leads until it says
// otherwise, and what their probes find.
type trusts struct {
	first, second *Trust
	leader        *Trust
	found         map[*Trust]error
}

func (b *bench) trusts() *trusts {
	s := &trusts{found: map[*Trust]error{}}
	one := func() *Trust {
		t := &Trust{Store: b.Store, Name: "okra", Env: b.Env, Logger: b.Logger, Now: b.clock}
		t.Budget = provider.NewBudget(20, b.clock)
		t.Leads = func() bool { return s.leader == t }
		t.Probe = func(context.Context) error { return s.found[t] }
		b.ok(t.Recall(b.t.Context()))
		return t
	}
	s.first, s.second = one(), one()
	s.leader = s.first
	for _, t := range []*Trust{s.first, s.second} {
		t.probe(b.t.Context(), 0)
	}
	return s
}

var errForged = &provider.Error{Kind: provider.KindUntrusted, Err: errors.New("another certificate")}

func TestWhomTheLeaderDoesNotTrustNoInstanceOpensAWindowOf(t *testing.T) {
	b := newBench(t)
	s := b.trusts()
	s.first.Doubt(errForged)
	s.second.follow(t.Context())
	if got := s.second.Asked(t.Context()); !got.Lost() || got.Proven {
		t.Errorf("another instance, whose probe passes, has %+v", got)
	}
	s.first.probe(t.Context(), 0)
	s.second.follow(t.Context())
	if got := s.second.Asked(t.Context()); got.Lost() || !got.Proven {
		t.Errorf("when the leader trusts them again: %+v", got)
	}
}

func TestWhatAnotherInstanceReachesIsNoWordForAll(t *testing.T) {
	b := newBench(t)
	s := b.trusts()
	s.found[s.second] = errForged
	s.second.probe(t.Context(), 0)
	if !s.second.Standing().Lost() {
		t.Error("it trusts who is somebody else to it")
	}
	kept, err := b.Store.Trust(t.Context(), "okra", b.Env)
	if err != nil || !kept.Trusted {
		t.Errorf("kept for all: %+v, %v", kept, err)
	}
}

func TestTheNextLeaderDistrustsWhomTheOneBeforeDid(t *testing.T) {
	b := newBench(t)
	s := b.trusts()
	s.first.Doubt(errForged)
	s.second.follow(t.Context())
	s.leader = s.second
	b.ok(s.second.Recall(t.Context()))
	if ok, _, pause := s.second.Budget.Ready(provider.ForConfirm); ok || pause.Kind != provider.KindUntrusted {
		t.Errorf("it calls them: %v, %+v", ok, pause)
	}
	if !s.second.Standing().Lost() {
		t.Error("it trusts them")
	}
	s.second.probe(t.Context(), 0)
	if got := s.second.Standing(); got.Lost() || !got.Proven {
		t.Errorf("when its probe has passed: %+v", got)
	}
}
