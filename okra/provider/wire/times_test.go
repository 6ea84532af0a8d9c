package wire

import (
	"testing"
	"time"
)

func TestEveryFormOfTimeIsRead(t *testing.T) {
	tests := []struct{ text, want string }{
		{"2021-07-16T14:20:05.968Z", "2021-07-16T14:20:05.968Z"},
		{"2021-07-16T14:20:05Z", "2021-07-16T14:20:05Z"},
		{"2021-07-16T14:20:05+01:00", "2021-07-16T13:20:05Z"},
		{"2021-07-16T14:20:05+0100", "2021-07-16T13:20:05Z"},
		{"2021-07-16T14:20:05+01", "2021-07-16T13:20:05Z"},
		{"2021-07-16T14:20:05,968Z", "2021-07-16T14:20:05.968Z"},
		{"2021-07-16t14:20:05.968z", "2021-07-16T14:20:05.968Z"},
		{"2021-07-16 14:20:05Z", "2021-07-16T14:20:05Z"},
		{"2021-07-16 14:20:05 +0100", "2021-07-16T13:20:05Z"},
		{"2021-07-16T14:20Z", "2021-07-16T14:20:00Z"},
		{"20210716T142005Z", "2021-07-16T14:20:05Z"},
		{"20210716T142005.968+0100", "2021-07-16T13:20:05.968Z"},
		{"2021-12-31T23:59:60Z", "2022-01-01T00:00:00Z"},
		{"Fri, 16 Jul 2021 14:20:05 GMT", "2021-07-16T14:20:05Z"},
		{"Fri Jan 01 2021 21:25:05 GMT-0500", "2021-01-02T02:25:05Z"},
		{"Fri Jan 01 2021 21:25:05 GMT+0100 (West Africa Standard Time)", "2021-01-01T20:25:05Z"},
	}
	for _, tt := range tests {
		got, err := ParseTime(tt.text)
		if err != nil || !got.Equal(at(tt.want)) || got.Location() != time.UTC {
			t.Errorf("ParseTime(%q) = %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestTimesThatAreNotClearAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "yesterday", "2021-07-16", "2021-07-16T14:20:05", "1626445205", "2021-13-01T00:00:00Z",
		"0001-01-01T00:00:00Z", "Fri Jan 01 2021 21:25:05", "Invalid Date",
	} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("ParseTime(%q) = %v, want an error", text, got)
		}
	}
}

func TestObjectIDHoldsItsTime(t *testing.T) {
	got, ok := ObjectIDTime("64ee1ac30000000000000000")
	if want := at("2023-08-29T16:20:19Z"); !ok || !got.Equal(want) {
		t.Errorf("ObjectIDTime = %v, %v, want %v", got, ok, want)
	}
	for _, id := range []string{"", "64ee1ac3", "64ee1ac3000000000000000z", "64ee1ac300000000000000000"} {
		if _, ok := ObjectIDTime(id); ok || ValidObjectID(id) {
			t.Errorf("%q passes as an id", id)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{
		"2021-07-16T14:20:05.968Z", "Fri Jan 01 2021 21:25:05 GMT-0500", "Fri Jan 01 2021 21:25:05 GMT-0500 (EST)",
		"2021-07-16T14:20:05+0100", "9999-12-31T23:59:59-14:00", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTime(text)
		if err != nil {
			return
		}
		again, err := ParseTime(got.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(got) || got.IsZero() {
			t.Errorf("ParseTime(%q) = %v, which reads back as %v, %v", text, got, again, err)
		}
	})
}
