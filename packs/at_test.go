package packs_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"github.com/tenantra/tenantra/packs"
)

func TestQueriesThatRunAtATime(t *testing.T) {
	t.Parallel()
	c := compilers(t)
	const text = `pack: nightly
queries:
  night:
    sql: SELECT name FROM processes
    at: "03:00"
    zone: tenant
  week:
    sql: SELECT name FROM processes
    at: 0 4 * * sun
`
	p, err := packs.Parse("nightly.yaml", []byte(text), c)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // as it is, and as it is written and read again
		night, week := p.Queries[0], p.Queries[1]
		if night.At != "03:00" || night.Zone != packs.ZoneTenant || night.Interval != 24*time.Hour {
			t.Errorf("%+v", night)
		}
		if week.At != "0 4 * * sun" || week.Zone != "" || week.Interval != 7*24*time.Hour {
			t.Errorf("%+v", week)
		}
		written, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(written, "interval") {
			t.Errorf("it is written with an interval:\n%s", written)
		}
		if p, err = packs.Parse("nightly.yaml", []byte(written), c); err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
	}
	for keys, want := range map[string]string{
		"at: \"03:00\"\n    interval: 1h": "not both",
		"at: tomorrow":                    "nightly.yaml:5",
		"at: \"03:00\"\n    zone: Mars":   "no time zone",
		"zone: Europe/Berlin":             "runs at a time",
		"at: 0 0 30 2 *":                  "no such day",
	} {
		_, err := packs.Parse("nightly.yaml", []byte("pack: nightly\nqueries:\n  a:\n    sql: SELECT name FROM processes\n    "+keys+"\n"), c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", keys, err, want)
		}
	}
}
