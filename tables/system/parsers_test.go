package system

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

func TestParseProcessStat(t *testing.T) {
	t.Parallel()
	const numbers = " 1 2 3 4 -1 4194560 7 8 9 10 150 25 0 0 20 -10 4 0 1234567 1000 50 18446744073709551615"
	for _, c := range []struct {
		text, name, state string
		ok                bool
	}{
		{"10 (sleep) S" + numbers, "sleep", "S", true},
		{"10 (a) b) (c) R" + numbers, "a) b) (c", "R", true},
		{"10 () Z" + numbers, "", "Z", true},
		{"10 (sleep) S 1 2 3", "", "", false},
		{"10 (sleep", "", "", false},
		{")(", "", "", false},
		{"", "", "", false},
	} {
		var p process
		start, ok := parseProcessStat([]byte(c.text), &p)
		if ok != c.ok || p.Name.V != c.name || p.State.V != c.state {
			t.Errorf("%q: got %v %q %q", c.text, ok, p.Name.V, p.State.V)
		}
		if !ok {
			continue
		}
		got := []int64{p.Parent.V, p.PGroup.V, p.UserTime.V, p.SystemTime.V, p.Nice.V, p.Threads.V, start}
		if want := []int64{1, 2, 1500, 250, -10, 4, 1234567}; !cmp.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", c.text, got, want)
		}
	}
}

func TestParseCgroup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0::/user.slice/a:b\n":                  "/user.slice/a:b",
		"12:cpu,cpuacct:/docker/1\n0::/other\n": "/docker/1",
		"0::/":                                  "/",
		"0:":                                    "",
		"":                                      "",
	} {
		if got := parseCgroup([]byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestParseBootTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"cpu 1 2\nbtime 1700000000\nprocesses 5\n": 1700000000,
		"btime 5":      5,
		"xbtime 5":     0,
		"cpu 1\nbtime": 0,
		"":             0,
	} {
		if got, ok := parseBootTime([]byte(text)); got != want || ok != (want != 0) {
			t.Errorf("%q: got %d %v, want %d", text, got, ok, want)
		}
	}
}

func TestFullHostname(t *testing.T) {
	t.Parallel()
	const hosts = "127.0.0.1 localhost\n#10.0.0.1 web.bad web\n10.0.0.2\tweb.example.com WEB alias # web\n10.0.0.3 late.example.com web\n"
	for name, want := range map[string]string{"web": "web.example.com", "alias": "web.example.com", "other": "other", "localhost": "localhost"} {
		if got := fullHostname(name, hosts); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestInstallationUUID(t *testing.T) {
	t.Parallel()
	uuid, ok := installationUUID("0123456789abcdef0123456789abcdef\n")
	if !ok || len(uuid) != 36 || uuid[14] != '4' || strings.Contains(uuid, "0123456789ab") {
		t.Errorf("got %q %v", uuid, ok)
	}
	for _, text := range []string{"", "0123", "uninitialized", strings.Repeat("z", 32)} {
		if uuid, ok := installationUUID(text); ok {
			t.Errorf("%q became %s", text, uuid)
		}
	}
}

// FuzzParsers gives the same hostile bytes to all parsers of this package's small files.
func FuzzParsers(f *testing.F) {
	for _, seed := range []string{
		"10 (a) S 1 2 3 4 -1 5 6 7 8 9 10 11 12 13 20 0 1 0 99 1 1", "Uid:\t0\t1\t2\t3\nVmRSS:\t12 kB\n", "read_bytes: 1\nwrite_bytes: 2\n",
		"0::/a", "btime 5", "0.1 0.2 0.3 1/2 3", "12.5 3", "MemTotal: 1 kB\n", "NAME=\"a\\\"\nVERSION_ID=1.2.3\n", "A=1\x00B\x00\x00",
		"processor : 0\nphysical id : 0\ncore id : 1\n", "Rocky Linux release 9.3 (x)", "BOOT_IMAGE=/a root=b c", "00000000-0000-0000-0000-000000000000",
		"7f1c2a000000-7f1c2a021000 r-xp 00001000 fe:00 131 /usr/lib/a b.so", "0 1 600 1024 4812 4812 1 1000 1000 1000 1000 1 0 1 0 0",
		"00001000-0009fbff : System RAM", "8086  Intel\n\t1237  440FX\n\t\t1af4 1100  Qemu\nC 06  Bridge\n\t00  Host\n", "E:ID_FS_UUID=1\n",
		"/dev/sda / ext4 rw 0 0\n", "cpu0 1 2 3 4 5 6 7 8 9 10\n", "CRYPT-LUKS2-1-x", "\x06\x00\x00\x00\x01",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p process
		parseProcessStat(data, &p)
		parseProcessStatus(data, &p)
		parseProcessIO(data, &p)
		parseCgroup(data)
		parseBootTime(data)
		_, _ = parseLoadAverage(data)
		if seconds, err := parseUptime(data); err == nil {
			if u := uptimeOf(seconds); u.Hours > 23 || u.Minutes > 59 || u.Seconds > 59 {
				t.Errorf("%d seconds became %+v", seconds, u)
			}
		}
		_, _ = parseMemoryInfo(data)
		var v osVersion
		parseOSRelease(string(data), &v)
		parseRelease(string(data), "rhel", &v)
		var k kernelInfo
		parseKernelArguments(string(data), &k)
		parseKernelVersion(string(data))
		var s systemInfo
		parseCPUInfo(string(data), &s)
		if s.PhysicalCores.V < 0 || s.PhysicalCores.Valid != s.LogicalCores.Valid {
			t.Errorf("cores %v of %v", s.PhysicalCores, s.LogicalCores)
		}
		fullHostname("a", string(data))
		var m processMapping
		if parseMapping(data, &m) && (m.Pseudo == 1) != (m.Inode == 0 && m.Path != "") {
			t.Errorf("%q became %+v", data, m)
		}
		if s, ok := parseSharedMemory(data); ok && len(s.Permissions) != 4 {
			t.Errorf("%q became %+v", data, s)
		}
		parseMemoryRegion(string(data))
		var names hardwareNames
		names.want("8086")
		names.parse(data)
		for key := range names.vendors {
			if !strings.HasPrefix(key, "8086") {
				t.Errorf("%q named %s, which was not asked for", data, key)
			}
		}
		parseUdevProperties(string(data))
		parseMountTypes(string(data))
		if c, ok := parseCPUTime(string(data)); ok && c.Core < 0 {
			t.Errorf("%q became %+v", data, c)
		}
		if format := mappedEncryption(string(data)); strings.Contains(format, "-") {
			t.Errorf("%q is of format %s", data, format)
		}
		if flag := parseEFIFlag(data); flag.V != 0 && flag.V != 1 {
			t.Errorf("%q is %d", data, flag.V)
		}
		hardwareUUID(string(data))
		installationUUID(string(data))
		for block, total := data, 0; ; total++ {
			_, _, rest, ok := cutVariable(block)
			if !ok {
				break
			}
			if total > len(data) {
				t.Fatal("cutting variables does not end")
			}
			block = rest
		}
	})
}

func TestCutVariableSplitsAtTheFirstEqualsSign(t *testing.T) {
	t.Parallel()
	key, value, rest, ok := cutVariable([]byte("\x00A=b=c\x00D=\x00"))
	if !ok || string(key) != "A" || string(value) != "b=c" || !bytes.Equal(rest, []byte("D=\x00")) {
		t.Errorf("got %q %q %q %v", key, value, rest, ok)
	}
}

func TestParseCPUTime(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]coreTime{
		"cpu3 1 2 3 4 5 6 7 8 9 10\n":        {3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
		"cpu0 1 2 3 4":                       {Core: 0, User: 1, Nice: 2, System: 3, Idle: 4},
		"cpu0 1 2 3 4 5 6 7 8 9 10 11 12 13": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
	} {
		if got, ok := parseCPUTime(line); !ok || got != want {
			t.Errorf("%q is %+v, %t", line, got, ok)
		}
	}
	for _, line := range []string{"", "cpu 1 2 3 4 5", "cpu0 1 2 3", "cpu0 1 2 3 x", "cpux 1 2 3 4", "cpu-1 1 2 3 4", "intr 1 2 3 4", "cpu9999999999 1 2 3 4"} {
		if got, ok := parseCPUTime(line); ok {
			t.Errorf("%q is taken for %+v", line, got)
		}
	}
}

func TestMappedEncryption(t *testing.T) {
	t.Parallel()
	for uuid, want := range map[string]string{
		"CRYPT-LUKS2-0e7a1c5e2b1f4f0e9d7c5a3a3a1f7e11-sda2_crypt": "LUKS2", "CRYPT-PLAIN-swap": "PLAIN", "CRYPT-LUKS1": "LUKS1",
		"CRYPT-VERITY-ab-root": "", "CRYPT-INTEGRITY-x": "", "LVM-abc": "", "CRYPT-": "", "": "",
	} {
		if got := mappedEncryption(uuid); got != want {
			t.Errorf("%s is %q, want %q", uuid, got, want)
		}
	}
}

func TestParseEFIFlag(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]tables.Null[int64]{
		"\x06\x00\x00\x00\x01": tables.Some(int64(1)), "\x06\x00\x00\x00\x00": tables.Some(int64(0)),
		"": {}, "\x06\x00\x00\x00": {}, "\x06\x00\x00\x00\x01\x00": {}, "\x06\x00\x00\x00\x07": {},
	} {
		if got := parseEFIFlag([]byte(data)); got != want {
			t.Errorf("%q is %v, want %v", data, got, want)
		}
	}
}
