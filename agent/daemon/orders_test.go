package daemon_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

// TestOrdersThatDoNotCount is S25: what is altered, foreign, older, expired or unpinned is refused and reported, and the
// last good configuration stays.
func TestOrdersThatDoNotCount(t *testing.T) {
	t.Parallel()
	other := fakefleet.New(t, fakefleet.Options{})
	_, stranger, _ := ed25519.GenerateKey(nil)
	for name, c := range map[string]struct {
		code  string
		order func(r *rig) protocol.Command
	}{
		"body altered": {"order_altered", func(r *rig) protocol.Command {
			c := r.config(2)
			c.Body = []byte(`{"queries":null,"heartbeat_seconds":1,"allowed_class":"content"}`)
			return c
		}},
		"header altered": {"order_altered", func(r *rig) protocol.Command {
			c := r.config(2)
			c.Header.Payload = append(c.Header.Payload[:len(c.Header.Payload)-1], ' ', '}')
			return c
		}},
		"signed by nobody":          {"order_altered", func(r *rig) protocol.Command { c := r.config(2); c.Header.Signature = nil; return c }},
		"key of another fleet":      {"order_unpinned", func(*rig) protocol.Command { return other.Order(protocol.CommandConfig, 2, protocol.Config{}) }},
		"key certified by stranger": {"order_unpinned", func(r *rig) protocol.Command { return r.certifiedBy(stranger, protocol.KeyCertificate{}) }},
		"key of another tenant": {"order_foreign", func(r *rig) protocol.Command {
			return r.certifiedBy(r.Root, protocol.KeyCertificate{FleetID: r.FleetID, TenantID: "other"})
		}},
		"key of another installation": {"order_foreign", func(r *rig) protocol.Command {
			return r.certifiedBy(r.Root, protocol.KeyCertificate{FleetID: "other", TenantID: r.TenantID})
		}},
		"key too old": {"order_expired", func(r *rig) protocol.Command {
			return r.certifiedBy(r.Root, protocol.KeyCertificate{FleetID: r.FleetID, TenantID: r.TenantID, NotAfter: time.Now().Add(-time.Hour)})
		}},
		"for another agent": {"order_foreign", func(r *rig) protocol.Command {
			return r.config(2, func(h *protocol.CommandHeader) { h.AgentID = "other" })
		}},
		"for another tenant": {"order_foreign", func(r *rig) protocol.Command {
			return r.config(2, func(h *protocol.CommandHeader) { h.TenantID = "other" })
		}},
		"expired": {"order_expired", func(r *rig) protocol.Command {
			return r.config(2, func(h *protocol.CommandHeader) { h.ExpiresAt = time.Now().Add(-time.Second) })
		}},
		"expiry stretched": {"order_expired", func(r *rig) protocol.Command {
			return r.Order(protocol.CommandQuery, 0, protocol.LiveQuery{QueryID: "old", SQL: "SELECT 1"}, func(h *protocol.CommandHeader) {
				h.IssuedAt, h.ExpiresAt = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
			})
		}},
		"from the future": {"order_expired", func(r *rig) protocol.Command {
			return r.config(2, func(h *protocol.CommandHeader) { h.IssuedAt = time.Now().Add(24 * time.Hour) })
		}},
		"older":        {"order_older", func(r *rig) protocol.Command { return r.config(0) }},
		"unknown kind": {"order_invalid", func(r *rig) protocol.Command { return r.Order("reboot", 2, struct{}{}) }},
		"unknown field": {"order_invalid", func(r *rig) protocol.Command {
			return r.Order(protocol.CommandConfig, 2, map[string]any{"fix_mode": "server"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.start(t)
			r.connected(t, 1)
			r.configure(t, 1)
			r.Send(c.order(r))
			r.Wait(t, "the refusal with code "+c.code, func() bool { return r.Logged(c.code) })
			info, err := state.ReadSelf(r.dir, "test").Info(t.Context())
			if err != nil || info.ConfigVersion != 1 {
				t.Errorf("configuration %d is in force (%v)", info.ConfigVersion, err)
			}
		})
	}
}

func (r *rig) config(version int64, change ...func(*protocol.CommandHeader)) protocol.Command {
	return r.Order(protocol.CommandConfig, version, protocol.Config{}, change...)
}

// certifiedBy makes a configuration whose key somebody else certifies.
func (r *rig) certifiedBy(key ed25519.PrivateKey, c protocol.KeyCertificate) protocol.Command {
	order := r.config(2)
	c.PublicKey = r.ConfigKey.Public().(ed25519.PublicKey)
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(time.Hour)
	}
	signed, err := protocol.Sign(key, protocol.PurposeKeyCertificate, c)
	if err != nil {
		panic(err)
	}
	order.Certificate = signed
	return order
}

func TestConfigurationSurvivesARestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start(t)
	r.connected(t, 1)
	r.configure(t, 7)
	r.stop()
	r.start(t)
	r.connected(t, 2)
	r.Send(r.config(6))
	r.Wait(t, "the older one to be refused", func() bool { return r.Logged("order_older") })
}
