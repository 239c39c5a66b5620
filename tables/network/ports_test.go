package network

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
)

func TestExposureOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"0.0.0.0": "all", "::": "all", "127.0.0.53": "local", "::1": "local", "::ffff:127.0.0.1": "local", "10.0.0.1": "private", "fe80::1%eth0": "private",
		"100.64.0.1": "private", "fd00::1": "private", "8.8.8.8": "public", "::ffff:8.8.8.8": "public", "2606:4700::1": "public",
	} {
		if got := exposureOf(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is %s, want %s", address, got, want)
		}
	}
}

func TestPortService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		protocol string
		port     uint16
		exposure string
		service  string
		risk     string
	}{
		{"tcp", 23, "all", "telnet", "critical"}, {"tcp", 23, "private", "telnet", "high"}, {"tcp", 23, "local", "telnet", "none"},
		{"tcp", 22, "public", "ssh", "low"}, {"tcp", 22, "private", "ssh", "none"}, {"udp", 22, "all", "", "low"}, {"tcp", 6379, "all", "redis", "critical"},
		{"tcp", 40000, "local", "", "none"},
	} {
		if service, risk := portService(c.protocol, c.port, c.exposure); service != c.service || risk != c.risk {
			t.Errorf("%s/%d to %s is %s, %s; want %s, %s", c.protocol, c.port, c.exposure, service, risk, c.service, c.risk)
		}
	}
}

func TestShakeHandsWithWhatListens(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var ports []loopbackPort
	for _, server := range []*httptest.Server{plain, secure} {
		_, port, err := net.SplitHostPort(server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, loopbackPort{"127.0.0.1", uint16(number)})
	}
	var rows []tlsListener
	err = shakeHands(t.Context(), h, ports, func(row *tlsListener) error { rows = append(rows, *row); return nil })
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	if r := rows[0]; r.Port != int32(ports[1].port) || r.TLSVersion != tls.VersionName(tls.VersionTLS13) || r.SelfSigned != 1 || r.Subject != "O=Acme Co" || r.HasExpired != 0 {
		t.Errorf("%+v", r)
	}
}

func TestPrintersAreLeftAlone(t *testing.T) {
	t.Parallel()
	for port, want := range map[uint16]bool{9100: true, 9107: true, 515: true, 9110: false, 443: false} {
		if isPrinter(port) != want {
			t.Errorf("port %d", port)
		}
	}
}
