package roster

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// decode is a file as UTF-8 without a mark. Excel's "Unicode text" is UTF-16 with one;
// what its plain CSV is in depends on the machine, so that nobody can tell.
func decode(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte("PK\x03\x04")), bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")):
		return "", &Error{Problem: Workbook}
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(content)
		if err != nil {
			return "", &Error{Problem: NotText}
		}
		content = text
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return "", &Error{Problem: NotText}
	}
	if bytes.IndexByte(content, '\n') < 0 { // Excel for the Mac ends lines as its first machines did
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	}
	return string(content), nil
}

// separator is what stands between the fields of a file: what stands most often in its
// first line that has anything, outside quotation marks. A line by which it tells Excel
// is taken off.
func separator(text string) (rest string, comma rune, before int) {
	line, rest, _ := strings.Cut(text, "\n")
	if told, ok := strings.CutPrefix(strings.TrimRight(line, "\r"), "sep="); ok && len(told) == 1 {
		if strings.Contains(",;\t", told) {
			return rest, rune(told[0]), 1
		}
	}
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n "), "\n")
	counts, quoted := map[rune]int{}, false
	for _, r := range first {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[r]++
		}
	}
	comma = ','
	for _, r := range ";\t" {
		if counts[r] > counts[comma] {
			comma = r
		}
	}
	return text, comma, 0
}
