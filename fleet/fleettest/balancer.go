package fleettest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// balancer passes connections on to whichever of several servers takes them, as the load balancer before them does.
type balancer struct {
	servers  []string
	listener net.Listener

	mu   sync.Mutex
	turn int
	open map[net.Conn]struct{}
	done bool
}

// startBalancer runs one until the test ends.
func startBalancer(t testing.TB, servers []string) *balancer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{servers: servers, listener: listener, open: map[net.Conn]struct{}{}}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			accepting.Go(func() { b.pass(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		b.mu.Lock()
		b.done = true
		for conn := range b.open {
			conn.Close()
		}
		b.mu.Unlock()
		accepting.Wait()
	})
	return b
}

// address is where clients connect to.
func (b *balancer) address() string { return b.listener.Addr().String() }

// pass joins a client with the next server that takes it.
func (b *balancer) pass(client net.Conn) {
	defer client.Close()
	server := b.dial()
	if server == nil {
		return
	}
	defer server.Close()
	if !b.keep(client, server) {
		return
	}
	defer b.forget(client, server)
	both := []net.Conn{client, server}
	var copying sync.WaitGroup
	for i, from := range both {
		copying.Go(func() {
			io.Copy(both[1-i], from) // ends when either side is closed
			client.Close()
			server.Close()
		})
	}
	copying.Wait()
}

func (b *balancer) dial() net.Conn {
	b.mu.Lock()
	first := b.turn
	b.turn++
	b.mu.Unlock()
	for i := range b.servers {
		if conn, err := net.Dial("tcp", b.servers[(first+i)%len(b.servers)]); err == nil {
			return conn
		}
	}
	return nil // none is there; the client tries again
}

func (b *balancer) keep(conns ...net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range conns {
		b.open[conn] = struct{}{}
	}
	return !b.done
}

func (b *balancer) forget(conns ...net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range conns {
		delete(b.open, conn)
	}
}
