package agents

import (
	"slices"
	"sync"
	"testing"
)

// While a group is worked on, what two lanes want piles up; the next group has as much of the small lane as there is, whatever
// the other has sent before it.
func TestLanesAreServedInTurn(t *testing.T) {
	t.Parallel()
	type item struct{ lane, n int }
	begun, release := make(chan struct{}), make(chan struct{})
	groups := make(chan []item, 100)
	g := newGatherer[int](func(group []item) {
		if group[0].lane == 0 {
			close(begun)
			<-release
		}
		groups <- group
	})
	g.put(0, item{})
	<-begun
	for n := range laneMax {
		if !g.put(1, item{1, n}) {
			t.Fatalf("no room for %d", n)
		}
	}
	if g.put(1, item{}) {
		t.Error("a lane has no end")
	}
	for n := range 5 {
		g.put(2, item{2, n})
	}
	close(release)
	if first := <-groups; len(first) != 1 {
		t.Errorf("the first group has %d", len(first))
	}
	second := <-groups
	if len(second) != groupMax {
		t.Errorf("the second group has %d", len(second))
	}
	var small, large []int
	for _, it := range second {
		if it.lane == 2 {
			small = append(small, it.n)
		} else {
			large = append(large, it.n)
		}
	}
	if !slices.Equal(small, []int{0, 1, 2, 3, 4}) || !slices.IsSorted(large) {
		t.Errorf("of the small lane it has %v, of the large %v", small, large)
	}
	for rest := laneMax - len(large); rest > 0; {
		group := <-groups
		rest -= len(group)
	}
}

// Many callers, many lanes: each item is worked on once, never two groups at a time.
func TestEachItemIsWorkedOnOnce(t *testing.T) {
	t.Parallel()
	const lanes, each = 7, 300
	var mu sync.Mutex
	seen := map[[2]int]int{}
	var left sync.WaitGroup
	left.Add(lanes * each)
	g := newGatherer[int](func(group [][2]int) {
		if !mu.TryLock() {
			t.Error("two groups at a time")
			return
		}
		defer mu.Unlock()
		for _, it := range group {
			seen[it]++
			left.Done()
		}
	})
	for lane := range lanes {
		go func() {
			for n := range each {
				g.put(lane, [2]int{lane, n})
			}
		}()
	}
	left.Wait()
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != lanes*each {
		t.Errorf("%d items", len(seen))
	}
}
