package rows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/fleet/rows/rowstest"
)

// BenchmarkOpen is what a batch of ten rows of ten columns costs before the store has it: unpacked, read, checked, hashed.
func BenchmarkOpen(b *testing.B) {
	tenant, id := uuid.New(), uuid.New()
	agent := rowstest.NewAgent(tenant, id)
	columns := []string{"pid", "parent", "name", "path", "cmdline", "state", "uid", "start_time", "resident_size", "cwd"}
	var cells [][]string
	for n := range 10 {
		cells = append(cells, []string{fmt.Sprint(n), "1", fmt.Sprintf("worker-%d", n), "/usr/lib/example/worker", fmt.Sprintf("/usr/lib/example/worker --slot %d --log /var/log/example.log", n),
			"S", "1000", fmt.Sprint(1_700_000_000 + n), fmt.Sprint(n * 4096), "/var/lib/example"})
	}
	body := agent.Sign(b, agent.Append("pack:p/q", columns, rowstest.Text(cells...)))
	var batch protocol.Batch
	if err := protocol.Decode(body, &batch); err != nil {
		b.Fatal(err)
	}
	packed, err := frame.Encode(protocol.TypeBatch, "", batch)
	if err != nil {
		b.Fatal(err)
	}
	sender := rows.Sender{TenantID: tenant, AgentID: id, Key: agent.Public()}
	now := time.Now()
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		envelope, err := frame.Decode(packed)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, refused := rows.Open(sender, envelope.Body, now); refused != nil {
			b.Fatal(refused)
		}
	}
}
