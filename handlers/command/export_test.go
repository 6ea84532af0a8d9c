package command

import (
	"iter"
	"maps"
)

// Names are the names of all commands.
func Names() iter.Seq[string] { return maps.Keys(commands) }
