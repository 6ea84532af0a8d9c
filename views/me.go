package views

// Me is the customer's own page.
type Me struct {
	Frame
	Banks      []Bank
	Sum        Sum
	ConnectURL string // POST: connect another bank
	Ended      Ended
	Checks     []Check

	ByLink      bool // they came by a personal link and see what they linked with it
	Hidden      int  // accounts that they do not see therefore
	Password    bool // they can sign in
	PasswordURL string

	RefreshAllURL string // POST; empty: nothing to refresh
}
