package network

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// tlsListener is one listening TCP port of this machine that speaks TLS, and the certificate that it shows.
type tlsListener struct {
	Address        string `col:"address" doc:"Address that the handshake was made with, always one of loopback."`
	Port           int32  `col:"port" opt:"index" doc:"Port that listens."`
	TLSVersion     string `col:"tls_version" doc:"Version that was agreed on: TLS 1.3."`
	CipherSuite    string `col:"cipher_suite" doc:"Suite that was agreed on."`
	CommonName     string `col:"common_name" doc:"Common name of the subject."`
	Subject        string `col:"subject" doc:"Subject of the certificate: CN=a.example,O=Example."`
	Issuer         string `col:"issuer" doc:"Issuer of the certificate."`
	AltNames       string `col:"subject_alternative_names" doc:"Names and addresses that it is for."`
	NotValidBefore int64  `col:"not_valid_before" doc:"Begin of its validity, in Unix seconds."`
	NotValidAfter  int64  `col:"not_valid_after" doc:"End of its validity, in Unix seconds."`
	HasExpired     int32  `col:"has_expired" doc:"1 where its validity is over."`
	SelfSigned     int32  `col:"self_signed" doc:"1 where subject and issuer are the same."`
	KeyAlgorithm   string `col:"key_algorithm" doc:"Algorithm of its key: RSA, ECDSA, Ed25519."`
	SignatureAlg   string `col:"signature_algorithm" doc:"Algorithm of the issuer's signature: SHA256-RSA."`
	SHA256         string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the certificate."`
}

const (
	tlsListenerTime    = 2 * time.Second // of one handshake
	tlsListenerWorkers = 16
	tlsListenersMax    = 1024
)

// TLSListeners makes a handshake with each TCP port that listens on loopback or on all addresses, and has a row for each that
// answers in TLS. It connects to loopback only; ports of printers, which would print what comes, are left alone.
var TLSListeners = tables.DefineByPlatform(tables.Spec{
	Name: "tls_listeners", Doc: "Certificates of the machine's own listening TLS ports.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Network: true,
	Examples: []string{
		"SELECT port, common_name, datetime(not_valid_after, 'unixepoch') AS ends FROM tls_listeners WHERE not_valid_after < strftime('%s', 'now', '+30 days')",
		"SELECT port, tls_version FROM tls_listeners WHERE tls_version IN ('TLS 1.0', 'TLS 1.1')",
	},
}, tables.Generators[tlsListener]{Linux: generateTLSListeners})

// loopbackPort is a port that listens, and the address of loopback that reaches it.
type loopbackPort struct {
	address string
	port    uint16
}

// isPrinter tells the ports of raw printing.
func isPrinter(port uint16) bool { return port >= 9100 && port <= 9109 || port == 515 }

// shakeHands asks each port, some at a time, and emits rows in the ports' order.
func shakeHands(ctx context.Context, host tables.Host, ports []loopbackPort, emit func(*tlsListener) error) error {
	rows := make([]*tlsListener, len(ports))
	var next sync.WaitGroup
	turns := make(chan struct{}, tlsListenerWorkers)
	for i, p := range ports {
		turns <- struct{}{}
		next.Go(func() {
			defer func() { <-turns }()
			if ctx.Err() != nil {
				return
			}
			row, err := shakeHand(ctx, p, host.Now())
			if err != nil {
				hostfile.Skipped(ctx, host, net.JoinHostPort(p.address, strconv.Itoa(int(p.port))), err)
				return
			}
			rows[i] = row
		})
	}
	next.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, row := range rows {
		if row == nil {
			continue
		}
		if err := emit(row); err != nil {
			return err
		}
	}
	return nil
}

func shakeHand(ctx context.Context, p loopbackPort, now time.Time) (*tlsListener, error) {
	dialer := net.Dialer{Timeout: tlsListenerTime}
	certificate, state, err := showCertificate(ctx, dialer.DialContext, net.JoinHostPort(p.address, strconv.Itoa(int(p.port))), tlsListenerTime)
	if err != nil {
		return nil, err
	}
	described := describeServer(certificate, now)
	row := &tlsListener{
		Address: p.address, Port: int32(p.port), TLSVersion: tls.VersionName(state.Version), CipherSuite: tls.CipherSuiteName(state.CipherSuite),
		CommonName: described.CommonName, Subject: certificate.Subject.String(), Issuer: certificate.Issuer.String(), AltNames: described.SubjectAltNames,
		NotValidBefore: certificate.NotBefore.Unix(), NotValidAfter: certificate.NotAfter.Unix(), HasExpired: described.HasExpired,
		KeyAlgorithm: certificate.PublicKeyAlgorithm.String(), SignatureAlg: described.SignatureAlg, SHA256: described.SHA256,
	}
	if slices.Equal(certificate.RawSubject, certificate.RawIssuer) {
		row.SelfSigned = 1
	}
	return row, nil
}
