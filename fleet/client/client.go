// Package client is the Go client of the fleet's REST API: sign-in that renews itself, requests whose errors keep the
// server's code, lists that page by themselves, streams. The CLI and the tests use it.
package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	base        = "/api/v1"
	cookieName  = "__Host-tenantra"
	requestTime = 60 * time.Second
	responseMax = 64 << 20
	renewBefore = 30 * time.Second
)

// Session is what signs requests. It may be kept between runs of a program; it is as secret as a password.
type Session struct {
	AccessToken string    `json:"access_token,omitempty"`
	Expires     time.Time `json:"expires,omitzero"`
	Refresh     string    `json:"refresh,omitempty"`
}

// Client talks to one fleet server. It is safe for concurrent use.
type Client struct {
	server *url.URL
	http   *http.Client

	mu      sync.Mutex
	session Session
	changed func(Session)
}

// Options of a Client.
type Options struct {
	Server string // https://host:port
	// CA is the certificate authority in PEM; empty uses the system's.
	CA []byte
	// Session of an earlier sign-in, and where a renewed one is told. Both may be zero.
	Session        Session
	SessionChanged func(Session)
}

// New makes a client. It does not connect.
func New(o Options) (*Client, error) {
	server, err := url.Parse(o.Server)
	if err != nil || server.Scheme != "https" || server.Host == "" {
		return nil, fmt.Errorf("server %q: write https://host:port", o.Server)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(o.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the CA file holds no PEM certificate")
		}
	}
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute}
	return &Client{
		server: &url.URL{Scheme: "https", Host: server.Host}, session: o.Session, changed: o.SessionChanged,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the API does not redirect") }},
	}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Error is an answer of the server that is no success.
type Error struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
	Title   string `json:"title"`
	Details []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
}

// Error is the server's text, with the fields at fault.
func (e *Error) Error() string {
	text := e.Detail
	if text == "" {
		text = e.Title
	}
	for _, d := range e.Details {
		if d.Message != "" && d.Message != text {
			text += fmt.Sprintf("; %s: %s", d.Location, d.Message)
		}
	}
	if text == "" {
		text = fmt.Sprintf("the server answered %d", e.Status)
	}
	return text
}

// Tokens is the answer of a sign-in.
type Tokens struct {
	AccessToken        string `json:"access_token"`
	ExpiresIn          int    `json:"expires_in"`
	MustChangePassword bool   `json:"must_change_password"`
}

// Login signs in with e-mail and password.
func (c *Client) Login(ctx context.Context, email, password string) (*Tokens, error) {
	return c.authenticate(ctx, "/auth/login", map[string]string{"email": email, "password": password})
}

// Logout ends the session on the server.
func (c *Client) Logout(ctx context.Context) error {
	if err := c.Do(ctx, http.MethodPost, "/auth/logout", nil, struct{}{}, nil); err != nil {
		return err
	}
	c.setSession(Session{})
	return nil
}

// SetPassword changes one's own password; the session's token is renewed.
func (c *Client) SetPassword(ctx context.Context, current, next string) error {
	_, err := c.authenticate(ctx, "/auth/password", map[string]string{"current_password": current, "new_password": next})
	return err
}

// authenticate posts to an operation that answers with tokens and a cookie.
func (c *Client) authenticate(ctx context.Context, path string, body any) (*Tokens, error) {
	response, err := c.send(ctx, http.MethodPost, base+path, nil, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var tokens Tokens
	if err := decode(response, &tokens); err != nil {
		return nil, err
	}
	session := c.current()
	if tokens.AccessToken != "" {
		session.AccessToken, session.Expires = tokens.AccessToken, time.Now().Add(time.Duration(tokens.ExpiresIn)*time.Second)
	}
	for _, cookie := range response.Cookies() {
		if cookie.Name == cookieName {
			session.Refresh = cookie.Value
		}
	}
	c.setSession(session)
	return &tokens, nil
}

func (c *Client) current() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

func (c *Client) setSession(s Session) {
	c.mu.Lock()
	c.session = s
	c.mu.Unlock()
	if c.changed != nil {
		c.changed(s)
	}
}

// Do sends a request with body as JSON (nil for none) and reads the answer into out (nil to drop it).
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	response, err := c.signed(ctx, method, base+path, query, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return decode(response, out)
}

// signed sends with a token that is still good for a while.
func (c *Client) signed(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	session := c.current()
	if session.Refresh != "" && time.Until(session.Expires) < renewBefore {
		if _, err := c.authenticate(ctx, "/auth/refresh", struct{}{}); err != nil {
			var refused *Error
			if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
				return nil, &Error{Status: refused.Status, Code: refused.Code, Detail: "the session is over: sign in again with tenantractl login"}
			}
			return nil, fmt.Errorf("renew session: %w", err)
		}
	}
	return c.send(ctx, method, path, query, body)
}

func (c *Client) send(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	target, err := url.Parse(path) // it may hold escaped parts
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	target.Scheme, target.Host, target.RawQuery = c.server.Scheme, c.server.Host, query.Encode()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), content)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	session := c.current()
	if session.AccessToken != "" {
		request.Header.Set("Authorization", "Bearer "+session.AccessToken)
	}
	if session.Refresh != "" && strings.HasPrefix(path, base+"/auth/") {
		request.AddCookie(&http.Cookie{Name: cookieName, Value: session.Refresh}) // #nosec G124 -- a request's cookie has no attributes
	}
	response, err := c.http.Do(request)
	if err != nil {
		var urlError *url.Error
		if errors.As(err, &urlError) {
			err = urlError.Err // without the address, whose query a person may not want in a log
		}
		return nil, fmt.Errorf("%s: %w", c.server.Host, err)
	}
	return response, nil
}

// decode reads a success into out, anything else into an *Error.
func decode(response *http.Response, out any) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, responseMax))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if response.StatusCode/100 != 2 {
		refused := &Error{}
		_ = json.Unmarshal(body, refused) // a proxy's page is no problem document; its status still says enough
		refused.Status = response.StatusCode
		return refused
	}
	if out == nil || len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// Get reads one object.
func Get[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, error) {
	var out T
	if err := c.Do(ctx, http.MethodGet, path, query, nil, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// Root reads one object at an address outside of the API's prefix, such as /openapi.json.
func Root[T any](ctx context.Context, c *Client, path string) (*T, error) {
	response, err := c.signed(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var out T
	if err := decode(response, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// List reads a list page by page. After an error it ends.
func List[T any](ctx context.Context, c *Client, path string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		page := url.Values{}
		for key, values := range query {
			page[key] = values
		}
		for {
			var answer struct {
				Items      []T    `json:"items"`
				NextCursor string `json:"next_cursor"`
			}
			if err := c.Do(ctx, http.MethodGet, path, page, nil, &answer); err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range answer.Items {
				if !yield(item, nil) {
					return
				}
			}
			if answer.NextCursor == "" {
				return
			}
			page.Set("cursor", answer.NextCursor)
		}
	}
}

// Stream reads an answer of one JSON value a line until it ends; T is the value's type.
func Stream[T any](ctx context.Context, c *Client, path string, query url.Values, each func(T) error) error {
	return stream(ctx, c, http.MethodGet, path, query, nil, each)
}

// StreamPost is Stream for an answer to a body.
func StreamPost[T any](ctx context.Context, c *Client, path string, query url.Values, body any, each func(T) error) error {
	return stream(ctx, c, http.MethodPost, path, query, body, each)
}

func stream[T any](ctx context.Context, c *Client, method, path string, query url.Values, body any, each func(T) error) error {
	response, err := c.signed(ctx, method, base+path, query, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return decode(response, nil)
	}
	decoder := json.NewDecoder(response.Body)
	for {
		var value T
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read stream: %w", err)
		}
		if err := each(value); err != nil {
			return err
		}
	}
}

// FetchCA connects to a server whose certificate authority is not known yet and gives the authority's certificate in
// PEM, if its SHA-256 fingerprint (hexadecimal, as the server prints it) is the given one and it vouches for the server.
func FetchCA(ctx context.Context, server, fingerprint string) ([]byte, error) {
	target, err := url.Parse(server)
	if err != nil || target.Scheme != "https" || target.Host == "" {
		return nil, fmt.Errorf("server %q: write https://host:port", server)
	}
	address := target.Host
	if target.Port() == "" {
		address += ":443"
	}
	want := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(fingerprint, "sha256:"), ":", ""))
	var found *x509.Certificate
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: target.Hostname(),
		InsecureSkipVerify: true, // #nosec G402 -- see the next line //lint:allow verifiesTLS VerifyConnection below checks the chain against the fingerprint
		VerifyConnection: func(state tls.ConnectionState) error {
			for _, candidate := range state.PeerCertificates {
				sum := sha256.Sum256(candidate.Raw)
				if hex.EncodeToString(sum[:]) != want {
					continue
				}
				roots := x509.NewCertPool()
				roots.AddCert(candidate)
				if _, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, DNSName: target.Hostname()}); err != nil {
					return err
				}
				found = candidate
				return nil
			}
			return errors.New("no certificate of the server has the given fingerprint: compare it with what the server prints at its start")
		},
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	conn.Close()
	return pemCertificate(found.Raw), nil
}
