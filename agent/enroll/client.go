package enroll

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tenantra/tenantra/agent/protocol"
)

// Client makes requests to the fleet that an identity signs, with the key that it has at that moment. Safe for concurrent use as
// far as the identity is; Close must be called.
type Client struct {
	identity  *Identity
	transport *http.Transport
	http      *http.Client
}

// Client makes a Client whose requests take at most so long each.
func (id *Identity) Client(timeout time.Duration) (*Client, error) {
	config, err := id.TLS()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute}
	return &Client{identity: id, transport: transport, http: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the fleet redirects, which an agent does not follow")
	}}}, nil
}

// Close ends its connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Call makes one request, with in as its JSON body unless it is nil, and reads the answer into out unless that is nil. Refusals
// are *protocol.Error.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.identity.Server+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	for name, value := range c.identity.SignRequest(method, path, body, time.Now()) {
		request.Header.Set(name, value)
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, protocol.InflatedMax+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", method, path, err)
	case len(text) > protocol.InflatedMax:
		return fmt.Errorf("%s %s: the answer is larger than %d MiB", method, path, protocol.InflatedMax>>20)
	case response.StatusCode/100 != 2:
		return ReadError(response.StatusCode, text)
	case out == nil || len(text) == 0:
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
