package link

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/protocol"
)

// Trust says which orders count: those for this agent, signed by a key that the pinned root key certifies for its tenant.
type Trust struct {
	FleetID, TenantID, AgentID string
	Root                       ed25519.PublicKey
}

// TrustOf gives the trust of an identity.
func TrustOf(id *enroll.Identity) Trust {
	return Trust{FleetID: id.FleetID, TenantID: id.TenantID, AgentID: id.AgentID, Root: id.RootKey}
}

// Order is a command whose signatures hold; one of the bodies is set.
type Order struct {
	Header protocol.CommandHeader
	Config *protocol.Config
	Query  *protocol.LiveQuery
	Cancel *protocol.Cancel
	Resync *protocol.Resync
	Scan   *protocol.Scan
	Move   *protocol.Move
	Rekey  *protocol.Rekey
}

// Untrusted is why an order does not count. The codes are stable.
type Untrusted struct {
	Code   string // order_unpinned, order_altered, order_expired, order_foreign, order_older, order_invalid
	Reason string
}

func (u *Untrusted) Error() string { return u.Reason + " (" + u.Code + ")" }

func untrusted(code, format string, args ...any) error {
	return &Untrusted{code, fmt.Sprintf(format, args...)}
}

// Open checks an order from the root key down and reads its body. Its error is an *Untrusted.
func (t Trust) Open(c protocol.Command, now time.Time) (*Order, error) {
	order, expiry, err := t.open(c, now)
	if err != nil {
		return nil, err
	}
	if now.After(expiry) {
		return nil, untrusted("order_expired", "the order expired at %s: this endpoint's clock says %s", expiry.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return order, nil
}

// Reopen reads an order that was accepted before. It goes on to hold after its expiry, until another takes its place.
func (t Trust) Reopen(c protocol.Command) (*Order, error) {
	var h protocol.CommandHeader
	if err := c.Header.Peek(&h); err != nil {
		return nil, untrusted("order_invalid", "%v", err)
	}
	order, _, err := t.open(c, h.IssuedAt)
	return order, err
}

func (t Trust) open(c protocol.Command, now time.Time) (*Order, time.Time, error) {
	var key protocol.KeyCertificate
	if err := c.Certificate.Open(t.Root, protocol.PurposeKeyCertificate, &key); err != nil {
		return nil, time.Time{}, untrusted("order_unpinned", "the order's key is not certified by the pinned root key: %v", err)
	}
	if key.FleetID != t.FleetID || key.TenantID != t.TenantID {
		return nil, time.Time{}, untrusted("order_foreign", "the order's key is of tenant %.64q of fleet %.64q", key.TenantID, key.FleetID)
	}
	if now.Add(protocol.ClockSkewMax).Before(key.NotBefore) || now.Add(-protocol.ClockSkewMax).After(key.NotAfter) {
		return nil, time.Time{}, untrusted("order_expired", "the order's key holds from %s to %s", key.NotBefore.Format(time.RFC3339), key.NotAfter.Format(time.RFC3339))
	}
	var h protocol.CommandHeader
	if err := c.Header.Open(key.PublicKey, protocol.PurposeCommand, &h); err != nil {
		return nil, time.Time{}, untrusted("order_altered", "%v", err)
	}
	if sum := sha256.Sum256(c.Body); subtle.ConstantTimeCompare(sum[:], h.BodySHA256) != 1 {
		return nil, time.Time{}, untrusted("order_altered", "the order's body is not the one that was signed")
	}
	if h.TenantID != t.TenantID || h.AgentID != "" && h.AgentID != t.AgentID {
		return nil, time.Time{}, untrusted("order_foreign", "the order is for agent %.64q of tenant %.64q", h.AgentID, h.TenantID)
	}
	if h.IssuedAt.After(now.Add(protocol.ClockSkewMax)) {
		return nil, time.Time{}, untrusted("order_expired", "the order is from the future: issued at %s", h.IssuedAt.Format(time.RFC3339))
	}
	order := &Order{Header: h}
	body, life := order.body()
	if body == nil {
		return nil, time.Time{}, untrusted("order_invalid", "orders of kind %.64q are not known to this version of the agent", h.Kind)
	}
	if err := protocol.Decode(c.Body, body); err != nil {
		return nil, time.Time{}, untrusted("order_invalid", "%v", err)
	}
	// An order never holds longer than its kind may, whatever its header says.
	expiry := h.ExpiresAt
	if latest := h.IssuedAt.Add(life); expiry.IsZero() || expiry.After(latest) {
		expiry = latest
	}
	order.Header.ExpiresAt = expiry
	return order, expiry, nil
}

func (o *Order) body() (body any, life time.Duration) {
	switch o.Header.Kind {
	case protocol.CommandConfig:
		o.Config = &protocol.Config{}
		return o.Config, protocol.ConfigLife
	case protocol.CommandQuery:
		o.Query = &protocol.LiveQuery{}
		return o.Query, protocol.QueryLife
	case protocol.CommandCancel:
		o.Cancel = &protocol.Cancel{}
		return o.Cancel, protocol.QueryLife
	case protocol.CommandResync:
		o.Resync = &protocol.Resync{}
		return o.Resync, protocol.QueryLife
	case protocol.CommandScan:
		o.Scan = &protocol.Scan{}
		return o.Scan, protocol.QueryLife
	case protocol.CommandMove:
		if o.Header.AgentID == "" {
			return nil, 0 // an identity is one agent's
		}
		o.Move = &protocol.Move{}
		return o.Move, protocol.QueryLife
	case protocol.CommandRekey:
		if o.Header.AgentID == "" {
			return nil, 0 // so is a key
		}
		o.Rekey = &protocol.Rekey{}
		return o.Rekey, protocol.QueryLife
	}
	return nil, 0
}
