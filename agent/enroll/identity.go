// Package enroll makes an endpoint an agent of a fleet: the first contact, which an enrol secret makes safe, and the
// identity that comes of it.
package enroll

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

const identityFile = "identity.json"

// Identity is who an endpoint is to its fleet, and which fleet it trusts. The file holds the private key and is readable
// by the agent's account only.
type Identity struct {
	Server     string    `json:"server"` // https://host:port
	AgentID    string    `json:"agent_id"`
	TenantID   string    `json:"tenant_id"`
	FleetID    string    `json:"fleet_id"`
	Seed       []byte    `json:"private_key_seed"` // Ed25519, RFC 8032
	RootKey    []byte    `json:"root_key"`         // pinned: certifies the keys whose orders count
	CACert     []byte    `json:"ca_certificate"`   // pinned, DER: the only authority of the fleet's TLS certificate
	EnrolledAt time.Time `json:"enrolled_at"`
	// Next is the key that is to take the place of Seed; nil but while the two change places.
	Next *NextKey `json:"next_key,omitempty"`
}

// ErrNotEnrolled tells that the state directory holds no identity.
var ErrNotEnrolled = errors.New("this endpoint is not enrolled: run tenantra-agent enroll")

// Load reads the identity of a state directory.
func Load(dir state.Dir) (*Identity, error) {
	text, err := dir.ReadFile(identityFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotEnrolled
	}
	if err != nil {
		return nil, err
	}
	var id Identity
	if err := json.Unmarshal(text, &id); err != nil {
		return nil, fmt.Errorf("identity: %w: enrol again with --replace", err)
	}
	if err := id.check(); err != nil {
		return nil, fmt.Errorf("identity: %w: enrol again with --replace", err)
	}
	return &id, nil
}

func (id *Identity) check() error {
	switch {
	case len(id.Seed) != ed25519.SeedSize:
		return errors.New("the private key is spoilt")
	case id.Next != nil && len(id.Next.Seed) != ed25519.SeedSize:
		return errors.New("the next private key is spoilt")
	case len(id.RootKey) != ed25519.PublicKeySize:
		return errors.New("the root key is spoilt")
	case id.AgentID == "" || id.TenantID == "" || id.FleetID == "":
		return errors.New("names are missing")
	}
	if _, err := parseServer(id.Server); err != nil {
		return err
	}
	_, err := x509.ParseCertificate(id.CACert)
	return err
}

func (id *Identity) save(dir state.Dir) error {
	text, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	return dir.WriteFile(identityFile, text)
}

// Move gives the identity other names, in the state directory too. Key, fleet and what is pinned stay.
func (id *Identity) Move(dir state.Dir, tenantID, agentID string) error {
	moved := *id
	moved.TenantID, moved.AgentID = tenantID, agentID
	if err := moved.check(); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	return moved.save(dir)
}

// Key is the agent's private key.
func (id *Identity) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(id.Seed) }

// TLS is the configuration of every connection to the fleet: TLS 1.3, the pinned authority and no other, the name checked.
func (id *Identity) TLS() (*tls.Config, error) {
	ca, err := x509.ParseCertificate(id.CACert)
	if err != nil {
		return nil, fmt.Errorf("pinned certificate authority: %w", err)
	}
	server, err := parseServer(id.Server)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	return &tls.Config{RootCAs: roots, ServerName: server.Hostname(), MinVersion: tls.VersionTLS13}, nil
}

// SignRequest gives the headers that sign a REST request.
func (id *Identity) SignRequest(method, path string, body []byte, at time.Time) map[string]string {
	timestamp := at.UTC().Format(time.RFC3339Nano)
	payload := protocol.RequestBytes(method, path, id.AgentID, timestamp, body)
	signature := ed25519.Sign(id.Key(), protocol.SigningBytes(protocol.PurposeRequest, payload))
	return map[string]string{
		protocol.HeaderAgent:     id.AgentID,
		protocol.HeaderTimestamp: timestamp,
		protocol.HeaderSignature: base64.RawURLEncoding.EncodeToString(signature),
	}
}

// parseServer takes https://host[:port] and nothing more.
func parseServer(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	if u.Scheme != "https" || u.Hostname() == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("server address %q: give https://host:port and nothing more", text)
	}
	u.Path = ""
	return u, nil
}
