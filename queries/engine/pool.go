package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// ErrClosed is what a closed engine answers.
var ErrClosed = errors.New("engine: closed")

// pool keeps connections for use by one statement at a time each. They open when first needed.
type pool struct {
	places  chan struct{} // one token a statement that may run
	open    func() (*conn, error)
	current func(*conn) bool // it knows the present tables

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(size int, open func() (*conn, error), current func(*conn) bool) *pool {
	return &pool{places: make(chan struct{}, size), open: open, current: current}
}

// take gives a connection, waiting for one until ctx ends.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case <-ctx.Done():
		return nil, ended(ctx)
	default:
	}
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, ended(ctx)
	}
	c, err := p.idleOrNew()
	if err != nil {
		<-p.places
	}
	return c, err
}

func (p *pool) idleOrNew() (*conn, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	for n := len(p.idle); n > 0; n = len(p.idle) {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		if p.current(c) {
			p.mu.Unlock()
			return c, nil
		}
		c.close()
	}
	p.mu.Unlock()
	return p.open()
}

// give puts a connection back. One whose statement did not return, because a sink panicked, is left to itself: SQLite may
// be anywhere inside it.
func (p *pool) give(c *conn, sound bool) {
	defer func() { <-p.places }()
	if !sound {
		c.abandon()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !p.current(c) {
		c.close()
		return
	}
	p.idle = append(p.idle, c)
}

// drop closes the connections that wait and do not know the present tables.
func (p *pool) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = slices.DeleteFunc(p.idle, func(c *conn) bool {
		if p.current(c) {
			return false
		}
		c.close()
		return true
	})
}

// close refuses further statements and waits for those that run.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for _, c := range p.idle {
		c.close()
	}
	p.idle = nil
	p.mu.Unlock()
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	for range cap(p.places) {
		<-p.places
	}
}
