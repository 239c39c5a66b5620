// Package watchdog keeps a worker process running: a parent that does nothing else starts it, stops it when it grows
// beyond a bound or falls silent, and starts it again after a while.
//
// The two share a pair of pipes. The worker writes how large it is; that its input ends tells it that the parent is gone.
package watchdog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// Options of a Watchdog. Zero fields have the usual value.
type Options struct {
	Command   []string      // of the worker
	MemoryMax int64         // resident bytes; 512 MiB
	Beat      time.Duration // how often the worker reports; 10 s. Six without a report are silence
	BackOff   time.Duration // before the first restart; 1 s, doubled up to 5 min while workers do not last
	StopTime  time.Duration // that a worker has to end; 15 s
	Log       *slog.Logger
}

// The usual values.
const (
	usualMemory  = 512 << 20
	usualBeat    = 10 * time.Second
	usualBackOff = time.Second
	usualStop    = 15 * time.Second
	backOffMax   = 5 * time.Minute
	silentBeats  = 6
)

func (o Options) complete() Options {
	if o.MemoryMax == 0 {
		o.MemoryMax = usualMemory
	}
	if o.Beat == 0 {
		o.Beat = usualBeat
	}
	if o.BackOff == 0 {
		o.BackOff = usualBackOff
	}
	if o.StopTime == 0 {
		o.StopTime = usualStop
	}
	return o
}

// Run keeps a worker running until the context ends, and then ends it.
func Run(ctx context.Context, o Options) error {
	o = o.complete()
	wait := o.BackOff
	for {
		began := time.Now()
		err := watch(ctx, o)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > backOffMax {
			wait = o.BackOff
		}
		o.Log.ErrorContext(ctx, "the worker ended and is started again", "err", err, "restart_in", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, backOffMax)
	}
}

// watch runs one worker to its end and says why it ended.
func watch(ctx context.Context, o Options) error {
	cmd := exec.Command(o.Command[0], o.Command[1:]...) // #nosec G204 -- this program itself
	cmd.Stderr = os.Stderr
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	reports, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	sizes := make(chan int64)
	go read(reports, sizes)
	reason := judge(ctx, o, sizes)
	// Ask first: the worker ends when its input does. What does not end is killed.
	lifeline.Close()
	kill := time.AfterFunc(o.StopTime, func() { _ = cmd.Process.Kill() })
	for range sizes { // until the worker's output ends, which Wait must not race with
	}
	err = cmd.Wait()
	kill.Stop()
	return errors.Join(reason, err)
}

// read takes the worker's reports until its output ends.
func read(r io.Reader, sizes chan<- int64) {
	defer close(sizes)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if size, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
			sizes <- size
		}
	}
}

// judge waits until the worker must end: it is too large twice in a row, silent, gone, or not wanted any more.
func judge(ctx context.Context, o Options, sizes <-chan int64) error {
	silence := time.NewTimer(silentBeats * o.Beat)
	defer silence.Stop()
	tooLarge := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-silence.C:
			return fmt.Errorf("the worker did not report for %s", silentBeats*o.Beat)
		case size, ok := <-sizes:
			if !ok {
				return nil
			}
			silence.Reset(silentBeats * o.Beat)
			if size <= o.MemoryMax {
				tooLarge = 0
			} else if tooLarge++; tooLarge == 2 {
				return fmt.Errorf("the worker holds %d MiB, more than its %d", size>>20, o.MemoryMax>>20)
			}
		}
	}
}

// Report is the worker's side: it writes to out how large the process is, and ends when the context does or when in
// ends, which tells that the parent is gone. Its error is ErrOrphan then.
func Report(ctx context.Context, in io.Reader, out io.Writer, beat time.Duration) error {
	if beat == 0 {
		beat = usualBeat
	}
	gone := make(chan struct{})
	go func() { // ends with the process at the latest: a read from a pipe cannot be called off
		defer close(gone)
		_, _ = io.Copy(io.Discard, in)
	}()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		if _, err := fmt.Fprintln(out, ResidentBytes()); err != nil {
			return ErrOrphan
		}
		select {
		case <-ctx.Done():
			return nil
		case <-gone:
			return ErrOrphan
		case <-ticker.C:
		}
	}
}

// ErrOrphan tells a worker that its parent is gone or wants it to end.
var ErrOrphan = errors.New("the watchdog ended")
