package okrasim

import "time"

// now is the bank's time: the configured clock, and how far it was stepped.
func (s *Server) now() time.Time { return s.cfg.Now().Add(s.Ahead()) }

// Ahead says how far the bank's clock is before the real one; negative: behind.
func (s *Server) Ahead() time.Duration { return time.Duration(s.ahead.Load()) }

// StepClock moves the bank's clock, which dates every figure, record and
// webhook from now on. Only the bank's: the application has a clock of its own.
func (s *Server) StepClock(by time.Duration) { s.ahead.Add(int64(by)) }

// ResetClock sets the bank's clock right.
func (s *Server) ResetClock() { s.ahead.Store(0) }
