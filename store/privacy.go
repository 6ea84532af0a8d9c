package store

import "strings"

// personalTable is a table that holds something of a customer.
type personalTable struct {
	Name     string
	Rows     string // SQL: which of its rows are a customer's; $1 is the customer's id
	Columns  string // what is exported, in order: a name, or name:kind with a kind of [exported]; empty: nothing
	Withheld string // what is not: secrets, and copies made for searching
	Currency string // SQL: the currency of a row's money; empty: the table has none
	Erase    string // SQL that erases what of them has to go; empty: the rows are deleted
	Kept     string // why erasing leaves the rows; empty: it does not
}

// Which rows are a customer's.
const (
	ofCustomer = `customer_id = $1`
	ofAccount  = `account_id IN (SELECT id FROM accounts WHERE customer_id = $1)`
	// An event may be about a customer although it was never matched. What a
	// browser claimed is no proof: a record counts only when it was confirmed. One
	// that was matched is of whom it was matched with, whoever has the account now.
	// Each part is found by an index of its own.
	aboutCustomer = `id IN (
		SELECT id FROM events WHERE customer_id = $1
		UNION ALL
		SELECT id FROM events WHERE customer_id IS NULL AND result <> 'received' AND ` + namesCustomer + `
		UNION ALL
		SELECT id FROM events WHERE customer_id IS NULL AND result = 'received' AND ` + namesCustomer + `)`
	namesCustomer = `(provider_record IN (SELECT provider_id FROM records WHERE customer_id = $1)
		OR provider_account IN (SELECT provider_id FROM accounts WHERE customer_id = $1)
		OR attempt_nonce IN (SELECT nonce FROM link_attempts WHERE customer_id = $1))`
)

// personal is every table that holds something of a customer, in the order in
// which it is erased; an export has them the other way round. A test holds it
// against the schema: a table or column that is missing here fails the build.
var personal = []personalTable{
	{
		Name: "events", Rows: aboutCustomer,
		Columns: `id provider env method code provider_env provider_record provider_account attempt_nonce headers:json body:json
			deliveries result reason received_at:time last_received_at:time applied_at:time unclaimed_hours payload_removed_at:time`,
		Withheld: `dedup_key customer_id`,
		// That a delivery was acknowledged stays to be seen; what it said does not.
		Erase: `UPDATE events SET provider_record = '', provider_account = '', attempt_nonce = '', headers = '', body = '{}',
			result = 'ignored', reason = 'The customer was erased.', customer_id = NULL
			WHERE ` + aboutCustomer,
	},
	{
		Name: "balances", Rows: ofAccount, Currency: `currency`,
		Columns: `id account_id provider source currency basis as_of:time as_of_kind as_of_stated:bool available_worked_out:bool received_at:time event_id
			provider_id available_balance:money ledger_balance:money account connected customer record owner env created_at:time last_updated:time`,
		Withheld: `fact`,
	},
	{
		Name: "api_requests", Rows: ofCustomer,
		Columns:  `id key_id status subject at:time`,
		Withheld: `customer_id idem asked secret`,
	},
	{
		Name: "deliveries", Rows: `seq IN (SELECT seq FROM outbox WHERE customer_id = $1)`,
		Columns: `id endpoint_id seq state tries next_try_at:time status error at:time asked`,
	},
	{
		Name: "mails", Rows: ofCustomer,
		Columns:  `id staff_id account_id kind at:time state held:bool tries next_try_at:time error invitation_id ended_at:time`,
		Withheld: `customer_id subject`,
	},
	{
		Name: "outbox", Rows: ofCustomer, Currency: `currency`,
		Columns: `seq id type at:time account_id subject state figure:money available:money currency basis as_of:time
			available_as_of:time unstated`,
		Withheld: `customer_id`,
	},
	{
		Name: "funds_answers", Rows: `check_id IN (SELECT id FROM funds_checks WHERE customer_id = $1)`,
		Columns:  `check_id answer reason available:money figure:money basis as_of:time as_of_stated:bool balance_id answered_at:time`,
		Currency: `(SELECT currency FROM funds_checks WHERE funds_checks.id = funds_answers.check_id)`,
	},
	{
		Name: "funds_checks", Rows: ofCustomer, Currency: `currency`,
		Columns:  `id account_id staff_id amount:money currency fresh_for refresh_id asked_at:time key_id`,
		Withheld: `customer_id`,
	},
	{
		Name: "funds_decisions", Rows: `sum_id IN (SELECT id FROM funds_sums WHERE customer_id = $1)`,
		Columns: `id sum_id staff_id decision note at:time`,
	},
	{
		Name: "funds_sum_parts", Rows: `sum_id IN (SELECT id FROM funds_sums WHERE customer_id = $1)`,
		Columns:  `sum_id account_id left_out available:money figure:money basis as_of:time as_of_kind checked_at:time balance_id`,
		Currency: `(SELECT currency FROM funds_sums WHERE funds_sums.id = funds_sum_parts.sum_id)`,
	},
	{
		Name: "funds_sum_answers", Rows: `sum_id IN (SELECT id FROM funds_sums WHERE customer_id = $1)`,
		Columns:  `sum_id answer reason available:money unspecified:money answered_at:time`,
		Currency: `(SELECT currency FROM funds_sums WHERE funds_sums.id = funds_sum_answers.sum_id)`,
	},
	{
		Name: "funds_sum_asks", Rows: `sum_id IN (SELECT id FROM funds_sums WHERE customer_id = $1)`,
		Columns: `sum_id account_id refresh_id`,
	},
	{
		Name: "funds_sums", Rows: ofCustomer, Currency: `currency`,
		Columns: `id staff_id amount:money currency fresh_for due_at:time asked_at:time begun_at:time cancelled_at:time
			seen_at:time seen_by`,
		Withheld: `customer_id`,
	},
	{
		Name: "refreshes", Rows: ofAccount,
		Currency: `(SELECT currency FROM accounts WHERE accounts.id = refreshes.account_id)`,
		Columns: `id account_id kind trigger staff_id state ticket provider_record provider_method polls created_at:time asked_at:time
			next_at:time deadline_at:time ended_at:time ledger_before:money available_before:money ledger_after:money available_after:money
			balance_changed:bool last_checked:time last_fetched:time retry_at:time tries fault cause held stale_answers untold`,
	},
	{
		Name: "thresholds", Rows: ofAccount, Currency: `currency`,
		Columns: `account_id amount:money currency set_by set_at:time below:bool crossed_at:time`,
	},
	{
		Name: "account_questions", Rows: ofCustomer,
		Columns:  `account_id reason asked_at:time decision decided_at:time`,
		Withheld: `customer_id decided_by`,
	},
	{
		Name: "accounts", Rows: ofCustomer, Currency: `currency`,
		Columns: `id record_id visit_id provider env provider_id provider_customer bank_id bank_name bank_slug name nuban type currency status
			linked_at:time balance_id ledger:money basis as_of:time as_of_kind as_of_stated:bool received_at:time source available:money available_as_of:time
			available_worked_out:bool checked_at:time swept_at:time history_from:time
			bound_at:time outdated_as_of:time bank_key continues`,
		// Who else has an account of the number is not this customer's to know.
		Withheld: `customer_id also_with`,
	},
	{
		Name: "records", Rows: ofCustomer,
		Columns:  `id provider env provider_id attempt_id bank_id bank_name bank_slug created_at:time`,
		Withheld: `customer_id`,
	},
	{
		Name: "sign_in_codes", Rows: ofCustomer,
		Columns:  `sent_at:time expires_at:time tries`,
		Withheld: `customer_id code_hash`,
	},
	{
		Name: "sessions", Rows: `(kind = 'customer' AND principal_id = $1
			OR kind = 'link' AND principal_id IN (SELECT id FROM visits WHERE customer_id = $1))`,
		Columns:  `password_at:time created_at:time last_seen_at:time expires_at:time`,
		Withheld: `token_hash kind principal_id data factor_at`,
	},
	{
		Name: "link_attempts", Rows: ofCustomer,
		Columns: `id invitation_id consent_id visit_id account_id provider env state provider_record provider_customer claimed_by echoed_record bank_name
			step step_at:time report:json reason fault fault_since:time tries unlinked_since name_match decided_at:time decision reopened_at:time next_try_at:time created_at:time expires_at:time reported_at:time ended_at:time`,
		// Of a doubtful link, who holds the account may be somebody else.
		Withheld: `customer_id nonce page code claim_kept holder pending decided_by`,
	},
	{
		Name: "consents", Rows: ofCustomer,
		Columns:  `id invitation_id visit_id version scope provider business valid_for unused_for kept_for purpose address licence phone given_at:time withdrawn_at:time withdrawn_by`,
		Withheld: `customer_id`,
	},
	{
		Name: "visits", Rows: ofCustomer,
		Columns:  `id invitation_id consent_id begun_at:time until_at:time`,
		Withheld: `customer_id`,
	},
	{
		Name: "invitations", Rows: ofCustomer,
		Columns:  `id created_by created_at:time expires_at:time used_at:time used_by code_tries revoked_at:time sent_at:time opened_at:time expired_at:time account_id`,
		Withheld: `customer_id secret_hash code_hash`,
	},
	{
		Name: "removals", Rows: ofCustomer,
		Columns:  `id provider env provider_customer state tries next_try_at:time cause requested_at:time ended_at:time`,
		Withheld: `customer_id`,
		// One that is still to be done needs the provider's id until it is.
		Erase: `DELETE FROM removals WHERE customer_id = $1 AND state <> 'queued'`,
	},
	{
		Name: "audit", Rows: ofCustomer,
		Columns:  `seq at:time actor action subject detail`,
		Withheld: `customer_id hash`,
		Kept:     "it says who did what and when, and holds ids only",
	},
	{
		Name: "customer_words", Rows: ofCustomer,
		Withheld: `word name customer_id`,
	},
	{
		Name: "customers", Rows: `id = $1`,
		Columns:  `id name kind reference email phone language note created_at:time viewed_at:time seen_at:time password_set_at:time email_unproven:bool asked_link_at:time contacted_at:time contacted_before:time put_off_until:time`,
		Withheld: `contacted_by contacted_before_by form sort_name name_words indexed links watched fell_below consent_ends_at consent_soon_at consent_told password_hash login_email login_phone`,
	},
}

// tombstones are the tables that outlive a customer, on purpose.
var tombstones = []string{"erasures", "erased_ids"}

// eraseSQL is the statement that erases a customer's rows; $1 is the customer's id.
func (t personalTable) eraseSQL() string {
	if t.Erase != "" {
		return t.Erase
	}
	return `DELETE FROM ` + t.Name + ` WHERE ` + t.Rows
}

// exported splits a column into its name and how its value is written: as it
// is, or as time, money, bool or json.
func exported(column string) (name, kind string) {
	name, kind, _ = strings.Cut(column, ":")
	return name, kind
}
