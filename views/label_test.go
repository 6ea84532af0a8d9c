package views

import (
	"context"
	"testing"
)

func TestEveryKnownStateHasWords(t *testing.T) {
	for name, states := range map[string]struct {
		label func(context.Context, string) label
		names []string
	}{
		"customer":   {customerLabel, []string{"linked", "needs_login", "needs_review", "invited", "not_linked"}},
		"invitation": {invitationLabel, []string{"open", "used", "expired", "revoked", "locked"}},
		"attempt":    {attemptLabel, []string{"open", "claimed", "linked", "needs_review", "refused", "closed", "failed", "expired"}},
		"name":       {nameLabel, []string{"same", "similar", "different", "unknown"}},
		"event":      {eventLabel, []string{"received", "applied", "duplicate", "unmatched", "ignored", "failed"}},
		"refresh": {func(ctx context.Context, s string) label { return refreshLabel(ctx, Refresh{State: s}) },
			[]string{"queued", "asked", "waiting", "changed", "unchanged", "needs_login", "limited", "failed", "timed_out", "interrupted"}},
		"env":       {envLabel, []string{"simulated", "production-sandbox", "production"}},
		"freshness": {func(ctx context.Context, s string) label { return freshnessLabel(ctx, Freshness(s)) }, []string{"fresh", "ageing", "stale", "never"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, state := range states.names {
				if l := states.label(t.Context(), state); l.Text == "" || l.Text == state || l.Tone == "" {
					t.Errorf("%s has no words of its own: %+v", state, l)
				}
			}
		})
	}
}
