package gateway

import (
	"context"
	"slices"
	"sync"
)

// shares divides something of which there is a fixed amount (bytes of memory, processors) among tenants. A tenant holds at
// most its part, or a single larger piece, and those who wait are served one tenant after the other: whoever floods waits
// behind its own requests only. Safe for concurrent use.
type shares struct {
	whole, part int64

	mu       sync.Mutex
	free     int64
	accounts map[int32]*account
	turn     []*account // those who wait, the next first
}

// account is what one tenant holds and waits for.
type account struct {
	tenant  int32
	held    int64
	waiting []*claim
}

type claim struct {
	n       int64
	granted chan struct{}
}

// newShares divides whole; part is what one tenant may hold of it.
func newShares(whole, part int64) *shares {
	return &shares{whole: whole, part: part, free: whole, accounts: map[int32]*account{}}
}

// acquire waits for n, at most the whole, and gives what returns it.
func (s *shares) acquire(ctx context.Context, tenant int32, n int64) (release func(), err error) {
	n = min(n, s.whole)
	c := &claim{n, make(chan struct{})}
	s.mu.Lock()
	a := s.accounts[tenant]
	if a == nil {
		a = &account{tenant: tenant}
		s.accounts[tenant] = a
	}
	if a.waiting = append(a.waiting, c); len(a.waiting) == 1 {
		s.turn = append(s.turn, a)
	}
	s.serve()
	s.mu.Unlock()
	select {
	case <-c.granted:
	case <-ctx.Done():
		if s.withdraw(a, c) {
			return nil, ctx.Err()
		}
	}
	return func() { s.release(a, n) }, nil
}

// serve grants what may be granted. Who has its part already is passed over; of the others none is, for small pieces would
// else keep a large one waiting for ever.
func (s *shares) serve() {
	for i := 0; i < len(s.turn); {
		a := s.turn[i]
		c := a.waiting[0]
		if a.held > 0 && a.held+c.n > s.part {
			i++
			continue
		}
		if c.n > s.free {
			return
		}
		s.free, a.held = s.free-c.n, a.held+c.n
		a.waiting = a.waiting[1:]
		close(c.granted)
		s.turn = slices.Delete(s.turn, i, i+1)
		if len(a.waiting) > 0 {
			s.turn = append(s.turn, a)
		}
	}
}

func (s *shares) release(a *account, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free, a.held = s.free+n, a.held-n
	s.forget(a)
	s.serve()
}

// withdraw takes a claim back, unless it has just been granted.
func (s *shares) withdraw(a *account, c *claim) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(a.waiting, c)
	if i < 0 {
		return false
	}
	if a.waiting = slices.Delete(a.waiting, i, i+1); len(a.waiting) == 0 {
		s.turn = slices.DeleteFunc(s.turn, func(other *account) bool { return other == a })
	}
	s.forget(a)
	s.serve() // a smaller claim may be next now
	return true
}

// forget drops an account without content. Another is made when its tenant comes again.
func (s *shares) forget(a *account) {
	if a.held == 0 && len(a.waiting) == 0 {
		delete(s.accounts, a.tenant)
	}
}
