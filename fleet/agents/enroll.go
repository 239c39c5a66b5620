package agents

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
)

// errRefused is the one answer to every secret that does not enrol: wrong, expired, used up, deleted.
var errRefused = &protocol.Error{Code: protocol.CodeEnrollRefused, Message: "the enrol secret does not hold: ask an administrator for a new one"}

var (
	errFromAddress = &protocol.Error{Code: protocol.CodeBusy, Message: "too many enrolments from this address: wait a minute", RetryMillis: 60_000}
	errWithSecret  = &protocol.Error{Code: protocol.CodeBusy, Message: "too many enrolments with this secret at once: wait a second", RetryMillis: 1000}
	errAtOnce      = &protocol.Error{Code: protocol.CodeBusy, Message: "too many enrolments at once: wait a few seconds", RetryMillis: 5000}
)

// Enroll makes an endpoint an agent, always a new one. What the endpoint can do something about is a *protocol.Error.
func (s *Service) Enroll(ctx context.Context, address string, request protocol.EnrollRequest) (*protocol.EnrollResponse, error) {
	if !s.byAddress.allow(address) {
		return nil, errFromAddress
	}
	// What is wrong beside the secret is told first: the answer then says nothing about the secret.
	if refused := checkRequest(request, s.Now()); refused != nil {
		return nil, refused
	}
	facts, err := cleanFacts(request.Facts)
	if err != nil {
		return nil, &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
	}
	known, err := s.findSecret(ctx, address, request.Secret)
	if err != nil {
		return nil, err
	}
	certificate, err := s.Authority.ConfigCertificate(ctx, known.tenantID)
	if err != nil {
		return nil, fmt.Errorf("certify config key: %w", err)
	}
	a := &applicant{address: address, secret: known, key: request.PublicKey, facts: facts, hardwareID: cleanLine(request.HardwareID, hardwareMax)}
	identity, err := s.letIn(ctx, a)
	if err != nil {
		return nil, err
	}
	return &protocol.EnrollResponse{
		AgentID: identity.ID.String(), TenantID: known.tenantID.String(), FleetID: s.DB.Installation().String(), RootKey: s.Authority.RootKey(),
		CACert: s.Authority.CA(), State: string(identity.State), ServerTime: s.Now().UTC(), Certificate: certificate,
	}, nil
}

// EnrollUnread refuses an enrolment that is longer than any with a secret that holds, as every other is refused.
func (s *Service) EnrollUnread(ctx context.Context, address string) error {
	if !s.byAddress.allow(address) {
		return errFromAddress
	}
	_, err := s.findSecret(ctx, address, "")
	return err
}

// Foreign is an endpoint whose agent speaks another protocol than ours.
type Foreign struct {
	Secret     string
	Facts      protocol.Facts
	HardwareID string // the same for two agents on what seems to be one machine
	// Enrolled adds what is to be stored with the agent, in the transaction that makes it; agent is its id inside the database.
	Enrolled func(pipe *pgx.Batch, at time.Time, tenant, agent int32)
}

// Admit makes the endpoint an agent, always a new one, as Enroll does for our own: the same secrets, limits and refusals. The
// agent's public key is one whose private half nobody has, so that nothing signed is ever taken for the agent's.
func (s *Service) Admit(ctx context.Context, address string, f Foreign) (Identity, error) {
	if !s.byAddress.allow(address) {
		return Identity{}, errFromAddress
	}
	facts, err := cleanFacts(f.Facts)
	if err != nil {
		return Identity{}, &protocol.Error{Code: protocol.CodeInvalid, Message: err.Error()}
	}
	known, err := s.findSecret(ctx, address, f.Secret)
	if err != nil {
		return Identity{}, err
	}
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		return Identity{}, fmt.Errorf("make key: %w", err)
	}
	return s.letIn(ctx, &applicant{address: address, secret: known, key: public, facts: facts, hardwareID: cleanLine(f.HardwareID, hardwareMax), also: f.Enrolled})
}

// letIn waits until the applicant is an agent or refused.
func (s *Service) letIn(ctx context.Context, a *applicant) (Identity, error) {
	if !s.bySecret.allow(a.secret.id) {
		return Identity{}, errWithSecret
	}
	var err error
	if a.id, err = uuid.NewV7(); err != nil {
		return Identity{}, fmt.Errorf("make id: %w", err)
	}
	a.gone, a.done = ctx.Done(), make(chan struct{})
	if !s.admissions.put(a.secret.tenant, a) {
		return Identity{}, errAtOnce
	}
	select {
	case <-a.done:
		return a.identity, a.err
	case <-ctx.Done():
		return Identity{}, ctx.Err()
	}
}

// lookup is a secret that is looked for. It is a group's until done is closed.
type lookup struct {
	hash  [sha256.Size]byte
	found knownSecret
	err   error
	done  chan struct{}
}

// findSecret gives the secret of a token, or errRefused. Text that is no token is looked up as well: how long the answer
// takes must not tell how near a guess is.
func (s *Service) findSecret(ctx context.Context, address, text string) (knownSecret, error) {
	token, unreadable := protocol.ParseEnrollSecret(text)
	l := &lookup{hash: sha256.Sum256(token.Secret[:]), done: make(chan struct{})}
	if !s.lookups.put(address, l) {
		return knownSecret{}, errAtOnce
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return knownSecret{}, ctx.Err()
	}
	if l.err == nil && unreadable != nil { // what it was looked up by is nobody's choice
		return knownSecret{}, errRefused
	}
	return l.found, l.err
}

// lookUp looks for the secrets of a group.
func (s *Service) lookUp(group []*lookup) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTime)
	defer cancel()
	hashes := make([][]byte, len(group))
	for i, l := range group {
		hashes[i] = l.hash[:]
	}
	var found map[[sha256.Size]byte]knownSecret
	err := s.DB.Lookup(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		found, err = lookupSecrets(ctx, tx, hashes)
		return err
	})
	for _, l := range group {
		var ok bool
		if l.found, ok = found[l.hash]; err != nil {
			l.err = err
		} else if !ok {
			l.err = errRefused
		}
		close(l.done)
	}
}

func checkRequest(r protocol.EnrollRequest, now time.Time) *protocol.Error {
	if skew := now.Sub(r.Timestamp).Abs(); skew > protocol.ClockSkewMax {
		return &protocol.Error{Code: protocol.CodeClockSkew, Message: "the endpoint's clock is wrong: set it and enrol again", ServerTime: now.UTC()}
	}
	proof := protocol.EnrollProof(r.Secret, r.PublicKey, r.Timestamp.Format(time.RFC3339Nano))
	if len(r.PublicKey) != ed25519.PublicKeySize || !ed25519.Verify(r.PublicKey, protocol.SigningBytes(protocol.PurposeEnroll, proof), r.Proof) {
		return &protocol.Error{Code: protocol.CodeSignature, Message: "the proof is not signed by the public key"}
	}
	return nil
}
