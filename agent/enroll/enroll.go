package enroll

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/agent/state"
)

const (
	requestTime = 30 * time.Second
	responseMax = 1 << 20
)

// Request is what enrolment needs to know.
type Request struct {
	Server     string // https://host:port
	Secret     string // the enrol secret, as it was handed out
	HardwareID string
	Facts      protocol.Facts
	Replace    bool // enrol although the state directory has an identity
}

// Result is what came of an enrolment.
type Result struct {
	Identity *Identity
	Pending  bool // a person must approve the agent first
}

// Enroll makes a key, shows it to the fleet with the secret, and keeps the identity. The first contact accepts only a
// server whose chain ends in the authority that the secret names. Nothing is changed on disk where it fails.
func Enroll(ctx context.Context, dir state.Dir, r Request) (*Result, error) {
	if id, err := Load(dir); err == nil && !r.Replace {
		return nil, fmt.Errorf("this endpoint is agent %s of tenant %s at %s already: --replace enrols it anew, as another agent", id.AgentID, id.TenantID, id.Server)
	} else if err != nil && !errors.Is(err, ErrNotEnrolled) && !r.Replace {
		return nil, err
	}
	secret, err := protocol.ParseEnrollSecret(r.Secret)
	if err != nil {
		return nil, fmt.Errorf("enrol secret: %w", err)
	}
	server, err := parseServer(r.Server)
	if err != nil {
		return nil, err
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	now := time.Now().UTC()
	proof := protocol.EnrollProof(secret.String(), public, now.Format(time.RFC3339Nano))
	body, err := json.Marshal(protocol.EnrollRequest{
		Secret: secret.String(), PublicKey: public, Proof: ed25519.Sign(private, protocol.SigningBytes(protocol.PurposeEnroll, proof)),
		Timestamp: now, HardwareID: r.HardwareID, Facts: r.Facts,
	})
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	answer, err := post(ctx, firstContact(server.Hostname(), secret.CA), server.String()+"/api/v1/agent/enroll", body)
	if err != nil {
		return nil, err
	}
	id := &Identity{
		Server: server.String(), AgentID: answer.AgentID, TenantID: answer.TenantID, FleetID: answer.FleetID, Seed: private.Seed(),
		RootKey: answer.RootKey, CACert: answer.CACert, EnrolledAt: now,
	}
	if err := verify(id, answer, secret); err != nil {
		return nil, err
	}
	if err := id.save(dir); err != nil {
		return nil, err
	}
	return &Result{Identity: id, Pending: answer.State == "pending"}, nil
}

// verify checks what the fleet says of itself against the fingerprints in the secret.
func verify(id *Identity, answer *protocol.EnrollResponse, secret protocol.EnrollSecret) error {
	if sha256.Sum256(answer.CACert) != secret.CA {
		return errors.New("the server named another certificate authority than the enrol secret does: nothing was kept")
	}
	if sha256.Sum256(answer.RootKey) != secret.Root {
		return errors.New("the server named another root key than the enrol secret does: nothing was kept")
	}
	if err := id.check(); err != nil {
		return fmt.Errorf("the server's answer: %w", err)
	}
	var certificate protocol.KeyCertificate
	if err := answer.Certificate.Open(answer.RootKey, protocol.PurposeKeyCertificate, &certificate); err != nil {
		return fmt.Errorf("the server's config key is not certified by its root key: %w", err)
	}
	if certificate.TenantID != answer.TenantID || certificate.FleetID != answer.FleetID {
		return errors.New("the server's config key is that of another tenant or fleet: nothing was kept")
	}
	return nil
}

// firstContact accepts exactly the chains whose authority has the fingerprint: that authority is not known before it is
// seen, so the usual check against known roots is replaced by one against the one in the chain.
func firstContact(name string, fingerprint [sha256.Size]byte) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: name,
		//lint:allow verifiesTLS VerifyConnection checks chain, name and validity against the authority that the enrol secret pins
		InsecureSkipVerify: true, // #nosec G402 -- see above
		VerifyConnection: func(c tls.ConnectionState) error {
			options := x509.VerifyOptions{DNSName: name, Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
			found := false
			for _, cert := range c.PeerCertificates {
				if sha256.Sum256(cert.Raw) == fingerprint {
					options.Roots.AddCert(cert)
					found = true
				} else {
					options.Intermediates.AddCert(cert)
				}
			}
			if !found {
				return errors.New("the server is not the one of this enrol secret, or something between decrypts the connection: its certificate authority has another fingerprint")
			}
			_, err := c.PeerCertificates[0].Verify(options)
			return err
		},
	}
}

func post(ctx context.Context, config *tls.Config, url string, body []byte) (*protocol.EnrollResponse, error) {
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: requestTime, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the server redirects, which an agent does not follow: give its final address")
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reach the fleet: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, responseMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the fleet's answer: %w", err)
	}
	if len(text) > responseMax {
		return nil, errors.New("read the fleet's answer: too large")
	}
	if response.StatusCode/100 != 2 {
		return nil, explain(response.StatusCode, text)
	}
	var answer protocol.EnrollResponse
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("read the fleet's answer: %w", err)
	}
	return &answer, nil
}

// explain turns a refusal into what to do.
func explain(status int, body []byte) error {
	e := ReadError(status, body)
	switch e.Code {
	case protocol.CodeEnrollRefused:
		return fmt.Errorf("the fleet refused the enrol secret: it is wrong, expired, used up or revoked; ask for a new one: %w", e)
	case protocol.CodeClockSkew:
		return fmt.Errorf("this machine's clock (%s) is too far from the fleet's: set it and enrol again: %w", time.Now().UTC().Format(time.RFC3339), e)
	case protocol.CodeBusy:
		return fmt.Errorf("the fleet is busy: try again in a minute: %w", e)
	}
	return fmt.Errorf("the fleet refused: %w", e)
}

// ReadError reads the body of a failed request: a protocol.Error, or the problem+json of the fleet's API.
func ReadError(status int, body []byte) *protocol.Error {
	var problem struct {
		protocol.Error
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal(body, &problem); err == nil {
		e := problem.Error
		for _, text := range []string{problem.Detail, problem.Title} {
			if e.Message == "" {
				e.Message = text
			}
		}
		if e.Message != "" {
			if e.Code == "" {
				e.Code = fmt.Sprintf("http_%d", status)
			}
			return &e
		}
	}
	return &protocol.Error{Code: fmt.Sprintf("http_%d", status), Message: http.StatusText(status)}
}
