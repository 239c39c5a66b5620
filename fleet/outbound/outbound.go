// Package outbound is the one guarded way out of the server: requests go to public addresses only, whatever a tenant's
// setting names, and nothing that comes back is shown to anybody.
//
// The address is checked when the connection is made, after every look-up of a name, so that a name which answers
// differently the second time gains nothing. Redirects are not followed. Private networks are reached where the
// installation's operator allows them, by network.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	callTime    = 10 * time.Second
	answerBytes = 64 << 10
)

// Config of a Guard.
type Config struct {
	// Allow lists networks that may be reached although they are not public, on any port and also by http.
	Allow []netip.Prefix
}

// Guard says where the server may connect to. It is safe for concurrent use.
type Guard struct {
	allow  []netip.Prefix
	client *http.Client
}

// RefusedError says that an address must not be reached.
type RefusedError struct{ Reason string }

// Error is for people who set the address.
func (e *RefusedError) Error() string { return e.Reason }

// New makes a guard.
func New(c Config) *Guard {
	g := &Guard{allow: slices.Clone(c.Allow)}
	transport := &http.Transport{
		DialContext: g.Dial, ForceAttemptHTTP2: true, TLSHandshakeTimeout: callTime, ResponseHeaderTimeout: callTime, IdleConnTimeout: 30 * time.Second,
		MaxIdleConns: 100, MaxIdleConnsPerHost: 2, MaxResponseHeaderBytes: 32 << 10,
		Proxy: nil, // a proxy would look names up behind the guard
	}
	g.client = &http.Client{Transport: transport, Timeout: callTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return g
}

// Close drops idle connections.
func (g *Guard) Close() { g.client.CloseIdleConnections() }

// Dial connects to an address that may be reached. It has the form of net.Dialer's DialContext.
func (g *Guard) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: callTime, Control: func(_, resolved string, _ syscall.RawConn) error { return g.checkAddress(resolved) }}
	return dialer.DialContext(ctx, network, address)
}

// Networks that are not the public internet's: RFC 6890 and its like.
var closed = func() []netip.Prefix {
	var list []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
		"::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
		"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}()

func within(list []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(address) })
}

// checkAddress judges an address as it was looked up, with its port.
func (g *Guard) checkAddress(resolved string) error {
	target, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return &RefusedError{"the address cannot be read"}
	}
	address := target.Addr().WithZone("")
	if within(g.allow, address.Unmap()) {
		return nil
	}
	if within(closed, address) || within(closed, address.Unmap()) || !address.IsGlobalUnicast() {
		return &RefusedError{"the address is not a public one; the operator of this installation can allow its network"}
	}
	if own(address.Unmap()) {
		return &RefusedError{"the address is this server's own"}
	}
	if port := target.Port(); port != 443 && port != 8443 {
		return &RefusedError{fmt.Sprintf("port %d is not one for calls out; they go to 443 or 8443", port)}
	}
	return nil
}

// own tells whether an address is one of this machine's.
func own(address netip.Addr) bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return false // the address was found public; this is a second look
	}
	return slices.ContainsFunc(list, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		ip, ok := netip.AddrFromSlice(network.IP)
		return ok && ip.Unmap() == address
	})
}

// CheckURL says whether a text is an address that calls may go to, as far as that can be told before connecting.
func (g *Guard) CheckURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" || len(text) > 2000 {
		return nil, errors.New("write an address such as https://host/path")
	}
	if u.User != nil || u.Fragment != "" {
		return nil, errors.New("the address has a user name, a password or a fragment: leave them out")
	}
	address, literal := netip.ParseAddr(u.Hostname())
	allowed := literal == nil && within(g.allow, address.Unmap())
	if u.Scheme != "https" && !(u.Scheme == "http" && allowed) {
		return nil, errors.New("the address begins with https://")
	}
	if literal == nil && !allowed {
		return nil, errors.New("write a host name: an address in numbers is taken only in a network that the operator allows")
	}
	if literal != nil && looksNumeric(u.Hostname()) {
		return nil, errors.New("write a host name")
	}
	if port := u.Port(); !allowed && port != "" && port != "443" && port != "8443" {
		return nil, errors.New("calls out go to port 443 or 8443")
	}
	return u, nil
}

// looksNumeric tells whether a host is an address in a form that some resolvers read: 2130706433, 0x7f.1, 127.1.
func looksNumeric(host string) bool {
	last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
	last = strings.TrimSuffix(last, ".")
	if last == "" {
		return true
	}
	if strings.HasPrefix(strings.ToLower(last), "0x") {
		return true
	}
	return strings.Trim(last, "0123456789") == ""
}

// Answer is what came back: no more than its status and a few bytes for the sender alone.
type Answer struct {
	Status     int
	RetryAfter time.Duration
	Body       []byte // at most 64 KiB, never to be shown or logged
}

// Do sends a request. Its error has no address in it: addresses of chat services are secrets.
func (g *Guard) Do(r *http.Request) (Answer, error) {
	if _, err := g.CheckURL(r.URL.String()); err != nil {
		return Answer{}, &RefusedError{err.Error()}
	}
	response, err := g.client.Do(r) // #nosec G704 -- this is the guard: the dialler checks each address
	if err != nil {
		return Answer{}, cause(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerBytes))
	if err != nil {
		return Answer{}, errors.New("the answer broke off")
	}
	answer := Answer{Status: response.StatusCode, Body: body}
	if seconds, err := time.ParseDuration(response.Header.Get("Retry-After") + "s"); err == nil && seconds > 0 {
		answer.RetryAfter = min(seconds, time.Hour)
	}
	return answer, nil
}

// cause says what went wrong without naming the address.
func cause(err error) error {
	var refused *RefusedError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &dns):
		return errors.New("the host's name is not known")
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("there was no answer in time")
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("the connection was refused")
	default:
		return errors.New("the connection failed")
	}
}

// ParseNetworks reads networks as an operator writes them: 10.0.0.0/8, 192.168.1.5, separated by commas or spaces.
func ParseNetworks(text string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		if address, err := netip.ParseAddr(field); err == nil {
			list = append(list, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(field)
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write one such as 10.0.0.0/8", field)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}
