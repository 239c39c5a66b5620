package rows

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

// waiting makes a batch of n changes that is on its way.
func waiting(tenant, agent, collection int32, sequence int64, n int) *pending {
	b := &Batch{Sender: Sender{Tenant: tenant, Agent: agent}, Header: protocol.BatchHeader{Sequence: sequence}}
	return &pending{batch: b, entry: entry{collection: collection}, added: make([]digest, n), size: int64(n)}
}

func testQueue() *queue {
	return newQueue(Config{Writers: 2, MaxRows: 100, MaxBatches: 50, MaxDelay: time.Millisecond, MaxBytes: 1 << 20, Patience: time.Millisecond})
}

func mustPut(t *testing.T, q *queue, all ...*pending) {
	t.Helper()
	for _, p := range all {
		if err := q.put(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
}

// tenants gives how many batches of each tenant a group holds.
func tenants(g *group) map[int32]int {
	n := map[int32]int{}
	for _, p := range g.batches {
		n[p.batch.Sender.Tenant]++
	}
	return n
}

func TestSmallTenantNeverWaitsBehindAFlood(t *testing.T) {
	t.Parallel()
	q := testQueue()
	for i := range 1000 {
		mustPut(t, q, waiting(1, int32(i), 1, 1, 30))
	}
	flood := q.gather(t.Context())
	if got := tenants(flood); got[1] == 0 || len(got) != 1 {
		t.Fatalf("the first group holds %v", got)
	}
	// The other writer is kept for others, however much waits.
	mustPut(t, q, waiting(2, 1, 1, 1, 1), waiting(3, 1, 1, 1, 1))
	small := q.gather(t.Context())
	if got := tenants(small); got[1] != 0 || got[2] != 1 || got[3] != 1 {
		t.Fatalf("the other writer's group holds %v", got)
	}
	q.finish(small)
	q.finish(flood)
	// The flood goes on when its turn comes again, and others in between.
	mustPut(t, q, waiting(2, 1, 1, 2, 1))
	first, second := q.gather(t.Context()), q.gather(t.Context())
	if both := []int{tenants(first)[1] + tenants(second)[1], tenants(first)[2] + tenants(second)[2]}; both[0] == 0 || both[1] != 1 {
		t.Errorf("the next two groups hold %v and %v", tenants(first), tenants(second))
	}
}

func TestFloodIsWrittenInShortPiecesBesideOthers(t *testing.T) {
	t.Parallel()
	q := testQueue()
	q.config.Writers, q.config.MaxRows = 3, 80
	for i := range 100 {
		mustPut(t, q, waiting(1, int32(i), 1, 1, 5))
	}
	if alone := q.gather(t.Context()); alone.changes != 80 {
		t.Errorf("nobody else sends: a group of %d changes, want 80", alone.changes)
	}
	mustPut(t, q, waiting(2, 1, 1, 1, 1))
	small := q.gather(t.Context())
	if got := tenants(small); got[1] != 0 || got[2] != 1 {
		t.Fatalf("the other tenant's group holds %v", got)
	}
	// The flood has its one writer; a third writer finds nothing to do.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if third := q.gather(ctx); len(third.batches) != 0 {
		t.Errorf("a second writer for the flood got %v", tenants(third))
	}
	q.floods = 0
	if beside := q.gather(t.Context()); beside.changes != 10 {
		t.Errorf("beside others: a group of %d changes, want 10", beside.changes)
	}
}

func TestTenantsShareAGroupInTurn(t *testing.T) {
	t.Parallel()
	q := testQueue()
	q.config.MaxBatches, q.config.MaxRows = 6, 1000
	for i := range 10 {
		mustPut(t, q, waiting(1, int32(i), 1, 1, 1))
	}
	mustPut(t, q, waiting(2, 1, 1, 1, 1), waiting(3, 1, 1, 1, 1))
	if got := tenants(q.gather(t.Context())); got[1] != 4 || got[2] != 1 || got[3] != 1 {
		t.Errorf("the group holds %v", got)
	}
}

func TestOrderOfAnAgentIsKept(t *testing.T) {
	t.Parallel()
	q := testQueue()
	// Two batches of one stream, then one of another: the third may not overtake the second.
	mustPut(t, q, waiting(1, 7, 1, 1, 1), waiting(1, 7, 1, 2, 1), waiting(1, 7, 2, 3, 1), waiting(1, 8, 1, 1, 1))
	sequences := func(g *group) (of7 []int64) {
		for _, p := range g.batches {
			if p.batch.Sender.Agent == 7 {
				of7 = append(of7, p.batch.Header.Sequence)
			}
		}
		return of7
	}
	first := q.gather(t.Context())
	if got := sequences(first); !slices.Equal(got, []int64{1}) || len(first.batches) != 2 {
		t.Fatalf("the first group holds %d of %d batches", got, len(first.batches))
	}
	// While they are written nobody else may have what follows.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if early := q.gather(ctx); len(early.batches) != 0 {
		t.Errorf("a second writer got %d", sequences(early))
	}
	q.finish(first)
	second := q.gather(t.Context())
	if got := sequences(second); !slices.Equal(got, []int64{2, 3}) {
		t.Errorf("the second group holds %d", got)
	}
	q.finish(second)
	if len(q.lines) != 0 || len(q.turn) != 0 || q.held != 0 {
		t.Errorf("the empty queue remembers %d tenants, %d in turn, %d bytes", len(q.lines), len(q.turn), q.held)
	}
}

func TestRoomIsShared(t *testing.T) {
	t.Parallel()
	q := testQueue()
	q.config.MaxBytes = 1600
	big := func(tenant int32, sequence int64) *pending { return waiting(tenant, 1, 1, sequence, 400) }
	mustPut(t, q, big(1, 1), big(1, 2))
	if err := q.put(t.Context(), big(1, 3)); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond its half: %v", err)
	}
	mustPut(t, q, big(2, 1), big(2, 2)) // all is taken now
	mustPut(t, q, waiting(3, 1, 1, 1, 60), waiting(3, 1, 2, 2, 40))
	if err := q.put(t.Context(), waiting(3, 1, 3, 3, 10)); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond everybody's sixteenth of a full queue: %v", err)
	}
	// Who waits gets the room that a finished group leaves.
	q.config.Patience = time.Minute
	g := q.gather(t.Context())
	put := make(chan error, 1)
	go func() { put <- q.put(context.Background(), waiting(g.batches[0].batch.Sender.Tenant, 1, 1, 9, 300)) }()
	q.finish(g)
	if err := <-put; err != nil {
		t.Error(err)
	}
}

func TestStoppedQueueGivesBackWhatWaits(t *testing.T) {
	t.Parallel()
	q := testQueue()
	mustPut(t, q, waiting(1, 1, 1, 1, 1), waiting(2, 1, 1, 1, 1))
	if left := q.stop(); len(left) != 2 {
		t.Errorf("%d batches were given back, want 2", len(left))
	}
	if err := q.put(t.Context(), waiting(1, 1, 1, 2, 1)); !errors.Is(err, errStopped) {
		t.Errorf("after the stop: %v", err)
	}
}
