// Package eventlog records what is written to channels of Windows' event log, as it is written.
package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables/threat"
)

// The names under which events are recorded.
const (
	Table     = "windows_events"
	Publisher = "eventlog"
)

// Channels are followed where nobody names others: those that osquery follows.
var Channels = []string{"System", "Application", "Setup", "Security"}

var (
	wevtapi      = windows.NewLazySystemDLL("wevtapi.dll")
	evtSubscribe = wevtapi.NewProc("EvtSubscribe")
	evtNext      = wevtapi.NewProc("EvtNext")
	evtClose     = wevtapi.NewProc("EvtClose")
)

const (
	subscribeToFutureEvents = 1
	batch                   = 64
	lookEvery               = 500 // milliseconds in which the end of the context is noticed
)

// Run records events of channels until the context ends. A channel that is not there, or not to be read, is left out and named
// in the table's reason; where that is all of them, it is the error.
func Run(ctx context.Context, channels []string, to *buffer.Buffer, log *slog.Logger) error {
	if len(channels) == 0 {
		channels = Channels
	}
	if err := evtSubscribe.Find(); err != nil {
		return fmt.Errorf("this system has no event log: %w", err)
	}
	var open []*subscription
	defer func() {
		for _, s := range open {
			s.close()
		}
	}()
	var problems []error
	for _, channel := range slices.Compact(slices.Sorted(slices.Values(channels))) {
		s, err := subscribe(channel)
		if err != nil {
			problems = append(problems, fmt.Errorf("channel %s: %w", channel, err))
			continue
		}
		open = append(open, s)
	}
	missing := errors.Join(problems...)
	if len(open) == 0 {
		return missing
	}
	status := buffer.Status{Publisher: Publisher, Active: true, Subscriptions: int64(len(open))}
	if missing != nil {
		status.Reason = missing.Error()
	}
	to.SetStatus(Table, status)
	g, running := errgroup.WithContext(ctx)
	for _, s := range open {
		g.Go(func() error { return s.follow(running, to, log) })
	}
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	return ctx.Err()
}

// subscription is one channel that is followed.
type subscription struct {
	channel string
	signal  windows.Handle // set while there are events
	results uintptr
}

func subscribe(channel string) (*subscription, error) {
	name, err := windows.UTF16PtrFromString(channel)
	if err != nil {
		return nil, err
	}
	signal, err := windows.CreateEvent(nil, 1, 1, nil)
	if err != nil {
		return nil, fmt.Errorf("make its signal: %w", err)
	}
	results, _, err := evtSubscribe.Call(0, uintptr(signal), uintptr(unsafe.Pointer(name)), 0, 0, 0, 0, subscribeToFutureEvents)
	if results == 0 {
		if errors.Is(err, windows.ERROR_SUCCESS) {
			err = windows.ERROR_CALL_NOT_IMPLEMENTED // so Wine refuses
		}
		return nil, errors.Join(fmt.Errorf("follow it: %w", err), windows.CloseHandle(signal))
	}
	return &subscription{channel, signal, results}, nil
}

func (s *subscription) close() {
	_, _, _ = evtClose.Call(s.results)
	_ = windows.CloseHandle(s.signal)
}

// follow records what comes until the context ends.
func (s *subscription) follow(ctx context.Context, to *buffer.Buffer, log *slog.Logger) error {
	for ctx.Err() == nil {
		switch event, err := windows.WaitForSingleObject(s.signal, lookEvery); {
		case err != nil:
			return fmt.Errorf("wait for channel %s: %w", s.channel, err)
		case event == uint32(windows.WAIT_TIMEOUT):
			continue
		}
		if err := s.take(ctx, to, log); err != nil {
			return fmt.Errorf("read channel %s: %w", s.channel, err)
		}
	}
	return ctx.Err()
}

// take records what is there, and clears the signal first, so that what comes meanwhile sets it again.
func (s *subscription) take(ctx context.Context, to *buffer.Buffer, log *slog.Logger) error {
	if err := windows.ResetEvent(s.signal); err != nil {
		return err
	}
	var handles [batch]uintptr
	for ctx.Err() == nil {
		var count uint32
		ok, _, err := evtNext.Call(s.results, batch, uintptr(unsafe.Pointer(&handles[0])), 0, 0, uintptr(unsafe.Pointer(&count)))
		if ok == 0 {
			if errors.Is(err, windows.ERROR_NO_MORE_ITEMS) || errors.Is(err, windows.ERROR_TIMEOUT) {
				return nil
			}
			return err
		}
		for _, handle := range handles[:min(count, batch)] {
			s.record(ctx, handle, to, log)
			_, _, _ = evtClose.Call(handle)
		}
	}
	return nil
}

func (s *subscription) record(ctx context.Context, handle uintptr, to *buffer.Buffer, log *slog.Logger) {
	now := time.Now()
	text, err := threat.RenderEvent(handle)
	var row *threat.WindowsEvent
	if err == nil {
		row, err = threat.ParseWindowsEvent([]byte(text), now)
	}
	if err != nil {
		to.Dropped(Table, 1, "an event could not be read")
		log.DebugContext(ctx, "an event could not be read", "channel", s.channel, "err", err)
		return
	}
	to.Record(Table, now, row)
}
