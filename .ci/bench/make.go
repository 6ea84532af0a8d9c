package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"balancelink/store"
)

// maker fills a database with customers. It writes SQL of its own: the store
// commits, rightly, several times for each. What the store seals it seals too, and
// it goes on with the audit log's chain; [store.Verify] says whether it did right.
type maker struct {
	keyID string
	aead  cipher.AEAD
	vault []byte // key of the chain
	seq   int64  // of the chain's last row
	hash  string
}

// making is who answers the SQL functions, of which SQLite knows one set a process.
var making *maker

// register makes the functions known to the connections that are opened later.
var register = sync.OnceValue(func() error {
	var errs []error
	for name, f := range map[string]func(args []driver.Value) (driver.Value, error){
		"made_name":   func(args []driver.Value) (driver.Value, error) { return madeName(args[0].(int64)), nil },
		"made_seal":   func(args []driver.Value) (driver.Value, error) { return making.seal(args), nil },
		"made_hash":   func(args []driver.Value) (driver.Value, error) { return making.chain(args) },
		"made_secret": func(args []driver.Value) (driver.Value, error) { return secretHash(args[0].(int64)), nil },
	} {
		errs = append(errs, sqlite.RegisterScalarFunction(
			name, -1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) { return f(args) },
		))
	}
	return errors.Join(errs...)
})

// madeName is one of some 170,000 names, as invented as they are alike.
func madeName(i int64) string {
	pick := func(from string, salt uint64) string {
		all := strings.Fields(from)
		x := (uint64(i)*0x9e3779b97f4a7c15 + salt) * 0xbf58476d1ce4e5b9
		return all[(x>>33)%uint64(len(all))]
	}
	return pick("Ada Ama Bola Chi Dami Ebe Femi Hali Ife Kemi Nne Zai", 1) +
		pick("eze ndu la di naya ra mma nab tayo soye", 2) + " " +
		pick("Ade Oko Ibra Bal Nwo Eze Olu Aki Bel Chuk Dan Emi Fas Gbo Uma", 3) +
		pick("nkw ola him ogu su bayo kem wale ru mar wus tokun", 4) + pick("o a un e i ade ere u", 5)
}

func secretHash(i int64) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return hex.EncodeToString(sum[:])
}

// seal is a value of a column of a row as the store's package seal has it: of a
// text as text, of bytes as bytes.
func (m *maker) seal(args []driver.Value) driver.Value {
	bound := []byte(args[0].(string) + "\x00" + args[1].(string) + "\x00" + args[2].(string))
	head := "s1:" + m.keyID + ":"
	if text, is := args[3].(string); is {
		return head + base64.RawStdEncoding.EncodeToString(m.aead.Seal(nil, nil, []byte(text), bound))
	}
	return m.aead.Seal([]byte(head), nil, args[3].([]byte), bound)
}

// chain is the hash of the audit log's next row: seq, at, actor, action,
// customer_id, subject and detail. None of them names a member of staff.
func (m *maker) chain(args []driver.Value) (driver.Value, error) {
	if args[0].(int64) != m.seq+1 {
		return nil, fmt.Errorf("row %d of the audit log comes after %d", args[0], m.seq)
	}
	parts := []string{"audit row", m.hash}
	for _, a := range append(args, "", "") {
		parts = append(parts, fmt.Sprint(a))
	}
	m.seq, m.hash = m.seq+1, m.mac(parts...)
	return m.hash, nil
}

func (m *maker) mac(parts ...string) string {
	h := hmac.New(sha256.New, m.vault)
	for _, part := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// newMaker reads where the chain ends, and the key that it is under.
func newMaker(ctx context.Context, tx *sql.Tx) (*maker, error) {
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil, err
	}
	m := &maker{}
	if m.aead, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, err
	}
	var sealed string
	if err := tx.QueryRowContext(ctx, `SELECT seq, hash, sealed FROM audit_head, vault`).Scan(&m.seq, &m.hash, &sealed); err != nil {
		return nil, err
	}
	if m.seq == 0 {
		m.hash = strings.Repeat("0", 2*sha256.Size)
	}
	_, rest, _ := strings.Cut(sealed, ":")
	id, text, _ := strings.Cut(rest, ":")
	kept, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	opened, err := m.aead.Open(nil, nil, kept, []byte("vault\x00sealed\x001"))
	if err != nil {
		return nil, err
	}
	m.keyID = id
	var vault struct {
		Key []byte `json:"key"`
	}
	err = json.Unmarshal(opened, &vault)
	m.vault = vault.Key
	return m, err
}

// withCustomers makes a database with so many customers, a multiple of five. Each
// fifth has never linked a bank; [linkedOf] of the others have the accounts from 0 on.
func (b *bench) withCustomers(n int) (file string, err error) {
	file = b.file("customers.db")
	return file, b.fillCustomers(file, n)
}

// linkedOf is how many of so many customers have linked a bank.
func linkedOf(customers int) int { return customers / 5 * 4 }

func (b *bench) fillCustomers(file string, n int) error {
	n = (n + 4) / 5 * 5
	if err := register(); err != nil {
		return err
	}
	return b.write(file, func(tx *sql.Tx) (err error) {
		if making, err = newMaker(b.ctx, tx); err != nil {
			return err
		}
		first, now := making.seq, time.Now().UnixMilli()
		for _, statement := range customerRows {
			args := []any{n, now, first, []byte(webhook)}
			if _, err := tx.ExecContext(b.ctx, numbers+statement, args...); err != nil {
				return fmt.Errorf("%.40s: %w", strings.TrimSpace(statement), err)
			}
		}
		_, err = tx.ExecContext(b.ctx, `UPDATE audit_head SET seq = $1, hash = $2, mac = $3`, making.seq, making.hash,
			making.mac("audit head", strconv.FormatInt(making.seq, 10), making.hash))
		return err
	})
}

// makeFile puts a database of so many customers at that path and checks it.
func (b *bench) makeFile(file string) error {
	start := time.Now()
	if err := b.fillCustomers(file, b.customers); err != nil {
		return err
	}
	took := time.Since(start)
	fmt.Printf("%d customers in %s: %.0f a second\n", b.customers, took.Round(time.Millisecond), float64(b.customers)/took.Seconds())
	start = time.Now()
	v, err := store.Verify(b.ctx, "sqlite:"+file, keys(), nil)
	if err != nil {
		return err
	}
	if len(v.Contradictions) > 0 || v.Audit.BadRow != 0 {
		return fmt.Errorf("it is not as the store makes it: %+v", v)
	}
	fmt.Printf("%d rows, %d of them in the audit log, verified in %s\n", v.Rows, v.Audit.Rows, time.Since(start).Round(time.Millisecond))
	return nil
}

// withoutIndexes runs a change of everything and makes the indexes anew after it.
func withoutIndexes(ctx context.Context, tx *sql.Tx, change func(*sql.Tx) error) error {
	rows, err := tx.QueryContext(ctx, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var drop, create []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		drop, create = append(drop, `DROP INDEX `+name), append(create, text)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	exec := func(statements []string) error {
		for _, statement := range statements {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}
	if err := exec(drop); err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return err
	}
	return exec(create)
}

// numbers are 0 to $1 - 1, and what is known by one of a customer: of each five
// the first four have linked a bank.
const numbers = `WITH RECURSIVE
	numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < $1),
	linked(i) AS (SELECT i FROM numbers WHERE i % 5 < 4)
	`

// customerRows are statements after numbers; $2 is now, $3 the last row of the
// audit log, $4 a webhook's body. Ids begin like the store's own of January 2026, so
// that they sort as theirs do. Times are before now by up to 300 days.
var customerRows = []string{
	`INSERT INTO customers (id, name, reference, email, phone, sort_name, name_words, indexed, consent_ends_at,
			consent_soon_at, created_at, viewed_at)
		SELECT printf('019b7a00-0000-7000-8000-%012x', i), name, printf('LN-%010d', i), printf('person.%d@example.com', i), printf('+234803%07d', i),
			LOWER(name), CASE WHEN SUBSTR(name, 1, INSTR(name, ' ')) < SUBSTR(name, INSTR(name, ' ') + 1) THEN LOWER(name)
				ELSE LOWER(SUBSTR(name, INSTR(name, ' ') + 1) || ' ' || SUBSTR(name, 1, INSTR(name, ' ') - 1)) END,
			TRUE, CASE WHEN i % 5 < 4 THEN NULL ELSE 0 END, CASE WHEN i % 5 < 4 THEN NULL ELSE 0 END,
			$2 - 25920000000 + i * 25000000000 / $1, CASE WHEN i % 2 = 0 THEN $2 - i * 7919 % 2592000000 END
		FROM (SELECT i, made_name(i) AS name FROM numbers)`,
	`INSERT INTO customer_words (word, name, customer_id)
		SELECT DISTINCT word, LOWER(name), printf('019b7a00-0000-7000-8000-%012x', i)
		FROM (
			SELECT i, name, CASE w
				WHEN 0 THEN LOWER(SUBSTR(name, 1, INSTR(name, ' ') - 1)) WHEN 1 THEN LOWER(SUBSTR(name, INSTR(name, ' ') + 1))
				WHEN 2 THEN 'ln' WHEN 3 THEN printf('%010d', i)
				WHEN 4 THEN 'person' WHEN 5 THEN printf('%d@example', i) WHEN 6 THEN 'example' WHEN 7 THEN 'com'
				WHEN 8 THEN printf('+234803%07d', i) WHEN 9 THEN printf('234803%07d', i) WHEN 10 THEN printf('0803%07d', i) WHEN 11 THEN printf('803%07d', i)
				ELSE printf('%04d', i * 7919 % 10000) END AS word
			FROM (SELECT i, made_name(i) AS name FROM numbers) CROSS JOIN (
				SELECT column1 AS w FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12))))
		ORDER BY 1, 2, 3`,
	`INSERT INTO invitations (id, customer_id, secret_hash, created_by, created_at, expires_at, used_at, used_by)
		SELECT printf('019b7a00-0000-7000-8007-%012x', i), printf('019b7a00-0000-7000-8000-%012x', i), made_secret(i), '',
			$2 - 25920000000 + i * 25000000000 / $1, $2 - 25315200000 + i * 25000000000 / $1,
			CASE WHEN i % 5 < 4 THEN $2 - 25920000000 + i * 25000000000 / $1 END,
			CASE WHEN i % 5 < 4 THEN printf('019b7a00-0000-7000-8001-%012x', i) ELSE '' END
		FROM numbers`,
	`INSERT INTO visits (id, customer_id, invitation_id, begun_at, until_at)
		SELECT printf('019b7a00-0000-7000-8008-%012x', i), printf('019b7a00-0000-7000-8000-%012x', i), printf('019b7a00-0000-7000-8007-%012x', i),
			$2 - 25920000000 + i * 25000000000 / $1, $2 - 25918200000 + i * 25000000000 / $1
		FROM linked`,
	`INSERT INTO consents (id, customer_id, invitation_id, visit_id, version, scope, business, given_at)
		SELECT printf('019b7a00-0000-7000-8001-%012x', i), printf('019b7a00-0000-7000-8000-%012x', i), printf('019b7a00-0000-7000-8007-%012x', i),
			printf('019b7a00-0000-7000-8008-%012x', i), '1', 'balance', 'Sample Lender', $2 - 25920000000 + i * 25000000000 / $1
		FROM linked`,
	`INSERT INTO link_attempts (id, nonce, customer_id, invitation_id, visit_id, consent_id, account_id, provider, env, state, provider_record,
			provider_customer, claimed_by, bank_name, report, reason, tries, created_at, expires_at, reported_at, ended_at)
		SELECT printf('019b7a00-0000-7000-8002-%012x', i), printf('nonce%012x', i), printf('019b7a00-0000-7000-8000-%012x', i),
			printf('019b7a00-0000-7000-8007-%012x', i), printf('019b7a00-0000-7000-8008-%012x', i), printf('019b7a00-0000-7000-8001-%012x', i), '',
			'okra', 'simulated', 'linked', printf('64fec9000001%012x', i - i / 5), '', 'widget', 'Sample Bank', '', '', 0,
			$2 - 25920000000 + i * 25000000000 / $1, $2 - 25918200000 + i * 25000000000 / $1, $2 - 25919900000 + i * 25000000000 / $1, $2 - 25919900000 + i * 25000000000 / $1
		FROM linked`,
	`INSERT INTO link_attempts (id, nonce, customer_id, consent_id, account_id, provider, env, state, provider_record,
			provider_customer, claimed_by, bank_name, report, reason, holder, name_match, tries, created_at, expires_at, reported_at)
		SELECT printf('019b7a00-0000-7000-8009-%012x', i), printf('doubt%012x', i), printf('019b7a00-0000-7000-8000-%012x', i),
			printf('019b7a00-0000-7000-8001-%012x', i), '', 'okra', 'simulated', 'needs_review', printf('64fec9000009%012x', i), '', 'widget',
			'Sample Bank', '', 'The name on the account does not match the customer''s.', 'INVENTED PERSON', 'different', 0, $2 - 86400000, $2 - 86300000, $2 - 86350000
		FROM linked
		WHERE i % 20000 = 20`,
	`INSERT INTO records (id, provider, env, provider_id, customer_id, attempt_id, bank_id, bank_name, bank_slug, created_at)
		SELECT printf('019b7a00-0000-7000-8003-%012x', i), 'okra', 'simulated', printf('64fec9000001%012x', i - i / 5), printf('019b7a00-0000-7000-8000-%012x', i),
			printf('019b7a00-0000-7000-8002-%012x', i), '', 'Sample Bank', 'sample-bank', $2 - 25919900000 + i * 25000000000 / $1
		FROM linked`,
	// One for each who linked, then a second one for each fourth of them.
	`INSERT INTO accounts (id, customer_id, record_id, visit_id, provider, env, provider_id, provider_customer, bank_id, bank_name, bank_slug, name,
			nuban, type, currency, status, linked_at, bound_at, balance_id, ledger, as_of, as_of_stated, as_of_kind, basis, source, received_at,
			available, available_as_of, available_worked_out, checked_at, swept_at)
		SELECT id, printf('019b7a00-0000-7000-8000-%012x', c), printf('019b7a00-0000-7000-8003-%012x', c), printf('019b7a00-0000-7000-8008-%012x', c),
			'okra', 'simulated', printf('64fec8000003%012x', i), '', '', 'Sample Bank', 'sample-bank', 'Invented Person',
			made_seal('accounts', 'nuban', id, printf('%010d', i * 7919 % 10000000000)), 'SAVINGS', 'NGN',
			CASE WHEN i % 50 = 7 THEN 'needs_login' WHEN i % 40 = 11 THEN 'unlinked' ELSE 'linked' END,
			$2 - 25919900000 + c * 25000000000 / $1, $2 - 25919900000 + c * 25000000000 / $1, printf('019b7a00-0000-7000-8100-%012x', i), 100000 + i, as_of, TRUE, 'stated', 'ledger',
			'webhook', as_of + 3000, 90000 + i, as_of, FALSE, as_of, as_of
		FROM (
			SELECT i, j + j / 4 AS c, printf('019b7a00-0000-7000-8004-%012x', i) AS id,
				$2 - 60000 - CASE WHEN i * 7919 % 1000 < 950 THEN i * 7919 % 43200000 ELSE 86400000 + i * 7919 % 2592000000 END AS as_of
			FROM (SELECT i, CASE WHEN i < $1 / 5 * 4 THEN i ELSE (i - $1 / 5 * 4) * 4 END AS j FROM numbers))`,
	`UPDATE customers
		SET links = CASE WHEN some.linked THEN 'linked' ELSE 'unlinked' END
		FROM (SELECT customer_id, MAX(status <> 'unlinked') AS linked FROM accounts GROUP BY customer_id) AS some
		WHERE customers.id = some.customer_id`,
	`INSERT INTO balances (id, account_id, fact, source, currency, as_of, as_of_stated, as_of_kind, basis, available_worked_out, received_at, event_id,
			provider_id, available_balance, ledger_balance, account, connected, customer, record, owner, env, provider)
		SELECT printf('019b7a00-0000-7000-81%02x-%s', k, SUBSTR(id, 25)), id, printf('%02x%022s', k, SUBSTR(id, 25)), 'webhook', 'NGN', as_of - k * 86400000, TRUE,
			'stated', 'ledger', FALSE, as_of + 3000 - k * 86400000, CASE WHEN k = 0 THEN '019b7a00-0000-7000-8006-' || SUBSTR(id, 25) ELSE '' END, '', available - k,
			ledger - k, '', '', '', '', '', '', 'okra'
		FROM accounts CROSS JOIN (SELECT i AS k FROM numbers LIMIT 3)`,
	`INSERT INTO events (id, provider, env, dedup_key, method, code, provider_env, provider_record, provider_account,
			attempt_nonce, headers, body, deliveries, result, reason, customer_id, received_at, last_received_at, applied_at)
		SELECT id, 'okra', 'simulated', printf('%012x%020x', received_at, i), 'BALANCE', 'BALANCE_SUCCESS', 'production-sandbox', provider_record, provider_id, '',
			'{"Content-Type":"application/json"}', made_seal('events', 'body', id, $4), 1, CASE WHEN i % 20000 = 19 THEN 'unmatched' ELSE 'applied' END, '',
			CASE WHEN i % 20000 = 19 THEN NULL ELSE customer_id END, received_at, received_at, CASE WHEN i % 20000 = 19 THEN NULL ELSE received_at + 50 END
		FROM (
			SELECT '019b7a00-0000-7000-8006-' || SUBSTR(accounts.id, 25) AS id, accounts.rowid AS i, received_at, accounts.provider_id, accounts.customer_id,
				records.provider_id AS provider_record
			FROM accounts CROSS JOIN records ON records.id = accounts.record_id)`,
	`INSERT INTO refreshes (id, account_id, kind, trigger, staff_id, state, provider_record, provider_method, polls, created_at, asked_at, next_at,
			deadline_at, ended_at, ledger_before, available_before, ledger_after, available_after, tries, fault, cause)
		SELECT '019b7a00-0000-7000-800a-' || SUBSTR(id, 25), id, 'refresh', 'schedule', '', 'updated', '', '', 1, as_of - 9000, as_of - 8000, as_of,
			as_of + 600000, as_of + 3000, ledger - 1, available - 1, ledger, available, 0, '', ''
		FROM accounts`,
	`INSERT INTO thresholds (account_id, amount, currency, set_by, set_at, below)
		SELECT id, CASE WHEN rowid % 500 = 0 THEN ledger + 1 ELSE 1000 END, 'NGN', '', as_of, rowid % 500 = 0
		FROM accounts
		WHERE rowid % 10 = 0`,
	`UPDATE customers
		SET watched = TRUE, fell_below = some.below
		FROM (
			SELECT customer_id, MAX(below) AS below
			FROM thresholds JOIN accounts ON accounts.id = thresholds.account_id
			GROUP BY customer_id) AS some
		WHERE customers.id = some.customer_id`,
	`, acts(k, actor, action, subject) AS (VALUES
		(0, 'program', 'customer added', '8000'), (1, 'program', 'personal link made', '8007'), (2, 'visit:', 'consent given', '8001'),
		(3, 'visit:', 'bank window opened', '8002'), (4, 'program', 'bank linked', '8002'), (5, 'program', 'webhook applied', '8006'))
	INSERT INTO audit (seq, at, actor, action, customer_id, subject, detail, hash)
		SELECT seq, at, actor, action, customer, subject, '', made_hash(seq, at, actor, action, customer, subject, '')
		FROM (
			SELECT $3 + i / 5 * 25 + i % 5 * 6 + k + 1 AS seq, $2 - 25920000000 + i * 25000000000 / $1 + k * 1000 AS at,
				CASE actor WHEN 'visit:' THEN printf('visit:019b7a00-0000-7000-8008-%012x', i) ELSE actor END AS actor, action,
				printf('019b7a00-0000-7000-8000-%012x', i) AS customer, printf('019b7a00-0000-7000-%s-%012x', subject, CASE k WHEN 5 THEN i - i / 5 ELSE i END) AS subject
			FROM numbers CROSS JOIN acts
			WHERE i % 5 < 4 OR k = 0)`,
}
