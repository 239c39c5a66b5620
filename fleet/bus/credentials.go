package bus

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"runtime"
	"strings"

	"github.com/nats-io/nats.go"
)

// Credentials are what a server and a cluster prove themselves to each other by: certificates both ways, and an nkey that has
// the subjects of this installation and no others. They are paths of files.
type Credentials struct {
	CA        string // PEM: who signed the cluster's certificates
	Cert, Key string // PEM: this server's
	Nkey      string // seed, SU…; for its owner alone
}

// ErrOpenCluster tells that a cluster on another machine was to be used without credentials.
var ErrOpenCluster = errors.New("a bus on another machine needs certificates and an nkey, or anybody on the network is a server of the fleet: " +
	"give --nats-ca, --nats-cert, --nats-key and --nats-nkey")

func (c Credentials) none() bool { return c == Credentials{} }

// options are what NATS is told. Without credentials only a cluster on this machine is used.
func (c Credentials) options(addresses string) ([]nats.Option, error) {
	if err := checkAddresses(addresses, c.none()); err != nil {
		return nil, err
	}
	if c.none() {
		return nil, nil
	}
	if c.CA == "" || c.Cert == "" || c.Key == "" || c.Nkey == "" {
		return nil, errors.New("the bus' credentials are four files: CA, certificate, key and nkey; some are missing")
	}
	for _, secret := range []string{c.Key, c.Nkey} {
		if err := private(secret); err != nil {
			return nil, err
		}
	}
	nkey, err := nats.NkeyOptionFromSeed(c.Nkey)
	if err != nil {
		return nil, fmt.Errorf("read the bus' nkey %s: %w", c.Nkey, err)
	}
	return []nats.Option{nkey, nats.RootCAs(c.CA), nats.ClientCert(c.Cert, c.Key)}, nil
}

// checkAddresses refuses secrets in addresses, which everybody may read, and machines that an open bus may not be on.
func checkAddresses(addresses string, open bool) error {
	for text := range strings.SplitSeq(addresses, ",") {
		address, err := url.Parse(strings.TrimSpace(text))
		if err != nil || address.Host == "" {
			return fmt.Errorf("address of the bus: write nats://host:port or tls://host:port, several separated by commas")
		}
		if address.User != nil {
			return errors.New("address of the bus: it holds a name or a password; give an nkey as a file instead")
		}
		host := address.Hostname()
		if ip := net.ParseIP(host); open && host != "localhost" && !(ip != nil && ip.IsLoopback()) {
			return fmt.Errorf("%w (bus at %s)", ErrOpenCluster, host)
		}
	}
	return nil
}

// private refuses a file that others may read.
func private(file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("credentials of the bus: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("credentials of the bus: %s may be read by others (mode %s): chmod 600 it", file, fs.FileMode(info.Mode().Perm()))
	}
	return nil
}
