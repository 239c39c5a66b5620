package system

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestProcessOpenPipes(t *testing.T) { tabletest.Run(t, ProcessOpenPipes) }

func TestParseOpenMode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"pos:\t0\nflags:\t0100000\nmnt_id:\t15\n": "r", "flags:\t01\n": "w", "flags:\t0104001\n": "w",
		"flags:\t02\n": "", "flags:\t9\n": "", "flags:": "", "pos:\t0\n": "", "": "",
	} {
		if got, ok := parseOpenMode([]byte(text)); got != want || ok != (want != "") {
			t.Errorf("%q is %q, %t", text, got, ok)
		}
	}
}

func FuzzParseOpenMode(f *testing.F) {
	f.Add([]byte("pos:\t0\nflags:\t0100001\nmnt_id:\t15\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if mode, ok := parseOpenMode(data); ok != (mode == "r" || mode == "w") {
			t.Errorf("%q is %q, %t", data, mode, ok)
		}
	})
}
