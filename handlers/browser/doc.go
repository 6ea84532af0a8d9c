// Package browser holds no code, only tests: those that need a real browser,
// Chromium, for the scripts of the pages, for what is to be seen and heard of
// them, and for the bank's window. What HTTP alone can tell is tested in handlers.
package browser
