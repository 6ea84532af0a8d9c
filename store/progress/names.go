package progress

// Name is what work is called, in English.
type Name string

// Step is what a step of it looks at, in English.
type Step string

// Unit is what is counted.
type Unit string

// The works.
const (
	Migrating Name = "Bringing the database up to date"
	Verifying Name = "Verifying the database"
	Copying   Name = "Making a backup"
	Restoring Name = "Restoring a copy"
	Auditing  Name = "Checking the audit log"
	Balancing Name = "Checking the balances"
	Sealing   Name = "Sealing under the newest data key"
	Purging   Name = "Removing what was kept long enough"
	Exporting Name = "Making a customer's file"
	Listing   Name = "Writing a list into a file"
	Importing Name = "Taking in customers from a file"
	Linking   Name = "Making personal links"
	Indexing  Name = "Noting by which words customers are found"
	Ending    Name = "Noting when consents end"
	Chaining  Name = "Beginning the audit log's chain anew"
	Moving    Name = "Copying everything into another database"
)

// The steps.
const (
	TheFile       Step = "copying"
	TheSum        Step = "checksum"
	ThePages      Step = "pages of the file"
	TheRows       Step = "rows and indexes"
	TheReferences Step = "what rows refer to"
	TheNumber     Step = "how many rows there are"
	TheBalances   Step = "what accounts show"
	TheAudit      Step = "audit log"
)

// The units.
const (
	Rows    Unit = "rows"
	Entries Unit = "entries" // of tables and indexes
	Bytes   Unit = "bytes"
	Steps   Unit = "steps"

	Customers Unit = "customers"
)
