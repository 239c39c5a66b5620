package engine

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is what a closed engine answers.
var ErrClosed = errors.New("engine: closed")

// pool keeps connections for use by one statement at a time each. They open when first needed.
type pool struct {
	places chan struct{} // one token a statement that may run
	open   func() (*conn, error)

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

func newPool(size int, open func() (*conn, error)) *pool {
	return &pool{places: make(chan struct{}, size), open: open}
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
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
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
	if p.closed {
		c.close()
		return
	}
	p.idle = append(p.idle, c)
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
