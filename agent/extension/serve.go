package extension

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

const (
	// connectionsMax bounds the connections to one socket; osquery-go keeps one open, others open one a call.
	connectionsMax = 64
	// idleTime ends a connection on which nothing comes; osquery-go pings every few seconds.
	idleTime = 10 * time.Minute
)

// serve answers the connections of a listener until the context ends, and closes it.
func serve(ctx context.Context, l net.Listener, processor thrift.TProcessor, log *slog.Logger) error {
	var connections sync.WaitGroup
	defer connections.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	places := make(chan struct{}, connectionsMax)
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return errors.Join(fmt.Errorf("extension socket: %w", err), l.Close())
		}
		if err := checkPeer(conn); err != nil {
			log.WarnContext(ctx, "a connection to the extension socket was refused", "err", err)
			conn.Close()
			continue
		}
		select {
		case places <- struct{}{}:
		default:
			log.WarnContext(ctx, "a connection to the extension socket was refused: there are too many", "connections", connectionsMax)
			conn.Close()
			continue
		}
		connections.Go(func() {
			defer func() { <-places }()
			serveConnection(ctx, conn, processor, log)
		})
	}
}

func serveConnection(ctx context.Context, conn net.Conn, processor thrift.TProcessor, log *slog.Logger) {
	t := newTransport(conn)
	defer t.Close()
	defer context.AfterFunc(ctx, func() { t.Close() })()
	p := newProtocol(t)
	for {
		if err := conn.SetDeadline(time.Now().Add(idleTime)); err != nil {
			return
		}
		if goOn, err := processor.Process(ctx, p, p); err != nil || !goOn {
			if ctx.Err() == nil && !ended(err) {
				log.DebugContext(ctx, "a connection to the extension socket ended", "err", err)
			}
			return
		}
	}
}

// ended tells whether the other side closed the connection between two messages, as each does.
func ended(err error) bool {
	var t thrift.TTransportException
	return errors.As(err, &t) && t.TypeId() == thrift.END_OF_FILE
}
