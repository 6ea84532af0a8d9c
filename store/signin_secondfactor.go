package store

import (
	"context"
	"time"
)

// SetSecondFactor turns a member of staff's second factor on, with its seed,
// the step of the code that confirmed it, and the recovery codes' hashes. What
// was set before is of no use any more, and no session that began without it
// goes on but the one with that hash, in which it was proven just now.
func (s *Store) SetSecondFactor(
	ctx context.Context, staffID, session, seed string, step int64, codeHashes []string,
) error {
	return s.inTx(ctx, func(tx *tx) error {
		if err := tx.dropSecondFactor(ctx, staffID); err != nil {
			return err
		}
		if err := tx.writeSeed(ctx, staffID, seed, step); err != nil {
			return err
		}
		for _, hash := range codeHashes {
			err := tx.exec(ctx, `INSERT INTO recovery_codes (code_hash, staff_id) VALUES ($1, $2)`, hash, staffID)
			if err != nil {
				return err
			}
		}
		if err := tx.proveFactor(ctx, staffID, session, tx.now); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedFactor, staffID, ""); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: ByStaff(staffID), Action: ActSecondFactorSet, Subject: staffID})
	})
}

// proveFactor ends a member of staff's sessions but the one with that hash,
// which has proven the second factor at that time; zero: it proves none.
func (tx *tx) proveFactor(ctx context.Context, staffID, session string, at time.Time) error {
	if err := tx.endSessions(ctx, staffID, session); err != nil {
		return err
	}
	return tx.exec(
		ctx, `UPDATE sessions SET factor_at = $3 WHERE principal_id = $1 AND token_hash = $2`, staffID, session,
		unixMS(at),
	)
}

// RemoveSecondFactor turns a second factor off, with its recovery codes, and
// signs that person out everywhere but in the session with that hash.
func (s *Store) RemoveSecondFactor(ctx context.Context, actor, staffID, session string) error {
	return s.inTx(ctx, func(tx *tx) error {
		if _, err := one(ctx, tx, scanStaff, `SELECT `+staffColumns+` FROM staff WHERE id = $1`, staffID); err != nil {
			return err
		}
		if err := tx.dropSecondFactor(ctx, staffID); err != nil {
			return err
		}
		if err := tx.proveFactor(ctx, staffID, session, time.Time{}); err != nil {
			return err
		}
		if err := tx.forGood(ctx, deedFactor, staffID, ""); err != nil {
			return err
		}
		return tx.audit(ctx, Act{Actor: actor, Action: ActSecondFactorRemoved, Subject: staffID})
	})
}

func (tx *tx) dropSecondFactor(ctx context.Context, staffID string) error {
	for _, query := range []string{
		`DELETE FROM recovery_codes WHERE staff_id = $1`,
		`DELETE FROM second_factors WHERE staff_id = $1`,
	} {
		if err := tx.exec(ctx, query, staffID); err != nil {
			return err
		}
	}
	return nil
}

// writeSeed and [Store.SecondFactorSeed] are the only two that touch the seed.
func (tx *tx) writeSeed(ctx context.Context, staffID, seed string, step int64) error {
	kept, err := tx.sealed(factorSeed, staffID, seed)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO second_factors (staff_id, seed, last_step, confirmed_at)
		VALUES ($1, $2, $3, $4)`, staffID, kept, step, unixMS(tx.now))
}

// SecondFactorSeed returns the seed of a member of staff's codes; [ErrNotFound]:
// there is no second factor.
func (s *Store) SecondFactorSeed(ctx context.Context, staffID string) (string, error) {
	return one(ctx, s.read, func(row scanner) (seed string, err error) {
		err = row.Scan(&opening{column: factorSeed, row: &staffID, text: &seed})
		return seed, err
	}, `SELECT seed FROM second_factors WHERE staff_id = $1`, staffID)
}

// TakeStep takes the code of a step once: false when that step or a later one
// was taken before.
func (s *Store) TakeStep(ctx context.Context, staffID string, step int64) (taken bool, err error) {
	return s.happens(
		ctx, `UPDATE second_factors SET last_step = $2 WHERE staff_id = $1 AND last_step < $2`, staffID, step,
	)
}

// TakeRecoveryCode takes a recovery code once.
func (s *Store) TakeRecoveryCode(ctx context.Context, staffID, codeHash string) (taken bool, err error) {
	err = s.inTx(ctx, func(tx *tx) error {
		taken, err = tx.changes(ctx,
			`UPDATE recovery_codes SET used_at = $3 WHERE staff_id = $1 AND code_hash = $2 AND used_at IS NULL`,
			staffID, codeHash, unixMS(tx.now))
		if err != nil || !taken {
			return err
		}
		return tx.forGood(ctx, deedCode, codeHash, "")
	})
	return taken, err
}

// RecoveryCodesLeft counts the recovery codes that were not used yet.
func (s *Store) RecoveryCodesLeft(ctx context.Context, staffID string) (n int, err error) {
	err = s.read.QueryRowContext(
		ctx, `SELECT COUNT(*) FROM recovery_codes WHERE staff_id = $1 AND used_at IS NULL`, staffID,
	).Scan(&n)
	return n, err
}
