// Package provider holds the words in which the program speaks with whoever
// reaches the banks for it, whatever they call things themselves: an adapter
// (package okra is one) puts what it has to say into them.
package provider

// The environments as our rows name them.
const (
	EnvSimulated  = "simulated"
	EnvSandbox    = "production-sandbox"
	EnvProduction = "production"
)
