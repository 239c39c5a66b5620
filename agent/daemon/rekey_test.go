package daemon_test

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/enroll"
	"github.com/tenantra/tenantra/agent/internal/fakefleet"
	"github.com/tenantra/tenantra/agent/protocol"
)

const keyOrder = "0198c000-0000-7000-8000-0000000000c1"

func publicOf(t *testing.T, r *rig) ed25519.PublicKey {
	t.Helper()
	id, err := enroll.Load(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	return id.Key().Public().(ed25519.PublicKey)
}

func TestAKeyIsReplacedWhenTheFleetOrdersIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := publicOf(t, r)
	r.things.set(thing{Name: "a"})
	r.start(t)
	r.connected(t, 1)
	// What is spooled under the old key is told under the new one, once.
	r.Behave(fakefleet.Behaviour{Busy: func(protocol.BatchHeader) bool { return true }})
	r.configure(t, 1, protocol.ConfigQuery{Collection: "pack:p/things", SQL: "SELECT name FROM things", IntervalSeconds: 3600, Mode: protocol.ModeDifferential})
	r.Send(r.Order(protocol.CommandRekey, 0, protocol.Rekey{OrderID: keyOrder}))
	r.Wait(t, "the first message under the new key", func() bool { return !r.AgentKey().Equal(before) })
	r.Behave(fakefleet.Behaviour{})
	r.Wait(t, "the batch of before", func() bool { return len(r.Batches()) > 0 })
	if now := publicOf(t, r); now.Equal(before) || !now.Equal(r.AgentKey()) {
		t.Error("the state directory holds another key than the fleet")
	}
	text, err := os.ReadFile(filepath.Join(r.dir.Path(), "identity.json"))
	if err != nil || strings.Contains(string(text), "next_key") {
		t.Errorf("the identity still names a next key (%v)", err)
	}
	if batches := r.Batches(); len(batches) != 1 {
		t.Errorf("%d batches came", len(batches))
	}
}

func TestAKillWhileKeysChangeLeavesOneThatWorks(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(r *rig, dead chan struct{}) fakefleet.Behaviour{
		// The fleet never hears of the key that is in the file already.
		"before the offer": func(_ *rig, dead chan struct{}) fakefleet.Behaviour {
			return fakefleet.Behaviour{Key: func(protocol.KeyOffer) *protocol.Error {
				select {
				case <-dead:
					return nil
				default:
					return &protocol.Error{Code: protocol.CodeBusy, Message: "later"}
				}
			}}
		},
		// The fleet has it, and the agent does not hear that.
		"before the answer": func(_ *rig, dead chan struct{}) fakefleet.Behaviour {
			return fakefleet.Behaviour{KeyTaken: func() { <-dead }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			before := publicOf(t, r)
			dead := make(chan struct{})
			r.Behave(kill(r, dead))
			r.start(t)
			r.connected(t, 1)
			r.Send(r.Order(protocol.CommandRekey, 0, protocol.Rekey{OrderID: keyOrder}))
			r.Wait(t, "the next key in the state directory", func() bool {
				id, err := enroll.Load(r.dir)
				return err == nil && id.Next != nil
			})
			r.stop()
			close(dead)
			if !publicOf(t, r).Equal(before) {
				t.Error("the old key was given up before the fleet had taken the new one")
			}
			r.start(t)
			r.Wait(t, "the new key after the restart", func() bool { return !r.AgentKey().Equal(before) })
		})
	}
}

func TestAKeyThatTheFleetDoesNotWantIsDropped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	before := publicOf(t, r)
	r.Behave(fakefleet.Behaviour{Key: func(protocol.KeyOffer) *protocol.Error {
		return &protocol.Error{Code: protocol.CodeUnknownOrder, Message: "nobody asked"}
	}})
	r.start(t)
	r.connected(t, 1)
	r.Send(r.Order(protocol.CommandRekey, 0, protocol.Rekey{OrderID: keyOrder}))
	r.Wait(t, "the report", func() bool { return r.Logged("key_not_changed") })
	id, err := enroll.Load(r.dir)
	if err != nil || id.Next != nil || !publicOf(t, r).Equal(before) {
		t.Errorf("the old key does not stand alone: %v", err)
	}
	for _, order := range []protocol.Command{
		r.Order(protocol.CommandRekey, 0, protocol.Rekey{OrderID: "now"}),
		r.Order(protocol.CommandRekey, 0, protocol.Rekey{OrderID: keyOrder}, func(h *protocol.CommandHeader) { h.AgentID = "" }),
	} {
		r.Send(order)
	}
	r.Wait(t, "the refusal", func() bool { return r.Logged("order_invalid") })
}
