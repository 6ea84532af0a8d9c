-- The telephone number with which a customer signs in: several may have one, but it is the
-- login of one, as an e-mail address is.

-- +goose Up
ALTER TABLE customers ADD COLUMN login_phone TEXT NOT NULL DEFAULT ''; -- as E.164 has it; empty: none, or no password

-- Of those who have a password it is whose is the oldest, unless it is another's reference
-- (of a Nigerian number, in each form that phone.Starts knows). A number from before they
-- were kept as E.164 has it becomes a login when it is saved anew.
UPDATE customers
SET login_phone = phone
WHERE id IN (
	SELECT id
	FROM (
		SELECT id, ROW_NUMBER() OVER (PARTITION BY phone ORDER BY password_set_at, id) AS place
		FROM customers
		WHERE password_hash <> '' AND phone LIKE '+%'
	) AS theirs
	WHERE place = 1)
AND NOT EXISTS (
	SELECT 1
	FROM customers AS other
	WHERE other.id <> customers.id AND other.reference <> ''
	AND other.reference IN (customers.phone, SUBSTR(customers.phone, 2), '0' || SUBSTR(customers.phone, 5), SUBSTR(customers.phone, 5)));
CREATE UNIQUE INDEX customers_login_phone ON customers (login_phone) WHERE login_phone <> '';

-- +goose Down
DROP INDEX customers_login_phone;
ALTER TABLE customers DROP COLUMN login_phone;
