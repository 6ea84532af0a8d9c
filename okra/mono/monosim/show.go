package monosim

import (
	"strconv"
	"time"
)

var lagos = time.FixedZone("WAT", 3600)

func showTime(t time.Time) string { return t.In(lagos).Format("Mon 2 Jan 2006, 15:04:05 MST") }

// showMoney writes minor units with their currency and thousands apart.
func showMoney(minor int64, currency string) string {
	sign, size := "", uint64(minor)
	if minor < 0 {
		sign, size = "−", -uint64(minor)
	}
	whole := strconv.FormatUint(size/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	cents := strconv.FormatUint(100+size%100, 10)[1:]
	return currency + " " + sign + whole + "." + cents
}
