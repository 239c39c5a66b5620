package protocol

import "time"

// EnrollRequest is the body of POST /agent/enroll. Proof is a signature of the agent's key under PurposeEnroll over
// EnrollProof, so that nobody enrols a key that is not theirs.
type EnrollRequest struct {
	Secret     string    `json:"secret"`     // the enrol secret, tne_…
	PublicKey  []byte    `json:"public_key"` // Ed25519
	Proof      []byte    `json:"proof"`
	Timestamp  time.Time `json:"timestamp"`
	HardwareID string    `json:"hardware_id"`
	Facts      Facts     `json:"facts"`
}

// EnrollResponse makes the endpoint an agent.
type EnrollResponse struct {
	AgentID     string    `json:"agent_id"`
	TenantID    string    `json:"tenant_id"`
	FleetID     string    `json:"fleet_id"`
	RootKey     []byte    `json:"root_key"`       // Ed25519; its fingerprint is in the secret
	CACert      []byte    `json:"ca_certificate"` // DER; its fingerprint is in the secret
	State       string    `json:"state"`          // active, pending
	ServerTime  time.Time `json:"server_time"`
	Certificate Signed    `json:"config_key_certificate"`
}

// KeyOffer is the body of POST /agent/key, a request that the agent's present key signs. Proof is a signature of the new key
// under PurposeKeyOffer over KeyOfferProof, so that nobody offers a key that is not theirs. Both keys count until the first
// message under the new one; then that one alone does.
type KeyOffer struct {
	OrderID   string `json:"order_id"`
	PublicKey []byte `json:"public_key"` // Ed25519
	Proof     []byte `json:"proof"`
}

// QueueResponse is the body of GET /scan/queue: the commands that wait for the agent.
type QueueResponse struct {
	Commands     []Command `json:"commands"`
	LastSequence int64     `json:"last_sequence"`
	ServerTime   time.Time `json:"server_time"`
}

// ResultRequest is the body of POST /scan/result.
type ResultRequest struct {
	Batches []Batch  `json:"batches,omitempty"`
	Answers []Answer `json:"answers,omitempty"`
	Logs    []Log    `json:"logs,omitempty"`
}

// ResultResponse acknowledges a ResultRequest after its commit.
type ResultResponse struct {
	Acks []Ack `json:"acks"`
}

// The headers that sign a REST request of an agent: its id, the time, and the base64url signature under PurposeRequest
// over RequestBytes.
const (
	HeaderAgent     = "Tenantra-Agent"
	HeaderTimestamp = "Tenantra-Timestamp" // RFC 3339 with nanoseconds
	HeaderSignature = "Tenantra-Signature"
)
