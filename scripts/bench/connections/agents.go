package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/protocol/frame"
	"github.com/tenantra/tenantra/queries/diff"
)

// dialAll connects all agents, has each send one batch, and keeps the connections until standard input ends.
func dialAll() error {
	input := json.NewDecoder(os.Stdin)
	var told order
	if err := input.Decode(&told); err != nil {
		return err
	}
	group := errgroup.Group{}
	group.SetLimit(16) // fewer than one address may greet at once
	connections := make([]*websocket.Conn, len(told.Agents))
	for i, id := range told.Agents {
		group.Go(func() (err error) {
			connections[i], err = connect(told, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	io.Copy(io.Discard, os.Stdin)
	for _, connection := range connections {
		connection.Close()
	}
	return nil
}

func connect(told order, id uuid.UUID) (*websocket.Conn, error) {
	// #nosec G402 -- the process talks to the one that started it
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, HandshakeTimeout: time.Minute} //lint:allow verifiesTLS the process talks to the one that started it
	connection, response, err := dialer.Dial("wss://"+told.Address+"/agent/connect", nil)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	key := ed25519.NewKeyFromSeed(told.Seed)
	var challenge protocol.Challenge
	if err := receive(connection, &challenge); err != nil {
		return nil, err
	}
	hello, err := protocol.Sign(key, protocol.PurposeHello, protocol.HelloHeader{
		Nonce: challenge.Nonce, FleetID: told.Fleet, TenantID: told.Tenant, AgentID: id.String(), Timestamp: time.Now().UTC(), InstanceID: id.String(),
	})
	if err != nil {
		return nil, err
	}
	if err := send(connection, protocol.TypeHello, protocol.Hello{Session: hello, Facts: protocol.Facts{Hostname: "bench", Platform: "linux"}}); err != nil {
		return nil, err
	}
	var welcome protocol.Welcome
	if err := receive(connection, &welcome); err != nil {
		return nil, err
	}
	batch, err := snapshot(told, id, key)
	if err != nil {
		return nil, err
	}
	return connection, send(connection, protocol.TypeBatch, batch)
}

func snapshot(told order, id uuid.UUID, key ed25519.PrivateKey) (protocol.Batch, error) {
	columns, added := []string{"id", "path"}, cells()
	hasher := diff.NewHasher(columns)
	var leaves []diff.Hash
	for _, row := range added {
		leaves = append(leaves, diff.Leaf(true, hasher.Row(row)))
	}
	root := diff.Root(leaves)
	header, err := protocol.Sign(key, protocol.PurposeBatch, protocol.BatchHeader{
		TenantID: told.Tenant, AgentID: id.String(), Collection: collection, QueryVersion: "1", Mode: protocol.ModeSnapshot, Sequence: 1,
		Timestamp: time.Now().UTC(), Columns: columns, AddedCount: len(added), Root: root[:], Execution: protocol.Execution{Rows: int64(len(added))},
	})
	return protocol.Batch{Header: header, Added: added}, err
}

func send(connection *websocket.Conn, kind protocol.Type, body any) error {
	packed, err := frame.Encode(kind, "", body)
	if err != nil {
		return err
	}
	return connection.WriteMessage(websocket.BinaryMessage, packed)
}

func receive(connection *websocket.Conn, body any) error {
	_, packed, err := connection.ReadMessage()
	if err != nil {
		return err
	}
	envelope, err := frame.Decode(packed)
	if err != nil {
		return err
	}
	if envelope.Type == protocol.TypeError {
		return fmt.Errorf("refused: %s", envelope.Body)
	}
	return protocol.Decode(envelope.Body, body)
}
