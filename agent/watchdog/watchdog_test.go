package watchdog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/watchdog"
)

// workerArgument makes a process of this test binary a worker; how it behaves and a file follow.
const workerArgument = "worker"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == workerArgument {
		os.Exit(worker(os.Args[2], os.Args[3]))
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(os.Exit))
}

// worker notes its start in a file and then behaves as told.
func worker(behaviour, file string) int {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 1
	}
	fmt.Fprintln(f, "started")
	f.Close()
	switch behaviour {
	case "good":
		if err := watchdog.Report(context.Background(), os.Stdin, os.Stdout, 5*time.Millisecond); !errors.Is(err, watchdog.ErrOrphan) {
			return 1
		}
		f, _ := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o600)
		fmt.Fprintln(f, "ended")
		f.Close()
	case "large":
		for {
			fmt.Println(int64(1) << 40)
			<-time.After(5 * time.Millisecond)
		}
	case "silent":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "deaf":
		<-time.After(time.Hour)
	case "crash":
		return 7
	}
	return 0
}

// rig runs a watchdog over workers that behave so.
type rig struct {
	file string
	log  chan string
	stop func()
}

func watch(t *testing.T, behaviour string) *rig {
	t.Helper()
	r := &rig{file: filepath.Join(t.TempDir(), "starts"), log: make(chan string, 100)}
	reader, writer := io.Pipe()
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			select {
			case r.log <- lines.Text():
			default:
			}
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- watchdog.Run(ctx, watchdog.Options{
			Command: []string{os.Args[0], workerArgument, behaviour, r.file},
			Beat:    300 * time.Millisecond, BackOff: time.Millisecond, StopTime: 200 * time.Millisecond, Log: slog.New(slog.NewTextHandler(writer, nil)),
		})
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		writer.Close()
		<-read
	})
	t.Cleanup(r.stop)
	return r
}

func (r *rig) logs(t *testing.T, want string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case line := <-r.log:
			if strings.Contains(line, want) {
				return
			}
		case <-deadline:
			t.Fatalf("%q is never logged", want)
		}
	}
}

func (r *rig) starts(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

func TestWorkersThatMisbehaveAreReplaced(t *testing.T) {
	t.Parallel()
	for behaviour, want := range map[string]string{
		"large":  "more than its",
		"silent": "did not report",
		"deaf":   "killed",
		"crash":  "exit status 7",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			r := watch(t, behaviour)
			r.logs(t, want)
			r.logs(t, want)
			if n := strings.Count(r.starts(t), "started"); n < 2 {
				t.Errorf("it was started %d times", n)
			}
		})
	}
}

func TestGoodWorkerIsAskedToEnd(t *testing.T) {
	t.Parallel()
	r := watch(t, "good")
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(r.starts(t), "started") {
		if time.Now().After(deadline) {
			t.Fatal("it was never started")
		}
		<-time.After(5 * time.Millisecond)
	}
	r.stop()
	if got := r.starts(t); got != "started\nended\n" {
		t.Errorf("its life was %q", got)
	}
}

func TestUsageIsKnown(t *testing.T) {
	t.Parallel()
	if n := watchdog.ResidentBytes(); n < 1<<20 || n > 1<<36 {
		t.Errorf("%d bytes are resident", n)
	}
	if watchdog.CPU() <= 0 {
		t.Error("no processor time was used")
	}
}
