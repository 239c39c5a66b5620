package rows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/internal/plaintext"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

const (
	collectionNameMax = 200
	columnNameMax     = 1024
	versionMax        = 128
	logMax            = 4096 // of an execution log, the rest is cut
)

// envelope is a protocol.Batch whose rows are not read yet: a batch with unreadable rows still has a sequence to refuse.
type envelope struct {
	Header  protocol.Signed `json:"header"`
	Added   jsontext.Value  `json:"added"`
	Removed jsontext.Value  `json:"removed"`
}

// Open reads and checks the body of a batch message: signature, identity, clock, bounds, counts and Merkle root. It hashes
// every row itself. now is the server's clock.
//
// A refusal comes with the batch's sequence where the signed header could be read, else with 0: such a message cannot be
// acknowledged, only answered.
func Open(sender Sender, body []byte, now time.Time) (*Batch, int64, *protocol.Error) {
	var e envelope
	if err := protocol.Decode(body, &e); err != nil {
		return nil, 0, refuse(protocol.CodeInvalid, "the batch is no valid message: %v", err)
	}
	b := &Batch{Sender: sender, Signed: e.Header}
	if err := e.Header.Open(sender.Key, protocol.PurposeBatch, &b.Header); err != nil {
		if errors.Is(err, protocol.ErrSignature) {
			return nil, 0, refuse(protocol.CodeSignature, "the batch is not signed by this agent's key: enrol the agent again if its key was changed")
		}
		return nil, 0, refuse(protocol.CodeInvalid, "the batch header is no valid message: %v", err)
	}
	h := &b.Header
	if h.Sequence < 1 {
		return nil, 0, refuse(protocol.CodeInvalid, "sequence %d: the first batch of an agent has sequence 1", h.Sequence)
	}
	if refused := checkHeader(h, sender, now); refused != nil {
		return nil, h.Sequence, refused
	}
	if refused := b.readRows(e); refused != nil {
		return nil, h.Sequence, refused
	}
	return b, h.Sequence, nil
}

func refuse(code, format string, args ...any) *protocol.Error {
	return &protocol.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func checkHeader(h *protocol.BatchHeader, sender Sender, now time.Time) *protocol.Error {
	if h.AgentID != sender.AgentID.String() || h.TenantID != sender.TenantID.String() {
		return refuse(protocol.CodeForeignIdentity, "the batch names agent %.40q of tenant %.40q, the connection belongs to another", h.AgentID, h.TenantID)
	}
	// An old batch waited in the spool of an agent that was offline; only the future is surely wrong.
	if h.Timestamp.After(now.Add(protocol.ClockSkewMax)) {
		refused := refuse(protocol.CodeClockSkew, "the batch is from the future: set the endpoint's clock")
		refused.ServerTime = now
		return refused
	}
	if h.Timestamp.IsZero() {
		return refuse(protocol.CodeInvalid, "timestamp is missing")
	}
	switch h.Mode {
	case protocol.ModeDifferential, protocol.ModeSnapshot, protocol.ModeAppend:
	default:
		return refuse(protocol.CodeInvalid, "mode %.40q is unknown", h.Mode)
	}
	for _, text := range []struct {
		field, value string
		max          int
	}{
		{"collection", h.Collection, collectionNameMax},
		{"query_version", h.QueryVersion, versionMax},
		{"scan_context_id", h.ScanContextID, versionMax},
	} {
		if len(text.value) > text.max || !plaintext.IsLine(text.value) {
			return refuse(protocol.CodeInvalid, "%s is longer than %d bytes or holds control characters", text.field, text.max)
		}
	}
	if h.Collection == "" {
		return refuse(protocol.CodeInvalid, "collection is missing")
	}
	for _, number := range []struct {
		field string
		value int64
	}{
		{"epoch", h.Epoch}, {"counter", h.Counter}, {"added_count", int64(h.AddedCount)}, {"removed_count", int64(h.RemovedCount)},
		{"execution.status_code", int64(h.Execution.StatusCode)}, {"execution.duration_ms", h.Execution.DurationMS},
		{"execution.cpu_ms", h.Execution.CPUMillis}, {"execution.rows", h.Execution.Rows}, {"execution.bytes", h.Execution.Bytes},
	} {
		if number.value < 0 {
			return refuse(protocol.CodeInvalid, "%s is negative", number.field)
		}
	}
	if h.Execution.StatusCode > 2 {
		return refuse(protocol.CodeInvalid, "execution.status_code %d is unknown", h.Execution.StatusCode)
	}
	h.Execution.Log = storableText(h.Execution.Log, logMax)
	if len(h.Columns) > protocol.ColumnsMax {
		return refuse(protocol.CodeTooLarge, "%d columns: at most %d can be stored", len(h.Columns), protocol.ColumnsMax)
	}
	for i, name := range h.Columns {
		if name == "" || len(name) > columnNameMax || storableText(name, columnNameMax) != name {
			return refuse(protocol.CodeInvalid, "column %d has no storable name: name it in the query with AS", i+1)
		}
	}
	return nil
}

// storableText makes text fit for the database and cuts it to at most limit bytes.
func storableText(text string, limit int) string {
	row := []tables.Value{tables.TextValue(text)}
	diff.Storable(row)
	text = row[0].Text
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "")
	}
	return text
}

func (b *Batch) readRows(e envelope) *protocol.Error {
	h := &b.Header
	var removed [][]byte
	if len(e.Removed) > 0 {
		if err := protocol.Decode(e.Removed, &removed); err != nil {
			return refuse(protocol.CodeInvalid, "the removed rows cannot be read: %v", err)
		}
	}
	var leaves []diff.Hash
	hasher := diff.NewHasher(h.Columns)
	var text []byte
	refused := eachRow(e.Added, len(h.Columns), func(row []tables.Value) *protocol.Error {
		added, refused := checkRow(h, hasher, &text, len(b.Added), row)
		if refused != nil {
			return refused
		}
		b.Added = append(b.Added, added)
		b.bytes += len(added.Value) + len(diff.Hash{})
		leaves = append(leaves, diff.Leaf(true, added.Hash))
		return nil
	})
	if refused != nil {
		return refused
	}
	if len(b.Added) != h.AddedCount || len(removed) != h.RemovedCount {
		return refuse(protocol.CodeInvalid, "the batch holds %d added and %d removed rows, its header says %d and %d", len(b.Added), len(removed), h.AddedCount, h.RemovedCount)
	}
	if len(removed) > 0 && (h.Mode != protocol.ModeDifferential || h.Counter == 0) {
		return refuse(protocol.CodeInvalid, "only a differential batch after the first removes rows")
	}
	b.Removed = make([]diff.Hash, len(removed))
	for i, hash := range removed {
		if len(hash) != len(diff.Hash{}) {
			return refuse(protocol.CodeInvalid, "removed row %d: a row hash has %d bytes", i+1, len(diff.Hash{}))
		}
		b.Removed[i] = diff.Hash(hash)
		leaves = append(leaves, diff.Leaf(false, b.Removed[i]))
	}
	if root := diff.Root(leaves); string(root[:]) != string(h.Root) {
		return refuse(protocol.CodeInvalid, "the rows do not match the signed root")
	}
	b.leaves = make([]byte, 0, len(leaves)*len(diff.Hash{}))
	for i := range leaves {
		b.leaves = append(b.leaves, leaves[i][:]...)
	}
	return b.measure()
}

// checkRow makes a row fit to be stored. buffer is used again from row to row.
func checkRow(h *protocol.BatchHeader, hasher *diff.Hasher, buffer *[]byte, i int, row []tables.Value) (Row, *protocol.Error) {
	if len(row) != len(h.Columns) {
		return Row{}, refuse(protocol.CodeInvalid, "row %d has %d values for %d columns", i+1, len(row), len(h.Columns))
	}
	diff.Storable(row)
	text := append((*buffer)[:0], '[')
	for j, value := range row {
		if len(value.Text) > protocol.CellMax {
			return Row{}, refuse(protocol.CodeTooLarge, "row %d, column %q: a cell holds at most %d bytes", i+1, h.Columns[j], protocol.CellMax)
		}
		if j > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = value.AppendJSON(text); err != nil {
			return Row{}, refuse(protocol.CodeInvalid, "row %d, column %q: %v", i+1, h.Columns[j], err)
		}
	}
	text = append(text, ']')
	*buffer = text
	return Row{Hash: hasher.Row(row), Value: string(text)}, nil
}

// measure notes the batch's columns and how much it holds.
func (b *Batch) measure() *protocol.Error {
	columns, err := json.Marshal(b.Header.Columns)
	if err != nil {
		return refuse(protocol.CodeInvalid, "columns: %v", err)
	}
	if b.Header.Columns == nil {
		columns = []byte("[]")
	}
	b.columns = string(columns)
	b.bytes += len(b.Signed.Payload) + len(b.Removed)*len(diff.Hash{}) + len(b.leaves)
	return nil
}

// eachRow reads an array of rows, nothing or null for none, and gives each to fn, which must not keep it: an agent may send
// so many that not even their values fit in memory at once. A row ends after one value more than columns, which fn refuses.
func eachRow(text jsontext.Value, columns int, fn func(row []tables.Value) *protocol.Error) *protocol.Error {
	if len(text) == 0 || text.Kind() == 'n' {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true))
	unreadable := func(err error) *protocol.Error {
		return refuse(protocol.CodeInvalid, "the added rows cannot be read: %v", err)
	}
	open := func() error {
		token, err := d.ReadToken()
		if err == nil && token.Kind() != '[' {
			err = fmt.Errorf("%s where an array is due", token.Kind())
		}
		return err
	}
	if err := open(); err != nil {
		return unreadable(err)
	}
	row := make([]tables.Value, 0, columns+1)
	for d.PeekKind() != ']' {
		if err := open(); err != nil {
			return unreadable(err)
		}
		row = row[:0]
		for d.PeekKind() != ']' && len(row) <= columns {
			cell, err := d.ReadValue()
			if err != nil {
				return unreadable(err)
			}
			var value tables.Value
			if err := value.UnmarshalJSON(cell); err != nil {
				return unreadable(err)
			}
			row = append(row, value)
		}
		if refused := fn(row); refused != nil {
			return refused
		}
		if _, err := d.ReadToken(); err != nil {
			return unreadable(err)
		}
	}
	return nil
}
