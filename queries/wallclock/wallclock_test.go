package wallclock

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec, zone, after string
		want              []string
	}{
		{"03:00", "UTC", "2026-11-24 02:59", []string{"2026-11-24 03:00", "2026-11-25 03:00"}},
		{"03:00", "UTC", "2026-11-24 03:00", []string{"2026-11-25 03:00"}},
		{"mon-fri 09:00,17:30", "UTC", "2026-11-27 16:00", []string{"2026-11-27 17:30", "2026-11-30 09:00", "2026-11-30 17:30"}},
		{"fri-mon 00:00", "UTC", "2026-11-24 00:00", []string{"2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00", "2026-11-30 00:00", "2026-12-04 00:00"}},
		{"Sun 12:00", "UTC", "2026-11-24 00:00", []string{"2026-11-29 12:00"}},
		{"*/15 * * * *", "UTC", "2026-11-24 10:14", []string{"2026-11-24 10:15", "2026-11-24 10:30", "2026-11-24 10:45", "2026-11-24 11:00"}},
		{"5/20 8-9 * * *", "UTC", "2026-11-24 00:00", []string{"2026-11-24 08:05", "2026-11-24 08:25", "2026-11-24 08:45", "2026-11-24 09:05"}},
		{"0 3 1 * *", "UTC", "2026-11-24 00:00", []string{"2026-12-01 03:00", "2027-01-01 03:00"}},
		{"0 0 31 * *", "UTC", "2026-11-24 00:00", []string{"2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"}},
		{"0 0 29 feb *", "UTC", "2026-11-24 00:00", []string{"2028-02-29 00:00"}},
		{"0 0 29 2 *", "UTC", "2096-03-01 00:00", []string{"2104-02-29 00:00"}},
		{"0 0 13 * 5", "UTC", "2026-11-24 00:00", []string{"2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"}}, // either
		{"0 0 * * 7", "UTC", "2026-11-24 00:00", []string{"2026-11-29 00:00"}},
		{"03:00", "Europe/Berlin", "2026-06-01 00:00", []string{"2026-06-01 01:00"}},
		// The night to 29 March 2026 has no 02:30; the one to 25 October has it twice.
		{"02:30", "Europe/Berlin", "2026-03-28 12:00", []string{"2026-03-29 01:00", "2026-03-30 00:30"}},
		{"02:30", "Europe/Berlin", "2026-10-24 12:00", []string{"2026-10-25 00:30", "2026-10-26 01:30"}},
		{"02:59,03:00", "Europe/Berlin", "2026-03-28 12:00", []string{"2026-03-29 01:00", "2026-03-30 00:59"}},
		{"00:30", "America/Havana", "2026-03-07 12:00", []string{"2026-03-08 05:00", "2026-03-09 04:30"}}, // the day begins at one
		{"12:00", "Pacific/Apia", "2011-12-29 00:00", []string{"2011-12-29 22:00", "2011-12-30 22:00"}},   // without a 30 December
	} {
		s, err := Parse(c.spec)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		at, err := time.Parse("2006-01-02 15:04", c.after)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if at = s.Next(at, zone(t, c.zone)); at.UTC().Format("2006-01-02 15:04") != want {
				t.Errorf("%q in %s: %s, want %s", c.spec, c.zone, at.UTC().Format("2006-01-02 15:04"), want)
				break
			}
		}
	}
}

func TestWrongTimesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "3", "25:00", "03:60", "3:5", "-1:00", "03:00,", "mon", "mon-xyz 03:00", "03:00 mon", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
		"* * * * 8", "5-1 * * * *", "*/0 * * * *", "*/x * * * *", "0 0 30 2 *", "1,,2 * * * *", "@daily", "0 0 1 1 1 1", strings.Repeat("1,", 200) + "1 * * * *"} {
		if s, err := Parse(text); err == nil {
			t.Errorf("%.40q is read as %+v", text, s)
		}
	}
	for _, name := range []string{"Mars/Olympus", "../etc/passwd", "Local", "/etc/localtime"} {
		if _, err := Zone(name); err == nil {
			t.Errorf("the zone %q is taken", name)
		}
	}
}

// FuzzNext holds that what is read comes, later than it was asked, and at a minute that was written.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"03:00", "mon-fri 09:00,17:30", "*/15 * * * *", "0 3 1 * *", "0 0 29 2 *", "2/7 1-5,9 * jan,dec fri-mon"} {
		f.Add(seed, int64(1_774_746_000))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		after := time.Unix(unix%4_000_000_000, 0)
		for _, name := range []string{"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe"} {
			next := s.Next(after, zone(t, name))
			if !next.After(after) {
				t.Errorf("%q in %s: %s is not after %s", text, name, next, after)
			}
			if later := s.Next(next, zone(t, name)); !later.After(next) {
				t.Errorf("%q in %s: %s twice", text, name, next)
			}
		}
	})
}
