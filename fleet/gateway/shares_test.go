package gateway

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// ask asks times times for n, and gives what releases each grant. It returns when all that can be granted is.
func ask(t *testing.T, s *shares, tenant int32, times int, n int64) <-chan func() {
	granted := make(chan func(), times)
	for range times {
		go func() {
			release, err := s.acquire(t.Context(), tenant, n)
			if err != nil {
				t.Error(err)
				return
			}
			granted <- release
		}()
	}
	synctest.Wait()
	return granted
}

func wantEmpty(t *testing.T, s *shares) {
	t.Helper()
	if s.free != s.whole || len(s.accounts) != 0 || len(s.turn) != 0 {
		t.Errorf("in the end %d of %d are free, with %d accounts and %d in turn", s.free, s.whole, len(s.accounts), len(s.turn))
	}
}

func TestFloodHoldsItsPartOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShares(100, 50)
		flood := ask(t, s, 1, 20, 10)
		if len(flood) != 5 {
			t.Errorf("the flood was granted %d pieces of 10, want 5", len(flood))
		}
		other := ask(t, s, 2, 1, 50)
		if len(other) != 1 {
			t.Error("another tenant's half was not free")
		}
		(<-other)()
		for range 20 {
			(<-flood)()
		}
		wantEmpty(t, s)
	})
}

func TestTenantsWaitInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShares(1, 1)
		busy := ask(t, s, 1, 10, 1) // one is granted, nine wait
		late := ask(t, s, 2, 1, 1)
		(<-busy)()
		synctest.Wait()
		// Of those who wait, the flood was first: the other tenant comes second, not tenth.
		(<-busy)()
		synctest.Wait()
		if len(late) != 1 {
			t.Fatal("the other tenant still waits after two of the flood's pieces")
		}
		(<-late)()
		for range 8 {
			(<-busy)()
		}
		synctest.Wait()
		wantEmpty(t, s)
	})
}

func TestLargePieceIsNotStarved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShares(100, 50)
		small := ask(t, s, 1, 1, 10)
		large := ask(t, s, 2, 1, 1000) // as much as there is
		more := ask(t, s, 3, 1, 10)
		if len(large) != 0 || len(more) != 0 {
			t.Error("somebody overtook the large piece")
		}
		(<-small)()
		(<-large)()
		(<-more)()
		wantEmpty(t, s)
	})
}

func TestWhoGivesUpHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShares(100, 50)
		first := ask(t, s, 1, 1, 80)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		gaveUp := make(chan error, 1)
		go func() {
			_, err := s.acquire(ctx, 2, 50)
			gaveUp <- err
		}()
		synctest.Wait()
		behind := ask(t, s, 3, 1, 20)
		if len(behind) != 0 {
			t.Error("a small piece overtook")
		}
		if err := <-gaveUp; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		(<-behind)()
		(<-first)()
		wantEmpty(t, s)
	})
}
