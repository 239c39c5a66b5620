package system

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

func ownPID() map[string][]string { return map[string][]string{"pid": {strconv.Itoa(os.Getpid())}} }

func TestProcessOpenFilesListOwnFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "an open file")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, row := range liveRows(t, ProcessOpenFiles, ownPID()) {
		if row["path"] == path && row["fd"] == int64(f.Fd()) {
			return
		}
	}
	t.Errorf("%s is not listed", path)
}

func TestProcessEnvsListAChildsEnvironment(t *testing.T) {
	t.Parallel()
	cmd := child(t, "/usr/bin/env", "-i", "ONE=a=b", "TWO=", "/bin/sleep", "61")
	want := map[string]string{"ONE": "a=b", "TWO": ""}
	// env becomes sleep only after it has started.
	for deadline := time.Now().Add(10 * time.Second); ; {
		got := map[string]string{}
		for _, row := range liveRows(t, ProcessEnvs, map[string][]string{"pid": {strconv.Itoa(cmd.Process.Pid)}}) {
			got[row["key"].(string)] = row["value"].(string)
		}
		if len(got) == len(want) && got["ONE"] == want["ONE"] && got["TWO"] == want["TWO"] {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestProcessOpenSocketsListOwnSockets(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	path := filepath.Join(t.TempDir(), "s")
	unixListener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer unixListener.Close()

	port := int64(listener.Addr().(*net.TCPAddr).Port)
	clientPort := int64(client.LocalAddr().(*net.TCPAddr).Port)
	listens, connects, unixes := 0, 0, 0
	for _, row := range liveRows(t, ProcessOpenSockets, ownPID()) {
		switch {
		case row["pid"] != int64(os.Getpid()):
			t.Errorf("a row of another process: %v", row)
		case row["state"] == "LISTEN" && row["local_port"] == port && row["local_address"] == "127.0.0.1" && row["remote_port"] == int64(0):
			listens++
		case row["state"] == "ESTABLISHED" && row["local_port"] == clientPort && row["remote_port"] == port:
			connects++
		case row["path"] == path && row["family"] == int64(1):
			unixes++
		}
	}
	if listens != 1 || connects != 1 || unixes != 1 {
		t.Errorf("listed %d listeners, %d connections, %d Unix sockets; want one each", listens, connects, unixes)
	}
}

// TestSocketsAreListedOnce checks that no socket of one network namespace shows up as one of another.
func TestSocketsAreListedOnce(t *testing.T) {
	t.Parallel()
	seen := map[[3]int64]bool{}
	for _, row := range liveRows(t, ProcessOpenSockets, nil) {
		key := [3]int64{row["socket"].(int64), row["pid"].(int64), row["fd"].(int64)}
		if key[0] != 0 && seen[key] {
			t.Errorf("twice: %v", row)
		}
		seen[key] = true
	}
}

func BenchmarkProcessOpenFiles(b *testing.B) {
	const files = 5000
	for range files {
		f, err := os.Open("/dev/null")
		if err != nil {
			b.Skip(err)
		}
		defer f.Close()
	}
	benchmarkTable(b, ProcessOpenFiles)
}

func BenchmarkProcessOpenSockets(b *testing.B) { benchmarkTable(b, ProcessOpenSockets) }
