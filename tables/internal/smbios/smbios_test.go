package smbios

import "testing"

func entry(kind byte, handle uint16, fields string, texts string) []byte {
	e := []byte{kind, byte(headerSize + len(fields)), byte(handle), byte(handle >> 8)}
	return append(append(e, fields...), texts...)
}

func TestParse(t *testing.T) {
	t.Parallel()
	data := append(entry(4, 0x1234, "\x01\x02\x00\xff\x01\x02\x03\x04\x05\x06\x07\x08", "first \x00second\x00\x00"), entry(127, 1, "", "\x00\x00")...)
	found := Parse(data)
	if len(found) != 2 || found[0].Type != 4 || found[0].Handle != 0x1234 || found[1].Type != 127 || found[0].HeaderSize() != 16 {
		t.Fatalf("got %+v", found)
	}
	s := &found[0]
	if s.Text(4) != "first" || s.Text(5) != "second" || s.Text(6) != "" || s.Text(7) != "" || s.Text(200) != "" || s.TextNumber(3) != "" {
		t.Errorf("texts: %q %q %q", s.Text(4), s.Text(5), s.Text(6))
	}
	if v, ok := s.Byte(7); v != 0xff || !ok {
		t.Errorf("byte: %#x %v", v, ok)
	}
	if v, ok := s.Word(8); v != 0x0201 || !ok {
		t.Errorf("word: %#x %v", v, ok)
	}
	if v, ok := s.DWord(8); v != 0x04030201 || !ok {
		t.Errorf("double word: %#x %v", v, ok)
	}
	if v, ok := s.QWord(8); v != 0x0807060504030201 || !ok {
		t.Errorf("quad word: %#x %v", v, ok)
	}
	for at, ok := range map[int]func(int) bool{
		16: func(at int) bool { _, ok := s.Byte(at); return ok },
		15: func(at int) bool { _, ok := s.Word(at); return ok },
		13: func(at int) bool { _, ok := s.DWord(at); return ok },
		9:  func(at int) bool { _, ok := s.QWord(at); return ok },
	} {
		if ok(at) {
			t.Errorf("a field at %d that ends outside was read", at)
		}
	}
}

func TestParseStopsAtMalformedEntries(t *testing.T) {
	t.Parallel()
	for _, data := range []string{"", "\x04", "\x04\x03\x00\x00", "\x04\xff\x00\x00\x00", "\x04\x00\x00\x00\x00\x00"} {
		if found := Parse([]byte(data)); len(found) != 0 {
			t.Errorf("%q gave %+v", data, found)
		}
	}
	if found := Parse([]byte("\x04\x04\x00\x00text without end")); len(found) != 1 || found[0].TextNumber(1) != "" {
		t.Errorf("an entry without end gave %+v", found)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(entry(17, 1, "\x01\x02\x03", "a\x00b\x00\x00"))
	f.Add([]byte("\x00\x04\x00\x00\x00\x00\x7f\x04\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		total := 0
		for _, s := range Parse(data) {
			total += len(s.Raw)
			s.Text(4)
			s.Byte(255)
			s.Word(254)
			s.DWord(252)
			s.QWord(248)
			s.TextNumber(255)
		}
		if total > len(data) {
			t.Errorf("%d bytes in entries of %d", total, len(data))
		}
	})
}

func TestUUID(t *testing.T) {
	t.Parallel()
	fields := "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
	if s := Parse(entry(TypeSystem, 1, fields, "\x00\x00")); s[0].UUID(4) != "00112233-4455-6677-8899-AABBCCDDEEFF" || s[0].UUID(5) != "" {
		t.Errorf("%q, past the end %q", s[0].UUID(4), s[0].UUID(5))
	}
	if s := Parse(entry(TypeSystem, 1, string(make([]byte, 16)), "\x00\x00")); s[0].UUID(4) != "" {
		t.Errorf("none is %q", s[0].UUID(4))
	}
}
