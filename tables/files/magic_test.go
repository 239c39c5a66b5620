package files

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestMagic(t *testing.T) { tabletest.Run(t, Magic) }

func TestDescribeType(t *testing.T) {
	t.Parallel()
	for head, want := range map[string][2]string{
		"":                            {"inode/x-empty", "binary"},
		"plain text\n":                {"text/plain", "us-ascii"},
		"gr\u00fc\u00dfe\n":           {"text/plain", "utf-8"},
		"gr\xfc\xdfe aus dem norden":  {"text/plain", "iso-8859-1"},
		"\xff\xfea\x00b\x00":          {"text/plain", "utf-16le"},
		"%PDF-1.7\n":                  {"application/pdf", "binary"},
		"PK\x03\x04":                  {"application/zip", "binary"},
		"\x89PNG\r\n\x1a\n":           {"image/png", "binary"},
		"<?xml version=\"1.0\"?><a/>": {"text/xml", "us-ascii"},
		"cut in a rune \xe2\x82":      {"text/plain", "utf-8"},
		"\x00\x01\x02\x03":            {"application/octet-stream", "binary"},
	} {
		var row fileType
		describeType(&row, []byte(head))
		if row.MIMEType != want[0] || row.MIMEEncoding != want[1] {
			t.Errorf("%q is %s, %s, want %v", head, row.MIMEType, row.MIMEEncoding, want)
		}
	}
}

func FuzzDescribeType(f *testing.F) {
	for _, head := range []string{"", "a", "\x7fELF\x02\x01\x01", "PK\x03\x04", "\xff\xfe", "{\"a\": 1}"} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		var row fileType
		if describeType(&row, head); row.MIMEType == "" || row.MIMEEncoding == "" {
			t.Errorf("%+v", row)
		}
	})
}
