package identity

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const darwinSessionsFile = "/var/run/utmpx"

// generateDarwinLoggedInUsers reads the sessions that macOS keeps while it runs.
func generateDarwinLoggedInUsers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*session) error) error {
	data, err := hostfile.Source(ctx, host, darwinSessionsFile)
	if err != nil {
		return err
	}
	for record := range utmpxRecords(data) {
		row, ok := parseUTMPX(record)
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// A record of utmpx(5) of macOS, packed and little-endian: user 256, id 4, line 32, process 4, type 2, padding 2, seconds 4,
// microseconds 4, host 256, reserved 64.
const utmpxRecord = 628

// utmpxRecords gives whole records.
func utmpxRecords(data []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(data) >= utmpxRecord && yield(data[:utmpxRecord]) {
			data = data[utmpxRecord:]
		}
	}
}

// darwinSessionTypes are the names of the types that are shown; others are of no session.
var darwinSessionTypes = map[uint16]string{2: "boot_time", 3: "old_time", 4: "new_time", 5: "init", 6: "login", 7: "user", 8: "dead"}

func parseUTMPX(record []byte) (row session, ok bool) {
	if len(record) < utmpxRecord {
		return row, false
	}
	text := func(at, length int) string {
		t, _, _ := bytes.Cut(record[at:at+length], []byte{0})
		return string(t)
	}
	kind, known := darwinSessionTypes[binary.LittleEndian.Uint16(record[296:])]
	if !known {
		return row, false
	}
	return session{
		Type: kind, User: text(0, 256), TTY: text(260, 32), PID: int32(binary.LittleEndian.Uint32(record[292:])),
		Time: int64(binary.LittleEndian.Uint32(record[300:])), Host: text(308, 256),
	}, true
}
