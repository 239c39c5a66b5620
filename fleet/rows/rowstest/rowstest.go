// Package rowstest speaks as an agent does, for tests of the server: it keeps differential state, numbers and signs
// batches.
package rowstest

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// Agent is an agent's identity and what it remembers. Not safe for concurrent use.
type Agent struct {
	TenantID, ID uuid.UUID
	Key          ed25519.PrivateKey
	Now          func() time.Time
	Sequence     int64 // of the last batch

	streams map[string]*stream
}

type stream struct {
	epoch, counter int64
	state          diff.State
}

// NewAgent makes an agent with a new key.
func NewAgent(tenantID, id uuid.UUID) *Agent {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err) // the runtime has no randomness
	}
	return &Agent{TenantID: tenantID, ID: id, Key: key, Now: time.Now, streams: map[string]*stream{}}
}

// Public is the public half of the agent's key.
func (a *Agent) Public() ed25519.PublicKey { return a.Key.Public().(ed25519.PublicKey) }

// Text makes rows of text cells.
func Text(rows ...[]string) [][]tables.Value {
	out := make([][]tables.Value, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			out[i] = append(out[i], tables.TextValue(cell))
		}
	}
	return out
}

// Draft is a batch that is not signed yet; tests spoil its header.
type Draft struct {
	Header  protocol.BatchHeader
	Added   [][]tables.Value
	Removed [][]byte
}

// Differential drafts the next differential batch of a collection, whose result is now rows.
func (a *Agent) Differential(collection string, columns []string, rows [][]tables.Value) Draft {
	s := a.streams[collection]
	if s == nil {
		s = &stream{epoch: a.Now().UnixNano(), counter: -1}
		a.streams[collection] = s
	}
	s.counter++
	changes := diff.Rows(s.state, columns, rows)
	s.state = changes.Next
	d := a.draft(collection, protocol.ModeDifferential, columns, changes.Added, len(rows))
	d.Header.Epoch, d.Header.Counter = s.epoch, s.counter
	for _, hash := range changes.Removed {
		d.Removed = append(d.Removed, hash[:])
	}
	d.Header.RemovedCount = len(d.Removed)
	return d
}

// Resync forgets the state of a collection: its next differential batch starts a new epoch.
func (a *Agent) Resync(collection string) { delete(a.streams, collection) }

// Snapshot drafts a batch that holds all rows of a collection.
func (a *Agent) Snapshot(collection string, columns []string, rows [][]tables.Value) Draft {
	return a.draft(collection, protocol.ModeSnapshot, columns, rows, len(rows))
}

// Append drafts a batch of events.
func (a *Agent) Append(collection string, columns []string, rows [][]tables.Value) Draft {
	return a.draft(collection, protocol.ModeAppend, columns, rows, len(rows))
}

// Failed drafts the batch of an execution that failed; the collection's state stays as it was.
func (a *Agent) Failed(collection string, mode protocol.Mode, log string) Draft {
	d := a.draft(collection, mode, nil, nil, 0)
	if s := a.streams[collection]; s != nil && mode == protocol.ModeDifferential {
		s.counter++
		d.Header.Epoch, d.Header.Counter = s.epoch, s.counter
	}
	d.Header.Execution.StatusCode, d.Header.Execution.Log = 1, log
	return d
}

func (a *Agent) draft(collection string, mode protocol.Mode, columns []string, added [][]tables.Value, total int) Draft {
	a.Sequence++
	return Draft{Added: added, Header: protocol.BatchHeader{
		TenantID: a.TenantID.String(), AgentID: a.ID.String(), ScanContextID: "test", Collection: collection, QueryVersion: "v1",
		Mode: mode, Sequence: a.Sequence, Timestamp: a.Now().UTC(), Columns: columns, AddedCount: len(added),
		Execution: protocol.Execution{Rows: int64(total), DurationMS: 3, CPUMillis: 2, Bytes: 100},
	}}
}

// Root computes the draft's Merkle root as agents do.
func (d *Draft) Root() diff.Hash {
	hasher := diff.NewHasher(d.Header.Columns)
	var leaves []diff.Hash
	for _, row := range d.Added {
		leaves = append(leaves, diff.Leaf(true, hasher.Row(row)))
	}
	for _, hash := range d.Removed {
		if len(hash) == len(diff.Hash{}) {
			leaves = append(leaves, diff.Leaf(false, diff.Hash(hash)))
		}
	}
	return diff.Root(leaves)
}

// Sign gives the message's body. A root that the test has set is kept.
func (a *Agent) Sign(t testing.TB, d Draft) []byte {
	t.Helper()
	for _, row := range d.Added {
		diff.Storable(row)
	}
	if d.Header.Root == nil {
		root := d.Root()
		d.Header.Root = root[:]
	}
	header, err := protocol.Sign(a.Key, protocol.PurposeBatch, d.Header)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(protocol.Batch{Header: header, Added: d.Added, Removed: d.Removed})
	if err != nil {
		t.Fatal(err)
	}
	return body
}
