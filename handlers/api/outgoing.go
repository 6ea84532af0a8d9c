package api

import (
	"balancelink/handlers/settings"
	"balancelink/handlers/worker"
	"balancelink/okra/provider/wire"
)

// Outgoing is how programs are told what happens: in the words of the API, at the
// addresses to which webhooks may be sent.
func Outgoing(set settings.Settings) worker.Outgoing {
	client := wire.WithoutLocation(wire.NewOutwardClient(set.MayHook))
	client.Timeout = worker.SendFor
	return worker.Outgoing{HTTP: client, Payload: Payload}
}
