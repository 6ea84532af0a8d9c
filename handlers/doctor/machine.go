package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"balancelink/store"
)

// What is little: room for the log of a busy hour, and a certificate that somebody should
// have renewed.
const (
	littleRoom  = 512 << 20
	expiresSoon = 14 * 24 * time.Hour
)

func (d *Doctor) database(ctx context.Context) (all []finding) {
	url := d.Settings.DatabaseURL.Reveal()
	if d.Settings.OnPostgres() {
		if err := store.CheckServer(ctx, url); err != nil {
			return []finding{bad("database", "%v", err)}
		}
		return []finding{fine("database", "PostgreSQL answers, and keeps what the program promises")}
	}
	if err := store.Exposed(url); err != nil {
		if d.Settings.Simulated() {
			all = append(all, noted("database", "%v", err))
		} else {
			all = append(all, bad("database", "%v", err))
		}
	}
	disk, err := d.Disk(url)
	switch {
	case err != nil:
		return append(all, bad("disk", "%v: is the folder of DATABASE_URL there, and may this user write to it?", err))
	case disk.Size == 0:
		all = append(all, noted("database", "%s is not there yet: the first start makes it", disk.File))
	default:
		all = append(all, d.file(ctx, url, disk))
	}
	if need := max(littleRoom, disk.Size+disk.Log); disk.Free < need {
		return append(all, bad(
			"disk", "%s are free, and a backup and a busy day take %s: make room, or move the database",
			megabytes(disk.Free), megabytes(need),
		))
	}
	return append(all, fine("disk", "%s are free", megabytes(disk.Free)))
}

// file says whether a file is a database of this program.
func (d *Doctor) file(ctx context.Context, url string, disk store.Disk) finding {
	if err := store.CheckFile(ctx, url); err != nil {
		return bad("database", "%s, which DATABASE_URL names: %v", disk.File, err)
	}
	return fine("database", "%s has %s", disk.File, megabytes(disk.Size))
}

func megabytes(n int64) string { return fmtCount(n/1_000_000) + " MB" }

func (d *Doctor) backup(ctx context.Context) []finding {
	last, err := store.LastBackupOf(ctx, d.Settings.DatabaseURL.Reveal())
	if d.Settings.OnPostgres() && err == nil && last.At.IsZero() {
		return []finding{noted(
			"backup", "none was made by balancelink backup FILE, and those of PostgreSQL's own tools are not seen "+
				"from here: have one made each day",
		)}
	}
	level := bad
	if d.Settings.Simulated() {
		level = noted
	}
	age := d.Now().Sub(last.At)
	switch {
	case err != nil:
		return []finding{bad("backup", "%v: make a new one with balancelink backup FILE", err)}
	case last.At.IsZero():
		return []finding{level("backup", "none was made yet: balancelink backup FILE makes one, for another machine")}
	case age > store.OldBackup:
		return []finding{level(
			"backup", "the last one is %d days old (%s): have one made each day", int(age/(24*time.Hour)), last.File,
		)}
	}
	return []finding{fine("backup", "the last one is of %s", last.At.UTC().Format(time.RFC3339))}
}

// certificate looks at that of the settings.
func (d *Doctor) certificate(context.Context) []finding {
	if d.Settings.TLSCertFile == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(d.Settings.TLSCertFile, d.Settings.TLSKeyFile)
	if err == nil && pair.Leaf == nil {
		err = errors.New("there is no certificate in it")
	}
	if err != nil {
		return []finding{bad("certificate", "TLS_CERT_FILE and TLS_KEY_FILE cannot be used: %v", err)}
	}
	return []finding{d.validity("certificate", "TLS_CERT_FILE", pair.Leaf)}
}

// validity says for how long a certificate is good.
func (d *Doctor) validity(about, of string, cert *x509.Certificate) finding {
	left := cert.NotAfter.Sub(d.Now())
	until := cert.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case left <= 0:
		return bad(about, "the certificate of %s has expired on %s: renew it", of, until)
	case left < expiresSoon:
		return bad(about, "the certificate of %s expires on %s: renew it now", of, until)
	}
	return fine(about, "the certificate of %s is good until %s", of, until)
}
