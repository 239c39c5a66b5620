package outbound

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// S55: what is not public is not dialled, in whatever form it is written.
func TestClosedAddressesAreNotDialled(t *testing.T) {
	t.Parallel()
	g := New(Config{Allow: []netip.Prefix{netip.MustParsePrefix("10.7.0.0/16")}})
	for address, open := range map[string]bool{
		"1.1.1.1:443": true, "[2606:4700::1111]:443": true, "1.1.1.1:8443": true, "10.7.1.1:25": true, "[::ffff:10.7.1.1]:80": true,
		"1.1.1.1:22": false, "1.1.1.1:80": false, "127.0.0.1:443": false, "127.8.9.1:443": false, "10.0.0.1:443": false, "172.31.0.1:443": false,
		"192.168.0.1:443": false, "169.254.169.254:443": false, "100.64.0.1:443": false, "198.18.0.1:443": false, "0.0.0.0:443": false, "255.255.255.255:443": false,
		"224.0.0.1:443": false, "[::1]:443": false, "[::]:443": false, "[::ffff:127.0.0.1]:443": false, "[::127.0.0.1]:443": false, "[fe80::1%eth0]:443": false, "[fd00::1]:443": false,
		"[64:ff9b::7f00:1]:443": false, "[64:ff9b:1::a00:1]:443": false, "[2002:7f00:1::]:443": false, "[2001:0:7f00:1::]:443": false, "[ff02::1]:443": false, "[fec0::1]:443": false, "x": false,
	} {
		err := g.checkAddress(address)
		if (err == nil) != open {
			t.Errorf("%s: %v", address, err)
		}
		var refused *RefusedError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: no refusal but %v", address, err)
		}
	}
}

func TestURLsAreChecked(t *testing.T) {
	t.Parallel()
	g := New(Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	for text, right := range map[string]bool{
		"https://hooks.example/x?y=1": true, "https://hooks.example:8443/": true, "http://127.0.0.1:8080/": true, "https://127.0.0.1:9/": true,
		"http://hooks.example/": false, "https://hooks.example:22/": false, "https://user:pw@hooks.example/": false, "https://10.0.0.1/": false, "https://[::1]/": false,
		"https://2130706433/": false, "https://0x7f.1/": false, "https://127.1/": false, "https://0177.0.0.1/": false, "https:///x": false, "file:///etc/passwd": false,
		"gopher://hooks.example/": false, "https:hooks.example": false, "//hooks.example": false, "": false, "https://hooks.example/#x": false, "https://" + strings.Repeat("a", 3000): false,
	} {
		if _, err := g.CheckURL(text); (err == nil) != right {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A name that leads to a closed address is refused when it is dialled: that is the moment that counts.
func TestNameThatLeadsInsideIsRefused(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 1)
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(server.Close)
	g := New(Config{})
	t.Cleanup(g.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	if _, err := g.Dial(t.Context(), "tcp", "localhost:"+port); err == nil {
		t.Error("loopback was dialled by a name")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://localhost/secret-path", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Do(request)
	var refused *RefusedError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "secret-path") {
		t.Errorf("%v", err)
	}
	select {
	case <-reached:
		t.Error("the request arrived")
	default:
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var hits int
	mux := http.NewServeMux()
	mux.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusFound) })
	mux.HandleFunc("/b", func(http.ResponseWriter, *http.Request) { hits++ })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	g := New(Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	t.Cleanup(g.Close)
	get := func(path string) Answer {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := g.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if a := get("/a"); a.Status != http.StatusFound || hits != 0 {
		t.Errorf("%d, %d hits", a.Status, hits)
	}
	if a := get("/long"); len(a.Body) != answerBytes || a.RetryAfter.Seconds() != 7 {
		t.Errorf("%d bytes, %v", len(a.Body), a.RetryAfter)
	}
}

func TestNetworksAreRead(t *testing.T) {
	t.Parallel()
	list, err := ParseNetworks("10.1.2.3/8, 192.168.1.5 fd00::/8")
	if err != nil || len(list) != 3 || list[0].String() != "10.0.0.0/8" || list[1].String() != "192.168.1.5/32" {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := ParseNetworks("10.0.0.0/8,everything"); err == nil {
		t.Error("taken")
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://a.example/", "https://127.1/", "http://[::1]:80", "https://a@b"} {
		f.Add(seed)
	}
	g := New(Config{})
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := g.CheckURL(text); err == nil && (u.Scheme != "https" || u.User != nil || u.Hostname() == "") {
			t.Errorf("%q was taken as %v", text, u)
		}
	})
}
