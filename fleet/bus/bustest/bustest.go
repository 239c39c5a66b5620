// Package bustest runs NATS clusters for tests: nodes on loopback whose configuration is that of docs/howto/several-servers.md,
// word for word, with certificates and keys made for the test.
package bustest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/tenantra/tenantra/fleet/bus"
)

const readyTime = 30 * time.Second

// Cluster is nodes that know each other and one installation's servers.
type Cluster struct {
	URL         string // of all nodes
	Credentials bus.Credentials
	Nodes       []*server.Server

	dir string
	ca  authority
}

// Start runs so many nodes until the test ends.
func Start(t testing.TB, installation uuid.UUID, nodes int) *Cluster {
	t.Helper()
	c := &Cluster{dir: t.TempDir(), ca: newAuthority(t)}
	c.Credentials = c.Server(t, "fleet")
	seed, err := os.ReadFile(c.Credentials.Nkey)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	cert, key := c.ca.issue(t, c.dir, "node")
	clients, routes := addresses(t, nodes), addresses(t, nodes)
	var all, urls []string
	for i := range nodes {
		all, urls = append(all, `"nats://`+routes[i]+`"`), append(urls, "tls://"+clients[i])
	}
	c.URL = strings.Join(urls, ",")
	for i := range nodes {
		text := strings.NewReplacer("NODE", fmt.Sprintf("node-%d", i), `"HOST:PORT"`, `"`+clients[i]+`"`, `"HOST:ROUTE_PORT"`, `"`+routes[i]+`"`, "ROUTES", strings.Join(all, ", "),
			"PUBLIC_NKEY", public, "INSTALLATION", installation.String(),
			"/etc/nats/node.pem", cert, "/etc/nats/node.key", key, "/etc/nats/ca.pem", c.Credentials.CA).Replace(documented(t))
		file := filepath.Join(c.dir, fmt.Sprintf("node-%d.conf", i))
		write(t, file, []byte(text))
		options, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Fatalf("the documented configuration: %v", err)
		}
		options.NoSigs, options.NoLog = true, true
		node, err := server.NewServer(options)
		if err != nil {
			t.Fatal(err)
		}
		go node.Start()
		t.Cleanup(func() { node.Shutdown(); node.WaitForShutdown() })
		c.Nodes = append(c.Nodes, node)
	}
	deadline := time.Now().Add(readyTime)
	for _, node := range c.Nodes {
		if !node.ReadyForConnections(time.Until(deadline)) {
			t.Fatal("a NATS node does not get ready")
		}
		for node.NumRoutes() < nodes-1 {
			if time.Now().After(deadline) {
				t.Fatalf("a NATS node has %d routes", node.NumRoutes())
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	return c
}

// Server makes credentials with a certificate that the cluster trusts and a new nkey.
func (c *Cluster) Server(t testing.TB, name string) bus.Credentials {
	t.Helper()
	made := bus.Credentials{CA: filepath.Join(c.dir, "ca.pem"), Nkey: filepath.Join(c.dir, name+".nkey")}
	write(t, made.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.ca.cert.Raw}))
	made.Cert, made.Key = c.ca.issue(t, c.dir, name)
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	write(t, made.Nkey, seed)
	return made
}

// Foreign makes a certificate that another authority signed.
func (c *Cluster) Foreign(t testing.TB) (cert, key string) {
	t.Helper()
	other := newAuthority(t)
	return other.issue(t, c.dir, "foreign")
}

// documented is the configuration that operators are told to use.
func documented(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test does not run inside the project")
		}
		dir = filepath.Dir(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "docs", "howto", "several-servers.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```nats.conf\n")
	block, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("docs/howto/several-servers.md has no block nats.conf")
	}
	return block
}

// addresses are free ones on loopback.
func addresses(t testing.TB, n int) []string {
	t.Helper()
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // all of them stay taken until the last is found
		all = append(all, l.Addr().String())
	}
	return all
}

func write(t testing.TB, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil { // #nosec G703 -- a file of a test
		t.Fatal(err)
	}
}

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bustest"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

// issue makes a certificate for loopback, good for server and client, and gives the files of it and its key.
func (a authority) issue(t testing.TB, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	write(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	return certFile, keyFile
}
