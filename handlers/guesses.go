package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"balancelink/store"
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
	retryAfter(c, n.wait)
	return http.StatusTooManyRequests, say(c, "Too many wrong tries. Try again in %s.", waitWords(c, n.wait))
}

// waitWords are a delay as a person counts it, never shorter than it is.
func waitWords(c *gin.Context, d time.Duration) string {
	if d > time.Minute {
		return say(c, "%d minutes", int((d+time.Minute-1)/time.Minute))
	}
	return say(c, "%d seconds", int((d+time.Second-1)/time.Second))
}

// guess evaluates a password or code unless there were too many wrong ones
// lately: then even the right one is not looked at. What is not right is a
// [notTaken]. signsIn says that nothing else is asked after this.
func (s *Server) guess(c *gin.Context, g store.Guess, signsIn bool, right func() (bool, error)) error {
	ctx := c.Request.Context()
	until, err := s.Store.BeginGuess(ctx, g)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return &notTaken{wait: until.Sub(s.Now())}
	}
	yes, err := right()
	if err != nil {
		return err
	}
	if !yes {
		return &notTaken{}
	}
	return s.Store.EndGuess(ctx, g, signsIn)
}

// guessAt is a guess at a login: from the network that the request comes from,
// or on a device where that login's person has signed in before.
func (s *Server) guessAt(c *gin.Context, l store.Login) store.Guess {
	if id := s.devices.id(c.Request, l); id != "" {
		return store.GuessOn(l, id)
	}
	return store.GuessFrom(l, prefix(s.senderOf(c), 24, 64).String())
}
