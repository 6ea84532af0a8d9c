package listen

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// ErrCertificate says that TLS_CERT_FILE and TLS_KEY_FILE are of no use.
var ErrCertificate = errors.New("TLS_CERT_FILE and TLS_KEY_FILE cannot be used")

// certificate is a certificate and its key as they stand in their files now:
// who renews them need not restart the program.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex
	loaded *tls.Certificate
	stamps [2]time.Time // of the files when they were last looked at
}

// get implements the GetCertificate of a [tls.Config]. Files that cannot be
// used leave the certificate from before in place, if there is one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stamps, err := c.stat()
	if err == nil && c.loaded != nil && stamps == c.stamps {
		return c.loaded, nil
	}
	if err == nil {
		err = c.load()
	}
	changed := stamps != c.stamps
	c.stamps = stamps
	switch {
	case err == nil:
	case c.loaded == nil:
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	case changed: // said once, not at every handshake
		c.log.Error("reading the certificate again: the one before stays", "err", err)
	}
	return c.loaded, nil
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err == nil {
		c.loaded = &pair
	}
	return err
}

// stat is when each file was changed last; zero times when one is not there.
func (c *certificate) stat() (stamps [2]time.Time, err error) {
	cert, err1 := os.Stat(c.certFile)
	key, err2 := os.Stat(c.keyFile)
	if err := cmp.Or(err1, err2); err != nil {
		return stamps, err
	}
	return [2]time.Time{cert.ModTime(), key.ModTime()}, nil
}
