package protocol

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Signed is a payload with a signature over exactly its bytes.
type Signed struct {
	Payload   []byte `json:"payload"`
	Signature []byte `json:"signature"`
}

// Purpose keeps a signature made for one kind of payload from serving as another.
type Purpose string

// The purposes.
const (
	PurposeHello          Purpose = "hello"
	PurposeHeartbeat      Purpose = "heartbeat"
	PurposeBatch          Purpose = "batch"
	PurposeAnswer         Purpose = "answer"
	PurposeEnroll         Purpose = "enroll"
	PurposeRequest        Purpose = "request"
	PurposeKeyCertificate Purpose = "key-certificate"
	PurposeCommand        Purpose = "command"
	PurposeKeyOffer       Purpose = "key-offer"
)

// ErrSignature tells that a signature does not hold for its payload, purpose and key.
var ErrSignature = errors.New("signature does not hold")

// SigningBytes are the bytes that a signature covers: tenantra/v1/PURPOSE, a zero byte, the payload.
func SigningBytes(purpose Purpose, payload []byte) []byte {
	b := make([]byte, 0, len("tenantra/v1/")+len(purpose)+1+len(payload))
	b = append(b, "tenantra/v1/"...)
	b = append(b, purpose...)
	b = append(b, 0)
	return append(b, payload...)
}

// Sign encodes v as JSON and signs the bytes.
func Sign(key ed25519.PrivateKey, purpose Purpose, v any) (Signed, error) {
	payload, err := json.Marshal(v)
	if err != nil {
		return Signed{}, fmt.Errorf("sign %s: %w", purpose, err)
	}
	return Signed{Payload: payload, Signature: ed25519.Sign(key, SigningBytes(purpose, payload))}, nil
}

// Open checks the signature and then reads the payload into v, refusing unknown fields.
func (s Signed) Open(key ed25519.PublicKey, purpose Purpose, v any) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, SigningBytes(purpose, s.Payload), s.Signature) {
		return fmt.Errorf("%s: %w", purpose, ErrSignature)
	}
	return s.Peek(v)
}

// Peek reads the payload without checking anything: for the name of the key that would check it.
func (s Signed) Peek(v any) error {
	if err := Decode(s.Payload, v); err != nil {
		return fmt.Errorf("signed payload: %w", err)
	}
	return nil
}

// RequestBytes is the payload that signs a REST request: method, path with query, agent, timestamp as in its header, and
// the body's hash, each with its length in front.
func RequestBytes(method, path, agentID, timestamp string, body []byte) []byte {
	sum := sha256.Sum256(body)
	return lengthPrefixed(method, path, agentID, timestamp, string(sum[:]))
}

// EnrollProof is the payload of an enrolment's proof.
func EnrollProof(secret string, publicKey []byte, timestamp string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return lengthPrefixed(string(sum[:]), string(publicKey), timestamp)
}

// KeyOfferProof is the payload that a new key signs of its own offer.
func KeyOfferProof(agentID, orderID string, publicKey []byte) []byte {
	return lengthPrefixed(agentID, orderID, string(publicKey))
}

func lengthPrefixed(parts ...string) []byte {
	var b []byte
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
