package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/handlers/web"
	"balancelink/store"
	"balancelink/store/limits"
)

// notTaken says that a password or code was not taken. It never says which of
// the things that were given was wrong.
type notTaken struct {
	wait time.Duration // until another may be tried; zero: it was wrong
}

// Error implements error.
func (n *notTaken) Error() string { return "wrong, or too many tries" }

// answer is the status of the answer and what it says; wrong is the sentence
// when there is nothing to wait for.
func (n *notTaken) answer(c *gin.Context, wrong string) (status int, sentence string) {
	if n.wait == 0 {
		return http.StatusUnauthorized, wrong
	}
	web.RetryAfter(c, n.wait)
	return http.StatusTooManyRequests, web.Say(c, "Too many wrong tries. Try again in %s.", web.WaitWords(c, n.wait))
}

// try evaluates a password or code unless there were too many wrong ones
// lately: then even the right one is not looked at. What is not right is a
// [notTaken], and so is what the store says not to look at. signsIn says that nothing
// else is asked after this.
func (s *Service) try(c *gin.Context, by store.Throttle, signsIn bool, right func() (bool, error)) error {
	ctx := c.Request.Context()
	until, err := s.store.BeginTry(ctx, by)
	unseen := errors.Is(err, store.ErrUnseen)
	if err != nil && !unseen {
		return err
	}
	if !until.IsZero() {
		return &notTaken{wait: until.Sub(s.Now())}
	}
	yes, err := right()
	if err != nil {
		return err
	}
	if !yes || unseen { // which takes as long
		return &notTaken{}
	}
	return s.store.EndTry(ctx, by, signsIn)
}

// throttleAt bounds tries at a login: by the network that the request comes from,
// or by a device where that login's person has signed in before.
func (s *Service) throttleAt(c *gin.Context, l store.Login) store.Throttle {
	if id := s.devices.id(c.Request, l); id != "" {
		return store.ThrottleByDevice(l, id)
	}
	return store.ThrottleByNetwork(l, s.network(c))
}

// customerThrottle bounds tries at a login of customers, which means that one, or nobody.
// On a device where they have signed in before all of their logins are one.
func (s *Service) customerThrottle(c *gin.Context, l store.Login, cu store.Customer) store.Throttle {
	meant := store.CustomerMeant(cu.ID, l)
	id := cmp.Or(s.devices.id(c.Request, meant), s.devices.id(c.Request, l)) // as the release before wrote it
	if id != "" {
		return store.ThrottleByDevice(meant, id)
	}
	return store.ThrottleByCustomer(l, meant, s.network(c))
}

// network is that of who sends a request, by which they are counted.
func (s *Service) network(c *gin.Context) string { return limits.Prefix(s.Sender(c), 24, 64).String() }

// failures counts wrong passwords until they are written down, for each
// member of staff and for all addresses together that nobody has. Guessing
// fills no log so, and to write takes no time by which somebody who guesses
// could tell an address that exists.
type failures struct {
	mu     sync.Mutex
	counts map[string]int // by staff id; empty: nobody's
	since  time.Time      // when they were last written down
}

// failedEvery is how often failed sign-ins are written down.
const failedEvery = time.Minute

func (f *failures) add(staffID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.counts[staffID]++
}

// take returns the counts if their time has come.
func (f *failures) take(now time.Time, always bool) map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !always && now.Sub(f.since) < failedEvery {
		return nil
	}
	counts := f.counts
	f.counts, f.since = nil, now
	return counts
}

// RecordFailures writes down who tried to sign in and failed: at once if
// always, else once a minute.
func (s *Service) RecordFailures(ctx context.Context, always bool) {
	for id, n := range s.failed.take(time.Now(), always) {
		act := store.Act{
			Actor: store.Nobody, Action: store.ActSignInFailed, Subject: id,
			Detail: fmt.Sprintf("%d times, with the address of a member of staff", n),
		}
		if id == "" {
			act.Detail = fmt.Sprintf("%d times, with addresses that nobody has", n)
		}
		if err := s.store.Record(ctx, act); err != nil {
			s.Logger.Error("recording failed sign-ins", "err", err)
		}
	}
}
