package agents

import "sync"

const (
	groupMax = 256   // items of a group
	laneMax  = 2_000 // items that wait in a lane
)

// gatherer has work done for many callers at once: what comes while one group is worked on makes the next, so that a group is
// as large as the work is slow. Lanes are served in turn, so that who sends much keeps nobody else waiting. Safe for
// concurrent use; nothing runs while nothing waits.
type gatherer[K comparable, T any] struct {
	work func(group []T)

	mu      sync.Mutex
	lanes   map[K][]T
	turn    []K // lanes in which something waits, the next first
	working bool
}

func newGatherer[K comparable, T any](work func(group []T)) *gatherer[K, T] {
	return &gatherer[K, T]{work: work, lanes: map[K][]T{}}
}

// put adds an item, and tells whether there was room for it in its lane.
func (g *gatherer[K, T]) put(lane K, item T) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	waiting := g.lanes[lane]
	if len(waiting) >= laneMax {
		return false
	}
	if len(waiting) == 0 {
		g.turn = append(g.turn, lane)
	}
	g.lanes[lane] = append(waiting, item)
	if !g.working {
		g.working = true
		go g.run()
	}
	return true
}

// run works until nothing waits.
func (g *gatherer[K, T]) run() {
	for group := g.take(); len(group) > 0; group = g.take() {
		g.work(group)
	}
}

// take gives the next group, one item of each lane in turn; none ends the work.
func (g *gatherer[K, T]) take() (group []T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(group) < groupMax && len(g.turn) > 0 {
		lane := g.turn[0]
		waiting := g.lanes[lane]
		group, g.turn = append(group, waiting[0]), g.turn[1:]
		if len(waiting) == 1 {
			delete(g.lanes, lane)
			continue
		}
		g.lanes[lane], g.turn = waiting[1:], append(g.turn, lane)
	}
	g.working = len(group) > 0
	return group
}
