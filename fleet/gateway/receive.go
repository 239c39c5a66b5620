package gateway

import (
	"context"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/rows"
	"github.com/tenantra/tenantra/queries/diff"
	"github.com/tenantra/tenantra/tables"
)

// What a message brings is the same over a connection and by a request; this file is both.

func checkIdentity(identity agents.Identity, tenant, agent string) *protocol.Error {
	if tenant != identity.TenantID.String() || agent != identity.ID.String() {
		return &protocol.Error{Code: protocol.CodeForeignIdentity, Message: "the message names another agent or tenant than the key that signed it"}
	}
	return nil
}

func checkClock(at, now time.Time) *protocol.Error {
	if now.Sub(at).Abs() > protocol.ClockSkewMax {
		return &protocol.Error{Code: protocol.CodeClockSkew, Message: "the endpoint's clock is wrong: set it", ServerTime: now.UTC()}
	}
	return nil
}

func signatureError(err error) *protocol.Error {
	return &protocol.Error{Code: protocol.CodeSignature, Message: err.Error()}
}

func invalid(err error) *protocol.Error {
	return &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
}

// heartbeat takes a heartbeat and gives its header.
func (g *Gateway) heartbeat(identity agents.Identity, body []byte) (*protocol.HeartbeatHeader, *protocol.Error) {
	var message protocol.Heartbeat
	if err := protocol.Decode(body, &message); err != nil {
		return nil, invalid(err)
	}
	var header protocol.HeartbeatHeader
	if err := message.Header.Open(identity.PublicKey, protocol.PurposeHeartbeat, &header); err != nil {
		return nil, signatureError(err)
	}
	if refused := checkIdentity(identity, header.TenantID, header.AgentID); refused != nil {
		return nil, refused
	}
	if refused := checkClock(header.Timestamp, g.Now()); refused != nil {
		return nil, refused
	}
	for _, number := range []*int64{&header.ConfigVersion, &header.UptimeSeconds, &header.RSSBytes, &header.CPUMillis, &header.SpoolBatches, &header.SpoolBytes, &header.SpoolDropped} {
		if *number < 0 {
			return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: "a number of the heartbeat is negative"}
		}
	}
	g.Agents.Seen(identity, &header, header.ConfigVersion)
	return &header, nil
}

// ending is what became of a batch.
type ending struct {
	ack        *protocol.Ack // nil when the batch has to be sent again
	result     rows.Result
	collection string // of a batch that could be opened
}

// batch takes a batch; done gets its end. An error is one for which there is no sequence to acknowledge.
func (g *Gateway) batch(ctx context.Context, identity agents.Identity, b budget, session *rows.Session, body []byte, done func(ending)) *protocol.Error {
	batch, sequence, refused, err := g.open(ctx, identity, body)
	if err != nil {
		return g.refusal(ctx, err)
	}
	if refused != nil {
		g.Log.WarnContext(ctx, "a batch was refused", "tenant_id", identity.TenantID, "agent_id", identity.ID, "sequence", sequence, "code", refused.Code, "reason", refused.Message)
		if sequence == 0 {
			return refused
		}
		done(ending{ack: &protocol.Ack{Sequence: sequence, Refused: refused}, result: rows.Result{Refused: refused}})
		return nil
	}
	changes := len(batch.Added) + len(batch.Removed)
	if busy := g.spend(ctx, b.rows, changes); busy != nil {
		return busy
	}
	if busy := g.spend(ctx, g.tenants.of(identity.Tenant), changes); busy != nil {
		return busy
	}
	header, size := batch.Header, len(body) // the batch itself is let go when it is stored
	err = g.Rows.Submit(ctx, session, batch, func(result rows.Result, err error) {
		if err != nil {
			done(ending{})
			return
		}
		if result.Refused != nil {
			g.Log.WarnContext(ctx, "a batch was refused", "tenant_id", identity.TenantID, "agent_id", identity.ID, "sequence", sequence, "code", result.Refused.Code, "reason", result.Refused.Message)
		}
		if result.Refused == nil && g.Stored != nil {
			g.Stored(identity, header)
		}
		if result.Refused == nil && !result.Repeated && g.Counted != nil {
			g.Counted(identity.Tenant, changes, size)
		}
		done(ending{&protocol.Ack{Sequence: sequence, Refused: result.Refused}, result, header.Collection})
	})
	if err != nil {
		g.Log.WarnContext(ctx, "a batch has to be sent again", "agent_id", identity.ID, "sequence", sequence, "err", err)
		return &protocol.Error{Code: protocol.CodeBusy, Message: "the fleet has much to write: send again later", RetryMillis: 2000}
	}
	return nil
}

// open checks a batch on the tenant's share of the processors.
func (g *Gateway) open(ctx context.Context, identity agents.Identity, body []byte) (*rows.Batch, int64, *protocol.Error, error) {
	release, err := g.work.acquire(ctx, identity.Tenant, 1)
	if err != nil {
		return nil, 0, nil, err
	}
	defer release()
	batch, sequence, refused := rows.Open(senderOf(identity), body, g.Now())
	return batch, sequence, refused, nil
}

// answer takes a part of the answer to a live query and returns after its commit.
func (g *Gateway) answer(ctx context.Context, identity agents.Identity, body []byte) *protocol.Error {
	var message protocol.Answer
	if err := protocol.Decode(body, &message); err != nil {
		return invalid(err)
	}
	var header protocol.AnswerHeader
	if err := message.Header.Open(identity.PublicKey, protocol.PurposeAnswer, &header); err != nil {
		return signatureError(err)
	}
	if refused := checkIdentity(identity, header.TenantID, header.AgentID); refused != nil {
		return refused
	}
	if refused := checkClock(header.Timestamp, g.Now()); refused != nil {
		return refused
	}
	if refused := checkRows(&header, message.Rows); refused != nil {
		return refused
	}
	if err := g.Answers.TakeAnswer(ctx, identity, header, message.Rows); err != nil {
		return g.refusal(ctx, err)
	}
	return nil
}

func checkRows(h *protocol.AnswerHeader, answered [][]tables.Value) *protocol.Error {
	if len(h.Columns) > protocol.ColumnsMax {
		return &protocol.Error{Code: protocol.CodeTooLarge, Message: "the answer has more columns than can be stored"}
	}
	if len(answered) != h.RowCount {
		return &protocol.Error{Code: protocol.CodeInvalid, Message: "the answer holds another number of rows than its header says"}
	}
	hasher := diff.NewHasher(h.Columns)
	leaves := make([]diff.Hash, len(answered))
	for i, row := range answered {
		if len(row) != len(h.Columns) {
			return &protocol.Error{Code: protocol.CodeInvalid, Message: "a row of the answer has another number of cells than there are columns"}
		}
		for _, cell := range row {
			if len(cell.Text) > protocol.CellMax {
				return &protocol.Error{Code: protocol.CodeTooLarge, Message: "a cell of the answer is too large"}
			}
		}
		diff.Storable(row)
		leaves[i] = diff.Leaf(true, hasher.Row(row))
	}
	if root := diff.Root(leaves); string(root[:]) != string(h.Root) {
		return &protocol.Error{Code: protocol.CodeInvalid, Message: "the rows of the answer do not match the signed root"}
	}
	return nil
}

// line takes a line for the fleet's operators.
func (g *Gateway) line(ctx context.Context, identity agents.Identity, body []byte) *protocol.Error {
	var message protocol.Log
	if err := protocol.Decode(body, &message); err != nil {
		return invalid(err)
	}
	g.Agents.Noted(ctx, identity, message)
	return nil
}
