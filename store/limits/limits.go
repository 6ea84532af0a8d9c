// Package limits is every bound on what others can make the program do, hold or
// keep, each with its reason: by customer where a customer could do harm, by
// address where a stranger could, and over all. Bounds on guesses stand in
// package store with the rows that count them.
package limits

import "time"

// Allowance is how often something may be done: so many times at once, and then
// once more each time that Every has passed.
type Allowance struct {
	AtOnce int
	Every  time.Duration
}

// By address. They are wide, since a whole office, or all the phones of a mobile
// network, may stand behind one address. A link's 256 bits are not to be guessed
// within any allowance.
var (
	WrongTokens = Allowance{20, 3 * time.Second}         // of the webhooks
	Links       = Allowance{120, 500 * time.Millisecond} // opening a personal or staff link
	Attempts    = Allowance{60, time.Second}             // consents, and windows of the bank
	Asks        = Allowance{240, 250 * time.Millisecond} // refreshes and checks; each account has a cool-down too
	Exports     = Allowance{20, 3 * time.Second}         // everything that is taken out
)

// Of a download. One runs for each customer and member of staff at a time: they
// cost the most of all that anybody may ask for.
const (
	// Extracting is how many exports read the database at once: half of the
	// connections for reading, so that pages always have the others.
	Extracting = 2
	// ExtractInMemory is how much of an export is held in memory, in bytes; the
	// rest waits in a file.
	ExtractInMemory = 1 << 20
	// DownloadPiece is how many bytes have to go out within [DownloadStall]: 1 kB
	// a second, which the slowest line that is of use takes.
	DownloadPiece = 32 << 10
	// DownloadStall ends a download whose reader stands still.
	DownloadStall = 30 * time.Second
)

// By customer, who may be anybody who was sent a link.
var (
	// AttemptsOfCustomer are bank windows, each with its row and its report.
	AttemptsOfCustomer = Allowance{12, 2 * time.Minute}
	// ReportsOfCustomer are what their bank windows say: each is a commit, and a
	// success is a call to the provider.
	ReportsOfCustomer = Allowance{40, 15 * time.Second}
	// StepsOfCustomer are how far they come in it, each a commit that can wait.
	StepsOfCustomer = Allowance{60, 10 * time.Second}
)

const (
	// AgainLinks is for how many accounts one press makes links to sign in again: as many
	// as are one short transaction, and more than somebody sends in a sitting.
	AgainLinks = 200
	// OpenAttempts is how many windows of a customer are open at once. One more
	// closes the oldest, which somebody left behind.
	OpenAttempts = 5
	// ClaimsWaiting is how many links of a customer are being confirmed or looked
	// at by staff at once: nobody has as many banks to link within a day.
	ClaimsWaiting = 5
	// Report is how large a report of a bank window may be, in bytes; the
	// provider's own are of 2 to 4 kB.
	Report = 16 << 10
	// Drop is how much of a body that is refused is read and dropped, in bytes,
	// within DropFor and while no longer than DropPause passes without any: a
	// sender who is cut off in the middle does not see the answer.
	Drop      = 1 << 20
	DropFor   = 5 * time.Second
	DropPause = 500 * time.Millisecond
	// Form is how large any other body may be, in bytes.
	Form = 16 << 10
)

// Of files with customers that staff send, of which each is kept until it is taken or
// dropped.
const (
	// Import is how large one may be, in bytes: room for as many rows as it may have, in
	// UTF-16 too.
	Import = 4 << 20
	// ImportRows is how many customers one may have: some seconds of work.
	ImportRows = 20_000
	// ImportTime is how long one may take on its way: 35 kB a second.
	ImportTime = 2 * time.Minute
	// ImportHeld is how long it waits for somebody to say that it is right.
	ImportHeld = 30 * time.Minute
	// ImportTaking is how long one is taken in at most: after that whoever did has ended.
	ImportTaking = 5 * time.Minute
	// Imports is how many wait at once; one more drops the oldest.
	Imports = 10
)

// ReviewsOfCustomer is how many doubtful links of a customer the list of all
// shows: who has many hides nobody else's.
const ReviewsOfCustomer = 3

// Of connections.
const (
	// Connections are served at once. Whoever comes while all are busy displaces the
	// one that has been silent for longest, and waits where none is silent.
	Connections = 1000
	// ConnectionShare is which part of all connections an address may have: one
	// of so many. Proxies that are trusted may have all: they stand for others.
	ConnectionShare = 4
	// ConnectionIdle ends a connection that waits for its next request. A page
	// that polls asks more often; others open a new one.
	ConnectionIdle = 30 * time.Second
	// ConnectionUnsent is how much the kernel holds of what a client does not
	// take, in bytes. It is small so that a line that moves is seen to move.
	ConnectionUnsent = 64 << 10
)

// Of memory that is kept from one request to the next under what others send.
// Each of these is a number of entries of a fixed size: what a stranger can make
// long is hashed first. A test holds every map of the program against this.
const (
	// Senders is of how many addresses, or customers, an allowance is remembered;
	// who is forgotten begins anew.
	Senders = 10_000
	// Polls is how many polls are known to have no new answer; who is forgotten
	// gets a whole one.
	Polls = 10_000
	// RefusalLines is how many refusals are logged one by one in a minute.
	RefusalLines = 100
	// Lookups is of how many accounts it is known when their transactions were
	// looked up last.
	Lookups = 10_000
)

// Of webhooks with the right token, for the provider may go mad and a token be
// stolen. First those are refused that are of no use yet: they belong to nobody
// here, or say nothing that is used; the provider sends them again. Then what
// belongs to somebody is applied without its payload being kept. It is never
// refused.
const (
	UnclaimedEvents = 100_000   // are stored in a day
	UnclaimedBytes  = 64 << 20  // of their payloads in a day
	ClaimedBytes    = 512 << 20 // of the payloads of all others in a day
)

// InboxBytes is how much of webhooks waits in memory to be stored, in bytes.
const InboxBytes = 64 << 20

// CustomersCounted is how many customers are counted, by what they need, each time
// that staff look: some 10 ms of work. Of more the figures may be a minute old.
const CustomersCounted = 2000

// Keys is how many keys of the API work at once: one for each program of a business,
// and for each that is being changed.
const Keys = 50

// Endpoints is how many addresses of the business are sent what happens.
const Endpoints = 10

// Of what is sent to an endpoint. How many wait for it bounds what one that does not answer
// leaves behind; what happens meanwhile waits in the order in which it happened.
const (
	DeliveriesWaiting = 1000
	DeliveriesKept    = 1000 // of those that arrived, and of those that never did
)

// MailsAnHour is how many e-mails a member of staff is sent one by one within an hour: what
// comes then is put together into one.
const MailsAnHour = 10

// RequestsOfKey is how often a program may ask: enough for pages that each ask once, too
// little to keep everybody else from being served.
var RequestsOfKey = Allowance{50, 100 * time.Millisecond}

// RefreshesOfKey is how often a program may have banks asked, over all accounts: each has a
// cool-down, and each provider a day's budget, besides.
var RefreshesOfKey = Allowance{60, time.Second}

// Waiting is how many requests of programs wait for an outcome at once, each with its
// connection; one more is answered with how things stand.
const Waiting = 100
