package simulate

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// A Hook is one webhook on its way.
type Hook struct {
	URL    string // empty: nobody hears it, and it counts as delivered
	Header map[string]string
	Body   []byte // JSON
	Title  string // as the panel lists it
}

// A Courier delivers webhooks.
type Courier struct {
	Name    string // of the simulator, in errors and in the log
	Tasks   *Tasks
	Traffic *Traffic
	HTTP    *http.Client
	Logger  *slog.Logger
}

// Deliver posts a webhook until it is answered with 2xx, and after a failure once more
// behind each of the waits.
func (c *Courier) Deliver(h Hook, waits ...time.Duration) {
	for {
		_, err := c.Post(h)
		if err == nil {
			return
		}
		c.Logger.Warn(c.Name+": webhook not delivered", "what", h.Title, "err", err)
		if len(waits) == 0 || !c.Tasks.Wait(waits[0]) {
			return
		}
		waits = waits[1:]
	}
}

// Post makes one attempt. It returns the status of the answer, 0 for none, and an
// error unless that is 2xx.
func (c *Courier) Post(h Hook) (status int, err error) {
	if h.URL == "" {
		return 0, nil
	}
	req, err := http.NewRequestWithContext(c.Tasks.Context(), http.MethodPost, h.URL, bytes.NewReader(h.Body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range h.Header {
		req.Header.Set(name, value)
	}
	e := Exchange{At: c.Traffic.Now(), ToApp: true, What: h.Title}
	defer func() { e.Status = status; c.Traffic.remember(e) }()
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, err
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: webhook answered %s", c.Name, res.Status)
	}
	return res.StatusCode, err
}
