// Package bus carries messages between servers and to the console: live queries to whichever server holds an agent's
// socket, answers back, pushed configuration, console events. It is NATS, inside this process unless an address of a
// cluster is given. A message that nobody listens to is gone: what must not be lost is in the database.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// KindEvent is the kind of console events: something that a tenant's people may look at has changed. The id says what; the
// body is what the console gets.
const KindEvent = "event"

// KindCommand is the kind of messages that bring a signed command to agents; the body is an Orders.
const KindCommand = "agent"

// Orders is a command for some agents of the message's tenant, whichever servers hold their connections. A question to
// thousands is a few messages, so that a subscriber's queue holds it.
type Orders struct {
	Agents  []uuid.UUID     `json:"agents"`
	Command json.RawMessage `json:"command"`
}

const (
	readyTime     = 10 * time.Second
	payloadMost   = 8 << 20
	pendingMost   = 4096     // messages waiting for one subscriber; beyond, the newest are dropped and counted
	pendingBytes  = 64 << 20 // the same in bytes
	wildcard      = "*"
	envelopeBytes = 16 // the tenant, before the body
)

// Config says which installation's subjects are used and where the bus is.
type Config struct {
	Installation uuid.UUID
	URL          string      // of an external NATS cluster, several addresses separated by commas; "" runs one inside this process, without any listener
	Credentials  Credentials // what the cluster knows this server by
	Log          *slog.Logger
}

// Message is what a subscriber gets. Tenant is the one that the sender named and that the subject names as well.
type Message struct {
	Tenant uuid.UUID
	Kind   string
	ID     string
	Body   []byte
}

// Bus is safe for concurrent use.
type Bus struct {
	prefix   string
	embedded *server.Server // nil with an external cluster
	conn     *nats.Conn
	log      *slog.Logger
}

// Open connects to the cluster, or starts the bus inside this process.
func Open(config Config) (*Bus, error) {
	b := &Bus{prefix: "tenantra." + config.Installation.String() + ".t.", log: config.Log}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	options := []nats.Option{
		nats.Name("tenantra-fleet"), nats.MaxReconnects(-1), nats.ReconnectJitter(500*time.Millisecond, time.Second),
		nats.ErrorHandler(b.report), nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("bus is away", "err", err)
			}
		}),
	}
	url := config.URL
	if url == "" {
		var err error
		if b.embedded, err = embed(); err != nil {
			return nil, err
		}
		options = append(options, nats.InProcessServer(b.embedded))
	} else {
		proven, err := config.Credentials.options(url)
		if err != nil {
			return nil, err
		}
		options = append(append(options, proven...), nats.RetryOnFailedConnect(true))
	}
	conn, err := nats.Connect(url, options...)
	if err != nil {
		b.stopEmbedded()
		return nil, fmt.Errorf("connect to bus: %w", err)
	}
	b.conn = conn
	return b, nil
}

// embed runs a server that only this process can reach: it has no listener, no monitoring, no stream storage.
func embed() (*server.Server, error) {
	embedded, err := server.NewServer(&server.Options{
		ServerName: "tenantra", DontListen: true, NoSigs: true, NoLog: true, JetStream: false, MaxPayload: payloadMost,
	})
	if err != nil {
		return nil, fmt.Errorf("start bus: %w", err)
	}
	go embedded.Start()
	if !embedded.ReadyForConnections(readyTime) {
		embedded.Shutdown()
		return nil, errors.New("start bus: it does not get ready")
	}
	return embedded, nil
}

// report logs what NATS tells beside calls: above all, a subscriber that is too slow and loses messages.
func (b *Bus) report(_ *nats.Conn, subscription *nats.Subscription, err error) {
	subject := ""
	if subscription != nil {
		subject = subscription.Subject
	}
	b.log.Warn("bus", "subject", subject, "err", err)
}

// Close delivers what was published and ends the bus.
func (b *Bus) Close() {
	if err := b.conn.FlushTimeout(time.Second); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		b.log.Warn("flush bus", "err", err)
	}
	b.conn.Close()
	b.stopEmbedded()
}

func (b *Bus) stopEmbedded() {
	if b.embedded != nil {
		b.embedded.Shutdown()
		b.embedded.WaitForShutdown()
	}
}

// Connected tells whether messages flow now.
func (b *Bus) Connected() bool { return b.conn.IsConnected() }

// Publish sends body to all subscribers of (tenant, kind, id). Kind and id are one word each. It does not wait for
// delivery; while the cluster is away messages are kept up to a bound, then refused.
func (b *Bus) Publish(ctx context.Context, tenant uuid.UUID, kind, id string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	subject, err := b.subject(tenant.String(), kind, id)
	if err != nil {
		return err
	}
	if strings.Contains(subject, wildcard) {
		return fmt.Errorf("publish %s: a message has one subject", kind)
	}
	message := make([]byte, 0, envelopeBytes+len(body))
	message = append(append(message, tenant[:]...), body...)
	if err := b.conn.Publish(subject, message); err != nil {
		return fmt.Errorf("publish %s: %w", kind, err)
	}
	return nil
}

// Subscribe has handle called, one message after the other, for each message of (tenant, kind, id); tenant and id may
// be "*". The handler must not block for long: what waits beyond a bound is dropped. The subscription holds for
// everything published after Subscribe returns.
func (b *Bus) Subscribe(tenant, kind, id string, handle func(Message)) (unsubscribe func(), err error) {
	subject, err := b.subject(tenant, kind, id)
	if err != nil {
		return nil, err
	}
	subscription, err := b.conn.Subscribe(subject, func(raw *nats.Msg) {
		message, err := b.open(raw)
		if err != nil {
			b.log.Warn("dropped a message of the bus", "subject", raw.Subject, "err", err)
			return
		}
		handle(message)
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", kind, err)
	}
	if err := subscription.SetPendingLimits(pendingMost, pendingBytes); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", kind, err)
	}
	if b.embedded != nil || b.conn.IsConnected() {
		if err := b.conn.FlushTimeout(readyTime); err != nil {
			subscription.Unsubscribe()
			return nil, fmt.Errorf("subscribe to %s: %w", kind, err)
		}
	}
	return func() {
		if err := subscription.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) && !errors.Is(err, nats.ErrBadSubscription) {
			b.log.Warn("unsubscribe", "subject", subject, "err", err)
		}
	}, nil
}

// subject is tenantra.<installation>.t.<tenant>.<kind>.<id>. Only plain words get in, so no caller can widen it.
func (b *Bus) subject(tenant, kind, id string) (string, error) {
	if tenant != wildcard {
		if _, err := uuid.Parse(tenant); err != nil {
			return "", errors.New("bus: tenant is not a UUID")
		}
	}
	if !word(kind) || id != wildcard && !word(id) {
		return "", fmt.Errorf("bus: kind %q and id %q must be words of letters, digits, _ and -", kind, id)
	}
	return b.prefix + tenant + "." + kind + "." + id, nil
}

func word(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// open checks that the tenant in the envelope is the one in the subject.
func (b *Bus) open(raw *nats.Msg) (Message, error) {
	rest, ours := strings.CutPrefix(raw.Subject, b.prefix)
	parts := strings.Split(rest, ".")
	if !ours || len(parts) != 3 || len(raw.Data) < envelopeBytes {
		return Message{}, errors.New("malformed")
	}
	subject, err := uuid.Parse(parts[0])
	if err != nil {
		return Message{}, fmt.Errorf("tenant of the subject: %w", err)
	}
	envelope := uuid.UUID(raw.Data[:envelopeBytes])
	if envelope != subject {
		return Message{}, errors.New("subject and envelope name different tenants")
	}
	return Message{Tenant: envelope, Kind: parts[1], ID: parts[2], Body: raw.Data[envelopeBytes:]}, nil
}
