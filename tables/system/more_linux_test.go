package system

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestProcessMemoryMapHasTheProgram(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range liveRows(t, ProcessMemoryMap, ownPID()) {
		if row["path"] == program && strings.HasPrefix(row["permissions"].(string), "r-x") {
			return
		}
	}
	t.Errorf("no executable mapping of %s", program)
}

func TestProcessNamespacesMatchTheLinks(t *testing.T) {
	t.Parallel()
	rows := liveRows(t, ProcessNamespaces, ownPID())
	if len(rows) != 1 {
		t.Fatalf("got %d rows", len(rows))
	}
	for _, name := range []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} {
		target, err := os.Readlink("/proc/self/ns/" + name)
		if err != nil {
			t.Skip(err)
		}
		if inode, _ := rows[0][name+"_namespace"].(string); target != name+":["+inode+"]" {
			t.Errorf("%s: got %s, the link says %s", name, inode, target)
		}
	}
}

func TestTimeIsNow(t *testing.T) {
	t.Parallel()
	before := time.Now().Unix()
	rows := liveRows(t, Time, nil)
	after := time.Now().Unix()
	if len(rows) != 1 || rows[0]["unix_time"].(int64) < before || rows[0]["unix_time"].(int64) > after {
		t.Errorf("got %v between %d and %d", rows, before, after)
	}
	if zone, err := exec.Command("/bin/date", "+%Z").Output(); err == nil && os.Getenv("TZ") == "" {
		if want := strings.TrimSpace(string(zone)); rows[0]["local_timezone"] != want {
			t.Errorf("zone is %v, date says %s", rows[0]["local_timezone"], want)
		}
	}
}

func TestUlimitInfoMatchesTheShell(t *testing.T) {
	t.Parallel()
	limits := map[string]string{}
	for _, row := range liveRows(t, UlimitInfo, nil) {
		limits[row["type"].(string)] = row["hard_limit"].(string)
	}
	out, err := exec.Command("/bin/sh", "-c", "ulimit -Hn; ulimit -Ht").Output()
	if err != nil {
		t.Skip(err)
	}
	want := strings.Fields(string(out))
	if limits["nofile"] != want[0] || limits["cpu"] != want[1] {
		t.Errorf("got nofile %s, cpu %s; the shell says %v", limits["nofile"], limits["cpu"], want)
	}
}

// TestOSVersionInTheNamespaceOfAProcess checks the hidden column that asks for what a process sees.
func TestOSVersionInTheNamespaceOfAProcess(t *testing.T) {
	t.Parallel()
	own := strconv.Itoa(os.Getpid())
	rows := liveRows(t, OSVersion, map[string][]string{"pid_with_namespace": {"0", own, "2147483647"}})
	if len(rows) != 2 {
		t.Fatalf("got %d rows, want those of the host and of this process", len(rows))
	}
	if rows[0]["name"] != rows[1]["name"] || strconv.FormatInt(rows[1]["pid_with_namespace"].(int64), 10) != own {
		t.Errorf("got %v", rows)
	}
	if target, err := os.Readlink("/proc/self/ns/mnt"); err == nil {
		if inode, _ := rows[1]["mount_namespace_id"].(string); target != "mnt:["+inode+"]" {
			t.Errorf("got mount namespace %s, the link says %s", inode, target)
		}
	}
}
