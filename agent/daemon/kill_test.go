package daemon_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/daemon"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/tables"
)

// workerVariable names the folder that a killed worker works in; a process of this test binary that has it is one.
const workerVariable = "TENANTRA_TEST_WORKER"

const kills = 45

// killedWorker runs an agent whose table counter has the rows 1 to the number in a file.
func killedWorker(dir string) int {
	type row struct {
		Number int64 `col:"number" doc:"Number."`
	}
	counter := tables.Define[row](tables.Spec{Name: "counter", Doc: "Counts.", Category: tables.System, Platforms: tables.AllPlatforms},
		func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*row) error) error {
			text, err := os.ReadFile(filepath.Join(dir, "count"))
			if err != nil {
				return err
			}
			count, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err != nil {
				return err
			}
			for i := range count {
				if err := emit(&row{i + 1}); err != nil {
					return err
				}
			}
			return nil
		})
	err := daemon.Run(context.Background(), daemon.Options{
		StateDir: filepath.Join(dir, "state"), Version: "test", Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Tables: []*tables.Table{counter}, Pace: fast,
	})
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// TestKilledAgentTellsEachChangeOnce is the agent's half of S19: a process that dies at any moment neither loses a change
// nor tells one twice. A counter grows while agents are killed; each number must come as added once, in one epoch whose
// counters have no gap.
func TestKilledAgentTellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	dir := filepath.Dir(r.dir.Path())
	count := int64(0)
	grow := func() {
		count++
		next := filepath.Join(dir, "next")
		if err := os.WriteFile(next, []byte(fmt.Sprint(count)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "count")); err != nil {
			t.Fatal(err)
		}
	}
	grow()
	var output lines
	start := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0]) // #nosec G204 -- this test itself
		cmd.Env = append(os.Environ(), workerVariable+"="+dir)
		cmd.Stderr = &output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	end := func(cmd *exec.Cmd) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}

	worker := start()
	r.connected(t, 1)
	r.configure(t, 1, protocol.ConfigQuery{Collection: "pack:test/counter", SQL: "SELECT number FROM counter", IntervalSeconds: 1, Mode: protocol.ModeDifferential})
	r.Wait(t, "the first batch", func() bool { return len(r.Batches()) > 0 })
	for i := range kills {
		// A third each: while the agent starts and catches up; at the arrival of a batch, which is then not acknowledged
		// on the agent's disk; while it works by the clock.
		var moment <-chan time.Time
		arrived := func() bool { return false }
		switch known := len(r.Batches()); i % 3 {
		case 0:
			moment = after(t, 200*time.Millisecond)
		case 1:
			arrived = func() bool { return len(r.Batches()) > known }
		case 2:
			moment = after(t, 1300*time.Millisecond)
		}
		for done := false; !done; {
			grow()
			select {
			case <-moment:
				done = true
			case <-time.After(7 * time.Millisecond):
				done = arrived()
			}
		}
		end(worker)
		worker = start()
	}
	grow()
	told := func() (numbers map[int64]int) {
		numbers = map[int64]int{}
		for _, b := range r.Batches() {
			for _, row := range b.Batch.Added {
				numbers[row[0].Int]++
			}
		}
		return numbers
	}
	r.Wait(t, "the last number", func() bool { return told()[count] > 0 })
	end(worker)

	batches := r.Batches()
	for i, b := range batches {
		if b.Header.Epoch != batches[0].Header.Epoch || b.Header.Counter != int64(i) || b.Header.Sequence != int64(i)+1 {
			t.Errorf("batch %d has epoch %d, counter %d, sequence %d", i, b.Header.Epoch, b.Header.Counter, b.Header.Sequence)
		}
		if len(b.Batch.Removed) != 0 {
			t.Errorf("batch %d removes %d rows", i, len(b.Batch.Removed))
		}
	}
	numbers := told()
	for n := int64(1); n <= count; n++ {
		if numbers[n] != 1 {
			t.Errorf("number %d was told %d times", n, numbers[n])
		}
	}
	t.Logf("%d kills, %d batches, %d numbers", kills, len(batches), count)
	if t.Failed() {
		t.Log(output.String())
	}
}

// after gives a moment within a while.
func after(t *testing.T, longest time.Duration) <-chan time.Time {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(longest)))
	if err != nil {
		t.Fatal(err)
	}
	return time.After(time.Duration(n.Int64()))
}

// lines collects what several processes write.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }
