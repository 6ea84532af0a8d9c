package settings

import "errors"

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
