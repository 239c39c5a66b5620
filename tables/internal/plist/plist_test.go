package plist

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everything is the list below in binary, written by Python's plistlib.
const everything = "YnBsaXN0MDDXAQIDBAUGBwgJCgsMDxBUYm9vbFRkYXRhVGRhdGVTaW50VGxpc3RUcmVhbFR0ZXh0CUMBAgMzQcUUtEAAAAATAAAAASoF8gCiDQ5RYVFiIz/4AAAAAAAAYgBlIKwIFxwhJiovNDk6PkdQU1VXYAAAAAAAAAEBAAAAAAAAABEAAAAAAAAAAAAAAAAAAABl"

func TestParseXML(t *testing.T) {
	t.Parallel()
	const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`
	for name, test := range map[string]struct {
		text string
		want any
	}{
		"all types": {head + `<plist version="1.0"><dict><key>a</key><string>x &amp; y</string><key>n</key><integer>-3</integer><key>h</key><integer>0x10</integer>
			<key>u</key><integer>18446744073709551615</integer><key>r</key><real>1.5</real><key>t</key><true/><key>f</key><false/>
			<key>d</key><date>2024-05-06T07:08:09Z</date><key>b</key><data> AQ
			ID </data><key>l</key><array><string>1</string><dict/></array></dict></plist>`,
			Dict{"a": "x & y", "n": int64(-3), "h": int64(16), "u": uint64(18446744073709551615), "r": 1.5, "t": true, "f": false,
				"d": time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), "b": []byte{1, 2, 3}, "l": []any{"1", Dict{}}}},
		"a list":           {`<plist><array/></plist>`, []any{}},
		"without a plist":  {`<dict><key>a</key><string/></dict>`, Dict{"a": ""}},
		"a comment within": {`<plist><dict><!-- c --><key>a<!-- d --></key><string>b</string></dict></plist>`, Dict{"a": "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse([]byte(test.text))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}

func TestParseXMLRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "no XML": "{ a = b; }", "cut off": "<plist><dict><key>a</key>", "no value": "<plist><dict><key>a</key></dict></plist>",
		"no key": "<plist><dict><string>a</string></dict></plist>", "empty": "<plist></plist>", "wrong number": "<plist><integer>x</integer></plist>",
		"wrong data": "<plist><data>*</data></plist>", "unknown": "<plist><x/></plist>", "nested text": "<plist><string><b/></string></plist>",
		"too deep": "<plist>" + strings.Repeat("<array>", 100) + strings.Repeat("</array>", 100) + "</plist>",
	} {
		if value, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s is %v", name, value)
		}
	}
}

func TestParseBinary(t *testing.T) {
	t.Parallel()
	data, err := base64.StdEncoding.DecodeString(everything)
	if err != nil {
		t.Fatal(err)
	}
	want := Dict{
		"bool": true, "data": []byte{1, 2, 3}, "date": time.Date(2023, 6, 2, 0, 0, 0, 0, time.UTC), "int": int64(5000000000),
		"list": []any{"a", "b"}, "real": 1.5, "text": "e\u20ac",
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range data { // whatever is cut off or damaged ends in an error or a value, never a panic
		_, _ = Parse(data[:i])
		damaged := bytes.Clone(data)
		damaged[i] ^= 0xff
		_, _ = Parse(damaged)
	}
}

// binaryList makes a list of arrays with one-byte references.
func binaryList(arrays ...[]byte) []byte {
	data, offsets := []byte("bplist00"), []byte{}
	for _, refs := range arrays {
		offsets = append(offsets, byte(len(data)))
		data = append(append(data, 0xA0|byte(len(refs))), refs...)
	}
	table := byte(len(data))
	data = append(data, offsets...)
	trailer := make([]byte, trailerSize)
	trailer[6], trailer[7], trailer[15], trailer[31] = 1, 1, byte(len(arrays)), table
	return append(data, trailer...)
}

// TestParseBinaryIsBounded is S35 for property lists.
func TestParseBinaryIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := Parse(binaryList([]byte{0})); err == nil {
		t.Error("a list that holds itself was read")
	}
	var doubling [][]byte // 2^30 values in a hundred bytes
	for i := range 30 {
		doubling = append(doubling, []byte{byte(i + 1), byte(i + 1)})
	}
	doubling = append(doubling, nil)
	if _, err := Parse(binaryList(doubling...)); err == nil {
		t.Error("2^30 values were read")
	}
	if value, err := Parse(binaryList([]byte{1, 1}, nil)); err != nil || !cmp.Equal(value, []any{[]any{}, []any{}}) {
		t.Errorf("a shared list: %v, %v", value, err)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	d := Dict{"b": true, "n": false, "i": int64(-7), "r": 2.5, "d": time.Unix(5, 0), "x": []byte("ab"), "l": []any{"p", int64(1)}, "y": "YES", "s": "12"}
	for key, want := range map[string]string{"b": "1", "n": "0", "i": "-7", "r": "2.5", "d": "5", "x": "YWI=", "l": "", "none": "", "y": "YES"} {
		if got := d.Text(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if n, ok := d.Int("s"); n != 12 || !ok || !d.Bool("y") || d.Bool("n") || d.IntOr("none", -1) != -1 || d.IntOr("b", -1) != 1 {
		t.Error("numbers and booleans are misread")
	}
	if diff := cmp.Diff([]string{"p", "1"}, d.Texts("l")); diff != "" {
		t.Error(diff)
	}
	if d.Dict("none").Text("x") != "" || d.Dicts("l") != nil {
		t.Error("what is absent has a value")
	}
}

func FuzzParse(f *testing.F) {
	data, err := base64.StdEncoding.DecodeString(everything)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(binaryList([]byte{0}))
	f.Add([]byte("<plist><dict><key>a</key><array><integer>1</integer><date>2024-05-06T07:08:09Z</date></array></dict></plist>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := Parse(data)
		if err != nil && value != nil {
			t.Error("a value and an error")
		}
	})
}
