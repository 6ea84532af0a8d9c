package locale

// storedSentences are those that the program keeps in the database in English
// and that pages show: why an opening of the bank window failed, why a link
// waits for staff, why a webhook was not applied, what is wrong with the audit
// log. Whatever has parts of its own stays in English, as causes do, which are
// in operators' words.
var storedSentences = []Key{
	"The bank window could not be loaded.",
	"The bank window was left alone for too long and gave up.",
	"The connection to the banks is not set up correctly. This is not your fault.",
	"The bank did not give the balance.",
	"The bank window reported a problem.",

	"No account was shared with us through this record.",
	"The provider is still fetching the record.",
	"The provider has no account of the record yet.",
	"The provider does not know this record.",
	"The provider does not say whose record it is.",
	"The record belongs to another company.",
	"The record was not made while the bank window was open.",
	"The bank does not say who holds the account.",
	"The name on the account does not match the customer's.",
	"The name on the account is like the customer's, not the same.",
	"The record says that it was made for another link.",
	"One of the webhooks says that the record was made for another link.",
	"The customer's name was corrected, and fits the holder's now.",
	"The provider does not say for which link the record was made.",
	"The provider does not say for which link the record was made, and the holder's name is not the very same.",
	"The provider does not say for which link the record was made, and another customer of the same name was at a bank's window then.",
	"The bank window reported another record first.",
	"The bank window reported an account that another customer has.",
	"The bank window reported another company as the owner.",
	"The bank window reported another of the provider's customers than the provider does.",
	"The bank window reported that it was opened for another link.",
	"The customer's consent is not in force: the provider was not asked.",
	"The customer's consent is not in force.",
	"What was shared was unlinked after the bank window had been opened.",

	"It carries nothing that is used here.",
	"It carries no balance.",
	"It carries no ledger balance.",
	"It names another owner.",
	"It names another provider customer than the account has.",
	"No link with this record is known yet.",
	"No linked account with this id is known yet.",
	"The account is not linked any more.",
	"The balance is in another currency than the account.",
	"The customer did not share this account. The payload was removed.",
	"The link is being confirmed.",
	"The payload was removed; there is nothing to apply.",
	"The customer's consent is not in force. The payload was removed.",
	"The stored payload was changed outside of the program and cannot be read.",

	"It is missing.",
	"It does not belong here.",
	"No row can be checked: the key of the audit log is gone or was changed by hand.",
	"The e-mail address of a member of staff whom it names was changed.",
	"It, the hash of the row before it, or the e-mail address of a member of staff whom it names was changed.",
	"The end of the chain was set by hand: rows from here on may be missing or put in.",
	"Its hash is not the one that was noted: it or a row before it was changed, and the chain made anew.",
	"It was put in by hand: the chain ended before it.",
	"It is not the row that the chain ended with.",
}
