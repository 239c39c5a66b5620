// Package unixhttp asks for JSON of daemons on the same machine that serve HTTP on a Unix socket, as Docker and LXD do. It
// never opens a network connection. A daemon's answer is bounded in time and size, since what it serves was named by others.
package unixhttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const (
	answerTime = 10 * time.Second // of one request
	answerMax  = 32 << 20
	messageMax = 4 << 10 // of an error that the daemon explains
)

// ErrNoDaemon says that no daemon listens on any of the sockets, or that this process may not speak to it.
var ErrNoDaemon = errors.New("no daemon answers")

// StatusError is an answer that is not a success.
type StatusError struct {
	Code    int
	Message string // as the daemon explains it; may be empty
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Code, e.Message) }

// IsGone tells whether the daemon answered that the object is not, or no longer, there or in a state to be asked.
func IsGone(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusConflict)
}

// Client asks one daemon. It is safe for concurrent use.
type Client struct {
	http      *http.Client
	transport *http.Transport
}

// Dial finds the first of the scanned machine's sockets on which a daemon listens. The error is ErrNoDaemon where none
// does, which is no failure of a table.
func Dial(ctx context.Context, host tables.Host, sockets ...string) (*Client, error) {
	for _, socket := range sockets {
		real, err := host.RealPath(socket)
		if err != nil {
			continue
		}
		if info, err := os.Stat(real); err != nil || info.Mode()&fs.ModeSocket == 0 {
			continue
		}
		dialer := net.Dialer{Timeout: answerTime}
		conn, err := dialer.DialContext(ctx, "unix", real)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
				hostfile.Skipped(ctx, host, socket, err)
				continue
			}
			return nil, fmt.Errorf("connect to %s: %w", socket, err)
		}
		_ = conn.Close()
		transport := &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, "unix", real)
			},
			MaxIdleConns: 1, ResponseHeaderTimeout: answerTime, MaxResponseHeaderBytes: 64 << 10,
		}
		redirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return &Client{transport: transport, http: &http.Client{Transport: transport, CheckRedirect: redirects, Timeout: answerTime}}, nil
	}
	return nil, ErrNoDaemon
}

// Close ends the connection.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Get asks for a path with its query and decodes the JSON that comes.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for %s: %w", path, &StatusError{Code: response.StatusCode, Message: explanation(response.Body)})
	}
	body := &io.LimitedReader{R: response.Body, N: answerMax + 1}
	if err := json.NewDecoder(body).Decode(into); err != nil {
		if body.N <= 0 {
			return fmt.Errorf("ask for %s: the answer is larger than %d MiB", path, answerMax>>20)
		}
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	return nil
}

// explanation reads what both Docker ("message") and LXD ("error") say of an error.
func explanation(body io.Reader) string {
	text, err := io.ReadAll(io.LimitReader(body, messageMax))
	if err != nil {
		return ""
	}
	var told struct{ Message, Error string }
	if json.Unmarshal(text, &told) != nil {
		return ""
	}
	if told.Message != "" {
		return told.Message
	}
	return told.Error
}
