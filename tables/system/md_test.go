package system

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestMDDevices(t *testing.T)       { tabletest.Run(t, MDDevices) }
func TestMDDrives(t *testing.T)        { tabletest.Run(t, MDDrives) }
func TestMDPersonalities(t *testing.T) { tabletest.Run(t, MDPersonalities) }

func TestParseMDSync(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]mdSync{
		"[==>....]  recovery = 12.6% (3/29) finish=127.5min speed=33440K/sec": {"12.6% (3/29)", "127.5min", "33440K/sec"},
		"resync=DELAYED": {progress: "DELAYED"},
		"check = 1%":     {progress: "1%"},
	} {
		if _, got, ok := parseMDSync(line); !ok || got != want {
			t.Errorf("%q is %+v, %t", line, got, ok)
		}
	}
	for _, line := range []string{"", "[", "[]=", "recovery", "other = 5%"} {
		if kind, got, ok := parseMDSync(line); ok {
			t.Errorf("%q is taken for %s %+v", line, kind, got)
		}
	}
}

func TestMDLevel(t *testing.T) {
	t.Parallel()
	for personality, want := range map[string]tables.Null[int64]{
		"raid0": tables.Some(int64(0)), "raid10": tables.Some(int64(10)), "linear": tables.Some(int64(-1)), "multipath": tables.Some(int64(-4)),
		"faulty": tables.Some(int64(-5)), "": {}, "raid": {}, "raidx": {},
	} {
		if diff := cmp.Diff(want, mdLevel(personality)); diff != "" {
			t.Errorf("%q: %s", personality, diff)
		}
	}
}

func TestDriveState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags, sysfs string
		placed       bool
		want         string
	}{
		{"", "in_sync", true, "active sync"}, {"(W)", "in_sync,write_mostly", true, "active sync"}, {"(F)", "faulty", false, "faulty"},
		{"(S)", "spare", false, "spare"}, {"", "spare", true, "spare rebuilding"}, {"(J)", "in_sync,journal", true, "journal"},
		{"(R)", "replacement", true, "replacement"}, {"", "", false, "active"},
	} {
		if got := driveState(mdMember{flags: c.flags}, c.sysfs, c.placed); got != c.want {
			t.Errorf("%+v is %q", c, got)
		}
	}
}

func FuzzParseMD(f *testing.F) {
	f.Add("Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0](F)\n      136 blocks super 1.2 64k chunk [2/1] [U_]\n      bitmap: 1/2 pages [4KB], 65536KB chunk\n\nunused devices: <none>\n")
	f.Add("Personalities :\nmd1 : inactive\n [=\n blocks\n : [\n")
	f.Fuzz(func(t *testing.T, text string) {
		status := parseMD(text)
		for i := range status.arrays {
			row := status.arrays[i].row()
			if row.Name == "" || row.WorkingDisks+row.FailedDisks != row.NrRaidDisks || row.ChunkSize.V < 0 {
				t.Errorf("%q became %+v", text, row)
			}
		}
	})
}
