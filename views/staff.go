package views

import "time"

// Abilities is what a member of staff may do of all that differs by role: what
// they may not do is not offered. Nobody else needs any.
type Abilities struct {
	AskBanks, EditCustomers, RevealNumbers, UnlinkAccounts, DecideLinks bool
	ReadInbox, HandleInbox, ReadAudit                                   bool
	ExportData, EraseCustomers, ManageStaff                             bool
}

// Code is the second step of signing in.
type Code struct {
	Frame
	Next  string
	Error string
}

// Confirm asks for the password or code again before something that matters.
type Confirm struct {
	Frame
	Next   string
	Again  bool // a button has to be pressed again afterwards
	ByCode bool // asks for a code, not for the password
	Error  string
}

// Welcome is the page of a one-time link, at which a person chooses a password.
type Welcome struct {
	Frame
	First         bool // makes the first owner, who also gives an e-mail address
	Email         string
	Action        string // POST
	ExpiresAt     time.Time
	EmailError    string
	PasswordError string
}

// Profile is a member of staff's own account.
type Profile struct {
	Frame
	Role              string
	SecondFactor      bool
	Required          bool // the role needs the second factor
	RecoveryCodesLeft int
	Sessions          []Session
	WrongField        string // of the password's form: "current" or "new"; empty: none
	Problem           string
}

// Session is a browser in which somebody is signed in.
type Session struct {
	ID        string
	Browser   string // in words
	Address   string // the network, not the whole address
	StartedAt time.Time
	SeenAt    time.Time
	Current   bool
}

// SecondFactor is the page that sets the second factor up.
type SecondFactor struct {
	Frame
	Seed     string // base32
	QRPath   string // of unit squares, as SVG has it
	QRSize   int
	Required bool // nothing else can be done before
	Replaces bool // there is one already, which this ends
	Error    string
}

// RecoveryCodes shows new recovery codes, once.
type RecoveryCodes struct {
	Frame
	Codes []string
}

// StaffPage is the list of staff, with the form that invites.
type StaffPage struct {
	Frame
	Members []Member
	Form    StaffForm
}

// Member is one member of staff in the list.
type Member struct {
	Email, Role  string
	State        string // "active", "invited" or "disabled"
	SecondFactor bool
	Added        time.Time
	Oneself      bool
	URL          string // what is done to them is below it
}

// StaffForm is the form that invites, with what was typed and what is wrong with it.
type StaffForm struct{ Email, Role, Error string }

// StaffLink shows a link to choose a password, once.
type StaffLink struct {
	Frame
	Email     string
	Invited   bool // has no password yet
	Link      string
	ExpiresAt time.Time
}
