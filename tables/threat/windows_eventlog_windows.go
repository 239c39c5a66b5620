package threat

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

var (
	wevtapi   = windows.NewLazySystemDLL("wevtapi.dll")
	evtQuery  = wevtapi.NewProc("EvtQuery")
	evtNext   = wevtapi.NewProc("EvtNext")
	evtRender = wevtapi.NewProc("EvtRender")
	evtClose  = wevtapi.NewProc("EvtClose")
)

const (
	evtQueryChannelPath  = 1
	evtQueryForward      = 0x100
	evtRenderEventXML    = 1
	evtBatch             = 64
	evtWaitMilliseconds  = 5000
	errorChannelNotFound = windows.Errno(15007)
	errorInvalidQuery    = windows.Errno(15001)
)

func generateWindowsEventlog(ctx context.Context, host tables.Host, q *tables.Query, emit func(*windowsEventlogEntry) error) error {
	if !host.Live() || evtQuery.Find() != nil {
		return nil
	}
	if xpaths := q.Equal("xpath"); xpaths != nil {
		for _, xpath := range xpaths {
			err := eachEvent(ctx, host, "", xpath, func(row *windowsEventlogEntry) error {
				row.XPath = xpath
				return emit(row)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, channel := range q.Equal("channel") {
		for _, asked := range eventSpans(q) {
			err := eachEvent(ctx, host, channel, eventQuery(q, asked), func(row *windowsEventlogEntry) error {
				row.Channel, row.TimeRange, row.Timestamp = channel, asked.TimeRange, asked.Timestamp
				return emit(row)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// eachEvent emits the events of a query.
func eachEvent(ctx context.Context, host tables.Host, channel, query string, emit func(*windowsEventlogEntry) error) error {
	queryText, err := windows.UTF16PtrFromString(query)
	if err != nil {
		return fmt.Errorf("query of the event log: %w", err)
	}
	var path *uint16
	if channel != "" {
		if path, err = windows.UTF16PtrFromString(channel); err != nil {
			return fmt.Errorf("channel of the event log: %w", err)
		}
	}
	results, _, err := evtQuery.Call(0, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(queryText)), evtQueryChannelPath|evtQueryForward)
	if results == 0 {
		switch {
		case errors.Is(err, errorChannelNotFound) || errors.Is(err, windows.ERROR_FILE_NOT_FOUND) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED),
			errors.Is(err, windows.ERROR_SUCCESS): // no Windows but Wine, which has no log
			return nil
		case errors.Is(err, windows.ERROR_ACCESS_DENIED):
			hostfile.Skipped(ctx, host, channel, err)
			return nil
		case errors.Is(err, errorInvalidQuery):
			return fmt.Errorf("the event log does not understand the query %.200q", query)
		default:
			return fmt.Errorf("query the event log: %w", err)
		}
	}
	defer evtClose.Call(results)
	var handles [evtBatch]uintptr
	for {
		var count uint32
		ok, _, err := evtNext.Call(results, evtBatch, uintptr(unsafe.Pointer(&handles[0])), evtWaitMilliseconds, 0, uintptr(unsafe.Pointer(&count)))
		if ok == 0 {
			if errors.Is(err, windows.ERROR_NO_MORE_ITEMS) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED) || errors.Is(err, windows.ERROR_SUCCESS) {
				return nil
			}
			return fmt.Errorf("read the event log: %w", err)
		}
		var stop error
		for _, handle := range handles[:min(count, evtBatch)] {
			if stop == nil {
				stop = emitEvent(ctx, host, handle, emit)
			}
			evtClose.Call(handle)
		}
		if stop != nil {
			return stop
		}
	}
}

func emitEvent(ctx context.Context, host tables.Host, handle uintptr, emit func(*windowsEventlogEntry) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := RenderEvent(handle)
	if err != nil {
		hostfile.Skipped(ctx, host, "event", err)
		return nil
	}
	row, err := parseEvent([]byte(text))
	if err != nil {
		hostfile.Skipped(ctx, host, "event", err)
		return nil
	}
	return emit(&row)
}

// RenderEvent gives an event of the log, by its open handle, as XML.
func RenderEvent(handle uintptr) (string, error) {
	buffer := make([]uint16, 8<<10)
	for {
		var used, properties uint32
		ok, _, err := evtRender.Call(0, handle, evtRenderEventXML, uintptr(2*len(buffer)), uintptr(unsafe.Pointer(&buffer[0])),
			uintptr(unsafe.Pointer(&used)), uintptr(unsafe.Pointer(&properties)))
		switch {
		case ok != 0:
			return windows.UTF16ToString(buffer[:min(int(used/2), len(buffer))]), nil
		case errors.Is(err, windows.ERROR_INSUFFICIENT_BUFFER) && used <= 2*eventMax && int(used) > 2*len(buffer):
			buffer = make([]uint16, used/2+1)
		default:
			return "", fmt.Errorf("render event: %w", err)
		}
	}
}
