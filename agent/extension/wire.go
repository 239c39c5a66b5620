package extension

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/apache/thrift/lib/go/thrift"
)

const (
	// messageMax and rowsMax bound an answer. What it becomes in memory is about six times larger.
	messageMax = 16 << 20
	rowsMax    = 200_000
	// membersMax bounds a map: the columns of a row, the tables of an extension. Room for all members is made before the
	// first is read, and a member takes 40 bytes of memory but 8 of the message.
	membersMax = 1024
)

// transport is a connection as Thrift uses it: buffered, and each message bounded.
type transport struct {
	conn   net.Conn
	r      *bufio.Reader
	w      *bufio.Writer
	left   int64 // of the message that is read
	closed atomic.Bool
}

var _ thrift.TRichTransport = (*transport)(nil)

func newTransport(conn net.Conn) *transport {
	return &transport{conn: conn, r: bufio.NewReader(conn), w: bufio.NewWriter(conn)}
}

func (t *transport) take(n int64) error {
	if t.left -= n; t.left < 0 {
		return thrift.NewTProtocolExceptionWithType(thrift.SIZE_LIMIT, fmt.Errorf("the message is larger than %d MiB", messageMax>>20))
	}
	return nil
}

func (t *transport) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if limit := t.take(int64(n)); limit != nil {
		return 0, limit
	}
	return n, err
}

func (t *transport) ReadByte() (byte, error) {
	if err := t.take(1); err != nil {
		return 0, err
	}
	return t.r.ReadByte()
}

func (t *transport) Write(p []byte) (int, error)       { return t.w.Write(p) }
func (t *transport) WriteByte(b byte) error            { return t.w.WriteByte(b) }
func (t *transport) WriteString(s string) (int, error) { return t.w.WriteString(s) }
func (t *transport) Flush(context.Context) error       { return t.w.Flush() }
func (t *transport) RemainingBytes() uint64            { return uint64(max(t.left, 0)) }
func (t *transport) Open() error                       { return nil }
func (t *transport) IsOpen() bool                      { return !t.closed.Load() }

func (t *transport) Close() error {
	t.closed.Store(true)
	return t.conn.Close()
}

// protocol is Thrift's binary protocol with bounded messages, lists and maps.
type protocol struct {
	*thrift.TBinaryProtocol
	t *transport
}

var _ thrift.TProtocol = (*protocol)(nil)

func newProtocol(t *transport) *protocol {
	return &protocol{thrift.NewTBinaryProtocolConf(t, &thrift.TConfiguration{MaxMessageSize: messageMax}), t}
}

func (p *protocol) ReadMessageBegin(ctx context.Context) (name string, kind thrift.TMessageType, id int32, err error) {
	p.t.left = messageMax
	return p.TBinaryProtocol.ReadMessageBegin(ctx)
}

func (p *protocol) ReadMapBegin(ctx context.Context) (key, value thrift.TType, size int, err error) {
	key, value, size, err = p.TBinaryProtocol.ReadMapBegin(ctx)
	if err == nil && size > membersMax {
		err = thrift.NewTProtocolExceptionWithType(thrift.SIZE_LIMIT, fmt.Errorf("a map of %d members, more than %d", size, membersMax))
	}
	return key, value, size, err
}

func (p *protocol) ReadListBegin(ctx context.Context) (element thrift.TType, size int, err error) {
	element, size, err = p.TBinaryProtocol.ReadListBegin(ctx)
	return element, size, p.fits(size, err)
}

func (p *protocol) ReadSetBegin(ctx context.Context) (element thrift.TType, size int, err error) {
	element, size, err = p.TBinaryProtocol.ReadSetBegin(ctx)
	return element, size, p.fits(size, err)
}

// fits holds that the rest of the message has room for a list. Its elements are maps, which take 6 bytes when empty.
func (p *protocol) fits(size int, err error) error {
	if err == nil && (size > rowsMax || int64(size) > p.t.left/6) {
		return thrift.NewTProtocolExceptionWithType(thrift.SIZE_LIMIT,
			fmt.Errorf("a list of %d rows, more than %d or than a message of %d MiB holds", size, rowsMax, messageMax>>20))
	}
	return err
}
