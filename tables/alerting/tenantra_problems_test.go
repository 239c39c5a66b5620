package alerting

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// broken is an agent whose state cannot be read.
type broken struct{ host.NoSelf }

var errLocked = errors.New("state is locked")

func (broken) Schedule(context.Context) ([]tables.ScheduledQuery, error) { return nil, errLocked }

func TestProblems(t *testing.T) {
	t.Parallel()
	at := time.Unix(1767225600, 0)
	schedule := []tables.ScheduledQuery{
		{Pack: "base", Name: "good", LastStatus: "ok", LastRun: at},
		{Pack: "base", Name: "bad", LastStatus: "error", LastError: "no such column: x", LastRun: at},
		{Pack: "base", Name: "big", LastStatus: "limited", LastError: "over 1 s of processor time"},
		{Pack: "base", Name: "bigger", LastStatus: "limited", LastError: "over 1 s of processor time", Denied: true, LastRun: at},
		{Pack: "base", Name: "new"},
	}
	want := []problem{
		{Kind: "query_failed", Subject: "base/bad", Message: "no such column: x", Since: tables.Some(at.Unix()), Count: 1},
		{Kind: "query_limited", Subject: "base/big", Message: "over 1 s of processor time", Count: 1},
		{Kind: "query_put_off", Subject: "base/bigger", Message: "over 1 s of processor time", Since: tables.Some(at.Unix()), Count: 1},
		{Kind: "batches_waiting", Subject: "spool", Message: "results wait for the fleet", Count: waitingMany + 1},
		{Kind: "batches_dropped", Subject: "spool", Message: "results were given up because the spool was full", Count: 4},
	}
	if diff := cmp.Diff(want, problemsOf(tables.Info{SpoolBatches: waitingMany + 1, SpoolDropped: 4}, schedule)); diff != "" {
		t.Error(diff)
	}
	if rows := problemsOf(tables.Info{SpoolBatches: 3}, schedule[:1]); rows != nil {
		t.Errorf("where all is well: %+v", rows)
	}
}

func TestStateThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for self, want := range map[tables.Self]error{broken{}: errLocked, host.NoSelf{}: nil} {
		h, err := host.New(t.TempDir(), nil, self)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := tabletest.Rows(t.Context(), Problems, h, tabletest.Query(Problems, nil, nil)); !errors.Is(err, want) || rows != nil {
			t.Errorf("%d rows, error %v, want %v", len(rows), err, want)
		}
	}
}
