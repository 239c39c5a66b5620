package system

import (
	"os"
	"slices"
	"testing"

	"github.com/tenantra/tenantra/tables"
)

// TestProcsAreSharedInAStatement holds that a statement opens /proc once, but never lends it to two generators at a time, and that what
// was listed is not asked for again.
func TestProcsAreSharedInAStatement(t *testing.T) {
	t.Parallel()
	host, cache := liveHost(t), tables.NewCache()
	shared := procsOf(tables.NewQuery(Processes, nil, nil, -1, cache))
	if procsOf(tables.NewQuery(ProcessEnvs, nil, nil, -1, cache)) != shared {
		t.Fatal("two tables of a statement do not share")
	}
	first, err := shared.borrow(host)
	if err != nil {
		t.Fatal(err)
	}
	second, err := shared.borrow(host)
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two generators share the buffers of one")
	}
	own := int64(os.Getpid())
	if got := shared.selected(first, []int64{own, 1 << 40}); !slices.Equal(got, []int64{own}) {
		t.Errorf("before listing: %v", got)
	}
	if _, err := shared.list(first); err != nil {
		t.Fatal(err)
	}
	shared.leader = []int64{7, own} // 7 need not be there: nobody looks
	if got := shared.selected(nil, []int64{own, 7}); !slices.Equal(got, []int64{7, own}) {
		t.Errorf("after listing: %v", got)
	}
	shared.giveBack(second)
	shared.giveBack(first)
	if again, err := shared.borrow(host); err != nil || again != first {
		t.Errorf("it was opened again: %v", err)
	} else {
		shared.giveBack(again)
	}
	cache.End()
	if len(shared.idle) != 0 {
		t.Error("it stays open after the statement")
	}
}
