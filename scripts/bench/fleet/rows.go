//go:build linux

package main

import (
	"fmt"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

var columns = []string{"pid", "parent", "name", "path", "cmdline", "state", "uid", "start_time", "resident_size", "cwd"}

// cells are the values of row n of family: ten columns as of a process. Rows of one family and number are equal, whoever
// sends them.
func cells(family string, n int) []string {
	return []string{fmt.Sprint(n), "1", fmt.Sprintf("worker-%d", n%97), "/usr/lib/example/worker", fmt.Sprintf("/usr/lib/example/worker --slot %s-%d --log /var/log/example.log", family, n),
		"S", "1000", fmt.Sprint(1_700_000_000 + n), fmt.Sprint(n * 4096), "/var/lib/example"}
}

// numbers tells which columns hold integers.
var numbers = map[string]bool{"pid": true, "parent": true, "uid": true, "start_time": true, "resident_size": true}

func row(family string, n int) []tables.Value {
	out := make([]tables.Value, len(columns))
	for i, cell := range cells(family, n) {
		out[i] = tables.TextValue(cell)
		if numbers[columns[i]] {
			var number int64
			fmt.Sscan(cell, &number) // made by Sprint just above
			out[i] = tables.IntValue(number)
		}
	}
	return out
}

// valueBytes is how long a row's values are, as the server keeps them: a JSON array.
func valueBytes(family string, n int) int {
	length := 2 + len(columns) - 1
	for i, cell := range cells(family, n) {
		length += len(cell)
		if !numbers[columns[i]] {
			length += 2
		}
	}
	return length
}

// batch packs the agent's next differential batch, which adds rows and removes others.
func (a *agent) batch(added [][]tables.Value, removed []diff.Hash) (packed []byte, hashes []diff.Hash, err error) {
	if a.counter < 0 {
		a.epoch = time.Now().UnixNano()
	}
	a.counter++
	a.sequence++
	a.held += len(added) - len(removed)
	root, hashes := rootOf(columns, added, removed)
	header, err := protocol.Sign(a.key, protocol.PurposeBatch, protocol.BatchHeader{
		TenantID: a.tenant, AgentID: a.id, ScanContextID: "bench", Collection: collection, QueryVersion: "1", Mode: protocol.ModeDifferential,
		Epoch: a.epoch, Counter: a.counter, Sequence: a.sequence, Timestamp: time.Now().UTC(), Columns: columns,
		AddedCount: len(added), RemovedCount: len(removed), Root: root, Execution: protocol.Execution{Rows: int64(a.held), DurationMS: 3, CPUMillis: 2, Bytes: 1000},
	})
	if err != nil {
		return nil, nil, err
	}
	message := protocol.Batch{Header: header, Added: added}
	for _, hash := range removed {
		message.Removed = append(message.Removed, hash[:])
	}
	packed, err = frame.Encode(protocol.TypeBatch, "", message)
	return packed, hashes, err
}
