package settings

import (
	"errors"
	"io"
	"log/slog"
)

// Switch is a setting that is on or off.
type Switch string

const on, off Switch = "on", "off"

// On says whether it is on.
func (s Switch) On() bool { return s == on }

// UnmarshalText takes what the operator wrote.
func (s *Switch) UnmarshalText(text []byte) error {
	switch given := Switch(text); given {
	case on, off:
		*s = given
		return nil
	}
	return errors.New(`it must be "on" or "off"`)
}

// LogFormat is how lines of the log are written.
type LogFormat string

const asText, asJSON LogFormat = "text", "json"

// UnmarshalText takes what the operator wrote.
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch given := LogFormat(text); given {
	case asText, asJSON:
		*f = given
		return nil
	}
	return errors.New(`it must be "text" or "json"`)
}

// Log is a log that is written so.
func (f LogFormat) Log(out io.Writer) *slog.Logger {
	if f == asJSON {
		return slog.New(slog.NewJSONHandler(out, nil))
	}
	return slog.New(slog.NewTextHandler(out, nil))
}
