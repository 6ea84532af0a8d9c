// Package okra is the client of Okra's open-finance API v2: requests, answers,
// webhooks and the options of the linking widget.
//
// Nothing in here trusts what comes from outside. Answers and webhooks are
// strict JSON, amounts are exact, addresses out of a payload are never called,
// and the secret key leaves for the configured host only. Okra's documents,
// its own SDKs and what was really received contradict each other in many
// places; comments name the source of each quirk.
package okra

import "balancelink/okra/provider"

// WireEnv returns what Okra writes for an environment of ours. The simulator
// speaks as Okra's sandbox does; the other names are Okra's own.
func WireEnv(env string) string {
	if env == provider.EnvSimulated {
		return provider.EnvSandbox
	}
	return env
}

// The kinds of job and event that concern balances.
const (
	MethodBalance      = "BALANCE"
	MethodCheckBalance = "CHECK_BALANCE"
	MethodAuth         = "AUTH"
	MethodAccounts     = "ACCOUNTS"

	// MethodUnreadable stands for one that is no method.
	MethodUnreadable = "unreadable"
)
