package rows_test

import (
	"crypto/ed25519"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

func senderOf(a *rowstest.Agent) rows.Sender {
	return rows.Sender{Tenant: 2, Agent: 3, TenantID: a.TenantID, AgentID: a.ID, Key: a.Public()}
}

func newAgent() *rowstest.Agent { return rowstest.NewAgent(uuid.New(), uuid.New()) }

func TestOpenTakesWhatAgentsSend(t *testing.T) {
	t.Parallel()
	a := newAgent()
	columns := []string{"name", "n", "f", "b", "nothing"}
	row := []tables.Value{tables.TextValue("nul\x00 <b>\u202e\x1b[31m\xff"), tables.IntValue(math.MinInt64), tables.FloatValue(1), tables.BlobValue([]byte{0, 255}), {}}
	b, sequence, refused := rows.Open(senderOf(a), a.Sign(t, a.Snapshot("pack:a/b", columns, [][]tables.Value{row})), time.Now())
	if refused != nil || sequence != 1 {
		t.Fatalf("sequence %d: %v", sequence, refused)
	}
	if want := diff.NewHasher(columns).Row(row); b.Added[0].Hash != want {
		t.Errorf("hash %v, want %v", b.Added[0].Hash, want)
	}
	var stored []tables.Value
	if err := json.Unmarshal([]byte(b.Added[0].Value), &stored); err != nil {
		t.Fatal(err)
	}
	if got := diff.NewHasher(columns).Row(stored); got != b.Added[0].Hash {
		t.Errorf("the stored text %s has another hash than the row", b.Added[0].Value)
	}
}

func TestOpenRefusesWhatBreaksTheProtocol(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, test := range map[string]struct {
		spoil func(*rowstest.Draft)
		code  string
	}{
		"another agent":           {func(d *rowstest.Draft) { d.Header.AgentID = uuid.NewString() }, protocol.CodeForeignIdentity},
		"another tenant":          {func(d *rowstest.Draft) { d.Header.TenantID = uuid.NewString() }, protocol.CodeForeignIdentity},
		"no tenant":               {func(d *rowstest.Draft) { d.Header.TenantID = "" }, protocol.CodeForeignIdentity},
		"a day ahead":             {func(d *rowstest.Draft) { d.Header.Timestamp = now.Add(24 * time.Hour) }, protocol.CodeClockSkew},
		"no time":                 {func(d *rowstest.Draft) { d.Header.Timestamp = time.Time{} }, protocol.CodeInvalid},
		"unknown mode":            {func(d *rowstest.Draft) { d.Header.Mode = "delta" }, protocol.CodeInvalid},
		"no mode":                 {func(d *rowstest.Draft) { d.Header.Mode = "" }, protocol.CodeInvalid},
		"no collection":           {func(d *rowstest.Draft) { d.Header.Collection = "" }, protocol.CodeInvalid},
		"long collection":         {func(d *rowstest.Draft) { d.Header.Collection = strings.Repeat("x", 201) }, protocol.CodeInvalid},
		"NUL in collection":       {func(d *rowstest.Draft) { d.Header.Collection = "a\x00" }, protocol.CodeInvalid},
		"long version":            {func(d *rowstest.Draft) { d.Header.QueryVersion = strings.Repeat("x", 129) }, protocol.CodeInvalid},
		"sequence 0":              {func(d *rowstest.Draft) { d.Header.Sequence = 0 }, protocol.CodeInvalid},
		"negative sequence":       {func(d *rowstest.Draft) { d.Header.Sequence = -1 }, protocol.CodeInvalid},
		"negative counter":        {func(d *rowstest.Draft) { d.Header.Counter = -1 }, protocol.CodeInvalid},
		"negative epoch":          {func(d *rowstest.Draft) { d.Header.Epoch = -1 }, protocol.CodeInvalid},
		"negative rows":           {func(d *rowstest.Draft) { d.Header.Execution.Rows = -1 }, protocol.CodeInvalid},
		"unknown status":          {func(d *rowstest.Draft) { d.Header.Execution.StatusCode = 3 }, protocol.CodeInvalid},
		"too many columns":        {func(d *rowstest.Draft) { d.Header.Columns, d.Header.Root = make([]string, 2001), make([]byte, 32) }, protocol.CodeTooLarge},
		"column without name":     {func(d *rowstest.Draft) { d.Header.Columns[0] = "" }, protocol.CodeInvalid},
		"NUL in column":           {func(d *rowstest.Draft) { d.Header.Columns[0] = "a\x00b" }, protocol.CodeInvalid},
		"more rows than counted":  {func(d *rowstest.Draft) { d.Header.AddedCount-- }, protocol.CodeInvalid},
		"fewer rows than counted": {func(d *rowstest.Draft) { d.Header.AddedCount = math.MaxInt }, protocol.CodeInvalid},
		"narrow row":              {func(d *rowstest.Draft) { d.Added[0], d.Header.Root = d.Added[0][:1], make([]byte, 32) }, protocol.CodeInvalid},
		"other root":              {func(d *rowstest.Draft) { d.Header.Root = make([]byte, 32) }, protocol.CodeInvalid},
		"short root":              {func(d *rowstest.Draft) { d.Header.Root = []byte{1} }, protocol.CodeInvalid},
		"removed at the start":    {func(d *rowstest.Draft) { d.Removed = [][]byte{make([]byte, 32)}; d.Header.RemovedCount = 1 }, protocol.CodeInvalid},
		"short hash": {func(d *rowstest.Draft) {
			d.Header.Counter, d.Removed, d.Header.RemovedCount = 1, [][]byte{{1}}, 1
		}, protocol.CodeInvalid},
		"removed from a snapshot": {func(d *rowstest.Draft) {
			d.Header.Mode, d.Header.Counter, d.Removed, d.Header.RemovedCount = protocol.ModeSnapshot, 1, [][]byte{make([]byte, 32)}, 1
		}, protocol.CodeInvalid},
		"large cell": {func(d *rowstest.Draft) { d.Added[0][0] = tables.TextValue(strings.Repeat("x", protocol.CellMax+1)) }, protocol.CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAgent()
			d := a.Differential("pack:a/b", []string{"a", "b"}, rowstest.Text([]string{"1", "2"}, []string{"3", "4"}))
			test.spoil(&d)
			b, sequence, refused := rows.Open(senderOf(a), a.Sign(t, d), now)
			if refused == nil || refused.Code != test.code || refused.Message == "" {
				t.Fatalf("%+v, %v; want code %s", b, refused, test.code)
			}
			if want := max(d.Header.Sequence, 0); sequence != want {
				t.Errorf("refused with sequence %d, want %d", sequence, want)
			}
		})
	}
}

func TestOpenRefusesForeignSignatures(t *testing.T) {
	t.Parallel()
	a, other := newAgent(), newAgent()
	draft := a.Snapshot("pack:a/b", []string{"a"}, rowstest.Text([]string{"1"}))
	root := draft.Root()
	draft.Header.Root = root[:]
	foreign, _ := protocol.Sign(other.Key, protocol.PurposeBatch, draft.Header)
	answer, _ := protocol.Sign(a.Key, protocol.PurposeAnswer, draft.Header)
	good, _ := protocol.Sign(a.Key, protocol.PurposeBatch, draft.Header)
	altered := good
	altered.Payload = []byte(strings.Replace(string(good.Payload), `"sequence":1`, `"sequence":2`, 1))
	for name, header := range map[string]protocol.Signed{
		"another key": foreign, "another purpose": answer, "altered": altered, "unsigned": {Payload: good.Payload},
	} {
		body, _ := json.Marshal(protocol.Batch{Header: header, Added: draft.Added})
		if _, sequence, refused := rows.Open(senderOf(a), body, time.Now()); refused == nil || refused.Code != protocol.CodeSignature || sequence != 0 {
			t.Errorf("%s: sequence %d, %v", name, sequence, refused)
		}
	}
}

func TestOpenTellsTheSequenceOfUnreadableRows(t *testing.T) {
	t.Parallel()
	a := newAgent()
	header, _ := protocol.Sign(a.Key, protocol.PurposeBatch, a.Snapshot("pack:a/b", []string{"a"}, rowstest.Text([]string{"1"})).Header)
	signed, _ := json.Marshal(header)
	for _, added := range []string{`[[99999999999999999999]]`, `[[1e999]]`, `[[{"blob":1}]]`, `[[{}]]`, `[["a"],null]`, `[1]`, `{}`, `[[[1]]]`, `null`} {
		body := []byte(`{"header":` + string(signed) + `,"added":` + added + `}`)
		if _, sequence, refused := rows.Open(senderOf(a), body, time.Now()); refused == nil || sequence != 1 {
			t.Errorf("%s: sequence %d, %v", added, sequence, refused)
		}
	}
	for _, body := range []string{``, `null`, `[]`, `{"header":{}}`, `{"header":null}`, `{"header":{"payload":"e30=","signature":""},"x":1}`} {
		if _, sequence, refused := rows.Open(senderOf(a), []byte(body), time.Now()); refused == nil || sequence != 0 {
			t.Errorf("%q: sequence %d, %v", body, sequence, refused)
		}
	}
}

func TestOpenTakesOldBatches(t *testing.T) {
	t.Parallel()
	a := newAgent()
	d := a.Snapshot("pack:a/b", []string{"a"}, nil)
	d.Header.Timestamp = time.Now().Add(-30 * 24 * time.Hour)
	if _, _, refused := rows.Open(senderOf(a), a.Sign(t, d), time.Now()); refused != nil {
		t.Errorf("a batch that waited a month offline: %v", refused)
	}
}

func sign(a *rowstest.Agent, payload []byte) []byte {
	return ed25519.Sign(a.Key, protocol.SigningBytes(protocol.PurposeBatch, payload))
}

func FuzzOpen(f *testing.F) {
	a := rowstest.NewAgent(uuid.UUID{1}, uuid.UUID{2})
	for _, d := range []rowstest.Draft{
		a.Differential("pack:a/b", []string{"a"}, rowstest.Text([]string{"1"}, []string{"1"})),
		a.Snapshot("check:x", []string{"a", "b"}, [][]tables.Value{{tables.IntValue(1), tables.BlobValue([]byte("x"))}}),
	} {
		var b protocol.Batch
		_ = json.Unmarshal(a.Sign(f, d), &b)
		added, _ := json.Marshal(b.Added)
		f.Add(b.Header.Payload, added, []byte(`["AA=="]`))
	}
	f.Fuzz(func(t *testing.T, payload, added, removed []byte) {
		// Signed whatever it is: what is behind the signature must hold as well.
		header, _ := json.Marshal(protocol.Signed{Payload: payload, Signature: sign(a, payload)})
		body := append(append(append(append([]byte(`{"header":`), header...), `,"added":`...), added...), `,"removed":`...)
		body = append(append(body, removed...), '}')
		b, _, refused := rows.Open(senderOf(a), body, time.Now())
		if (b == nil) == (refused == nil) {
			t.Errorf("%v and %v", b, refused)
		}
	})
}
