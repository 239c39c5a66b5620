package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
)

const (
	mailboxMax  = 64 // commands that wait; the oldest goes
	mailboxLife = 2 * time.Minute
)

// mailbox keeps the commands of an agent that asks for them by request, between two requests.
type mailbox struct {
	tenant   uuid.UUID
	commands []protocol.Command
	stale    bool          // the configuration changed
	fresh    bool          // what waits for the agent was not looked for
	bell     chan struct{} // holds one when there is something new
	asked    time.Time
}

func (b *mailbox) ring() {
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

// mailbox gives an agent's mailbox, making it where it is missing. Those that nobody asks for any more go.
func (g *Gateway) mailbox(identity agents.Identity, now time.Time) *mailbox {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, box := range g.mailboxes {
		if now.Sub(box.asked) > mailboxLife {
			delete(g.mailboxes, id)
		}
	}
	box := g.mailboxes[identity.ID]
	if box == nil {
		box = &mailbox{tenant: identity.TenantID, stale: true, fresh: true, bell: make(chan struct{}, 1)}
		g.mailboxes[identity.ID] = box
	}
	box.asked = now
	return box
}

// post puts a command into the agent's mailbox, if it has one here.
func (g *Gateway) post(agent, tenant uuid.UUID, command protocol.Command) {
	g.mu.Lock()
	defer g.mu.Unlock()
	box := g.mailboxes[agent]
	if box == nil || box.tenant != tenant {
		return
	}
	if len(box.commands) >= mailboxMax {
		box.commands = box.commands[1:]
	}
	box.commands = append(box.commands, command)
	box.ring()
}

// outdated has the agent's next request for commands give it the configuration.
func (g *Gateway) outdated(identity agents.Identity) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if box := g.mailboxes[identity.ID]; box != nil {
		box.stale = true
		box.ring()
	}
}

// getQueue waits for commands. The query parameter config_version names the version that the agent has.
func (g *Gateway) getQueue(ctx context.Context, identity agents.Identity, r *http.Request, _ []byte) (any, error) {
	has := int64(-1)
	if text := r.URL.Query().Get("config_version"); text != "" {
		var err error
		if has, err = strconv.ParseInt(text, 10, 64); err != nil || has < 0 {
			return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "config_version must be a number"}
		}
	}
	box := g.mailbox(identity, g.Now())
	g.Agents.Seen(identity, nil, has)
	wait := time.NewTimer(pollTime)
	defer wait.Stop()
	for {
		commands, err := g.collect(ctx, identity, box, has)
		if err != nil {
			return nil, err
		}
		done := len(commands) > 0
		if !done {
			select {
			case <-box.bell:
				continue
			case <-ctx.Done():
				done = true
			case <-wait.C:
				done = true
			}
		}
		if done {
			return g.queue(ctx, identity, commands)
		}
	}
}

// collect empties the mailbox, the configuration first where the agent has another.
func (g *Gateway) collect(ctx context.Context, identity agents.Identity, box *mailbox, has int64) ([]protocol.Command, error) {
	g.mu.Lock()
	commands, stale, fresh := box.commands, box.stale || has >= 0, box.fresh
	box.commands, box.stale, box.fresh = nil, false, false
	g.mu.Unlock()
	if fresh {
		commands = append(commands, g.arrived(ctx, identity)...)
	}
	if !stale {
		return commands, nil
	}
	config, _, err := g.configCommand(ctx, identity, has)
	if err != nil {
		return nil, err
	}
	if config != nil {
		commands = append([]protocol.Command{*config}, commands...)
	}
	return commands, nil
}

func (g *Gateway) queue(ctx context.Context, identity agents.Identity, commands []protocol.Command) (any, error) {
	last, err := g.lastSequence(context.WithoutCancel(ctx), identity)
	if err != nil {
		return nil, err
	}
	if commands == nil {
		commands = []protocol.Command{}
	}
	return protocol.QueueResponse{Commands: commands, LastSequence: last, ServerTime: g.Now().UTC()}, nil
}
