package osquery

import (
	"errors"
	"testing"
	"time"
)

// TestLinesOfAnotherHost is S24: who sends another host's lines shares a key and has to enrol anew. Right after its enrolment
// a node may still have lines of the name before; refused, it would enrol again and again.
func TestLinesOfAnotherHost(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	s := &Service{Config: Config{Now: func() time.Time { return now }}}
	lines := []record{{Host: "mine", Name: "a"}, {Host: "other", Name: "b"}, {Name: "c"}}
	for _, test := range []struct {
		age       time.Duration
		lines     []record
		own, lost int
		err       error
	}{
		{time.Hour, lines, 0, 0, errInvalidNode},
		{time.Minute, lines, 2, 1, nil},
		{time.Hour, lines[:1], 1, 0, nil},
		{time.Hour, lines[2:], 1, 0, nil},
	} {
		var lost dropped
		own, err := s.ownLines(node{host: "mine", enrolled: now.Add(-test.age)}, test.lines, &lost)
		if !errors.Is(err, test.err) || len(own) != test.own || lost.lines != test.lost {
			t.Errorf("%v after the enrolment, %d lines: %d own, %d lost, %v; want %d, %d, %v", test.age, len(test.lines), len(own), lost.lines, err, test.own, test.lost, test.err)
		}
	}
}

// TestPlatformOf reads osquery's mask, or else what the details say.
func TestPlatformOf(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"platform_type":"9"}`: "linux", `{"platform_type":21}`: "darwin", `{"platform_type":"2"}`: "windows",
		`{"platform_type":"x","host_details":{"os_version":{"platform":"windows"}}}`: "windows",
		`{"host_details":{"os_version":{"platform":"rhel"}}}`:                        "linux",
		`{"platform_type":{}}`: "", `{}`: "",
	} {
		var r enrollRequest
		if err := decode([]byte(body), &r); err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got := r.platform(); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
