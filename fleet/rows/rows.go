// Package rows answers what is, and what was, on the endpoints: it stores the rows that agents tell and reads them back,
// now or as of a past time.
//
// A row is stored once per tenant and collection, in a dictionary; two tables say which agent has it now and which had it
// when. Open checks a batch against its signature and bounds, Store writes many agents' batches in one transaction, and
// an agent hears of the storing after its commit only. What changed waits in pending_judgements for the judges.
//
// A result is a multiset: agent_rows keeps each of its rows once with a count of copies, so that an agent which takes away
// one of two equal rows takes away one. History keeps no counts.
package rows

import (
	"crypto/ed25519"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/queries/diff"
)

// Sender is the agent that a batch came from, as its key tells.
type Sender struct {
	Tenant, Agent     int32
	TenantID, AgentID uuid.UUID
	Key               ed25519.PublicKey
}

// Batch is a batch whose signature, bounds and hashes were checked by Open.
type Batch struct {
	Sender  Sender
	Header  protocol.BatchHeader
	Signed  protocol.Signed // the header as signed, kept as evidence
	Added   []Row           // in the order of the batch
	Removed []diff.Hash     // in the order of the batch

	relayed bool   // made by Relay: nobody signed it
	columns string // the header's columns as a JSON array
	leaves  []byte // of the batch's Merkle tree, 32 bytes each
	bytes   int    // how much memory it holds, about
}

// Row is a row of a batch: its hash, and its values as a JSON array in the order of the batch's columns.
type Row struct {
	Hash  diff.Hash
	Value string
}

// Result says what became of a batch.
type Result struct {
	// Refused is why the batch was not stored, nil when it was. It will never be stored.
	Refused *protocol.Error
	// Repeated tells that the batch had been stored before.
	Repeated bool
	// Resync tells that the collection's state here and at the agent disagree: ask for the whole of it.
	Resync bool
	// Clone tells that the agent's sequence was used for other content: two endpoints share its key.
	Clone bool
}

// Stored is one collection of one agent that a commit changed.
type Stored struct {
	Tenant, Agent, Collection int32
	Name                      string // of the collection
	Added, Removed            []int64
	At                        time.Time
}
