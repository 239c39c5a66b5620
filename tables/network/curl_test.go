package network

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// direct reaches a server of the test, which the dialler of tables refuses.
var direct = (&net.Dialer{}).DialContext

func TestCurlAsksOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/large":
			_, _ = w.Write([]byte(strings.Repeat("x", 2*curlBodyMax)))
		default:
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(r.Method + " " + r.UserAgent() + r.Header.Get("Authorization")))
		}
	}))
	defer server.Close()
	client := curlClient(direct)
	for _, c := range []struct {
		path, result string
		code, bytes  int64
	}{
		{"/", "GET probe", http.StatusTeapot, 9},
		{"/redirect", "", http.StatusFound, -1},
		{"/large", "", http.StatusOK, curlBodyMax},
	} {
		row := ask(t.Context(), client, server.URL+c.path, "probe")
		if row.ResponseCode.V != c.code || c.bytes >= 0 && row.Bytes != c.bytes || c.result != "" && row.Result != c.result || row.RoundTripTime <= 0 {
			t.Errorf("%s: %d, %d bytes, %.40q", c.path, row.ResponseCode.V, row.Bytes, row.Result)
		}
	}
}

// TestCurlRefuses is S43.
func TestCurlRefuses(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for address, why := range map[string]string{
		server.URL: "only public addresses", strings.Replace(server.URL, "127.0.0.1", "localhost", 1): "only public addresses",
		"http://169.254.169.254/latest/meta-data/": "only public addresses", "http://[fd00:ec2::254]/": "only public addresses",
		"file:///etc/shadow": "must be http or https", "gopher://example.com/": "must be http or https", "http://ann:pw@example.com/": "must be http or https",
		"http://": "must be http or https", "%": "must be http or https", "": "must be http or https",
	} {
		rows, err := tabletest.Rows(t.Context(), Curl, h, tabletest.Query(Curl, map[string][]string{"url": {address}}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0]["response_code"] != nil || !strings.Contains(rows[0]["result"].(string), why) {
			t.Errorf("%q: %v", address, rows)
		}
	}
	if reached {
		t.Error("a server of this machine was asked")
	}
}

func TestShowCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	c, state, err := showCertificate(t.Context(), direct, server.Listener.Addr().String(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	row := describeServer(c, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	if state.Version != tls.VersionTLS13 || row.Organization != "Acme Co" || row.HasExpired != 0 || row.Version != 3 || row.BasicConstraint != "CA:TRUE" ||
		!strings.Contains(row.SubjectAltNames, "DNS:example.com") || !strings.Contains(row.SubjectAltNames, "IP Address:127.0.0.1") || len(row.SHA256) != 64 ||
		row.ValidFrom != "Jan  1 00:00:00 1970 GMT" || row.KeyUsage != "Digital Signature, Key Encipherment, Certificate Sign" {
		t.Errorf("%+v", row)
	}
	if row := describeServer(c, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)); row.HasExpired != 1 {
		t.Error("a certificate of the past has not expired")
	}
}

func TestShowCertificateOfNoTLSServer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() // it takes connections and says nothing
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for _, server := range []string{silent.Addr().String(), plain.Listener.Addr().String()} {
		if _, _, err := showCertificate(t.Context(), direct, server, 200*time.Millisecond); err == nil {
			t.Errorf("%s shows a certificate", server)
		}
	}
}

func TestCurlCertificateOfThisMachineIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := tabletest.Query(CurlCertificate, map[string][]string{"hostname": {server.Listener.Addr().String()}}, nil)
	if rows, err := tabletest.Rows(t.Context(), CurlCertificate, h, q); err != nil || rows != nil {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}
