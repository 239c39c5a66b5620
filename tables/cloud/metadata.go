// Package cloud answers what the cloud that a machine runs in tells of it: instance, place, account, tags. Its tables are part
// of the system inventory. They ask the cloud's metadata service, at its one link-local address, and only where the firmware
// names that cloud. The service also hands out credentials; no table asks for those.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
)

const (
	metadataBase = "http://169.254.169.254" // of all the clouds here
	metadataTime = 3 * time.Second          // of one answer, which comes from the same host
	metadataMax  = 256 << 10
)

// errAbsent says that the service does not have what was asked for.
var errAbsent = errors.New("the metadata service has no such entry")

// service is a metadata service.
type service struct {
	base   string
	header http.Header // that the service wants on each request
	client *http.Client
}

func newService(base string, header http.Header) *service {
	return &service{base: base, header: header, client: &http.Client{
		Timeout:       metadataTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxResponseHeaderBytes: 16 << 10, Proxy: nil}, // a proxy would be asked about another machine
	}}
}

func (s *service) close() { s.client.CloseIdleConnections() }

// text gives an entry; the error is errAbsent where there is none.
func (s *service) text(ctx context.Context, path string) (string, error) {
	data, err := s.ask(ctx, http.MethodGet, path, s.header)
	return strings.TrimSpace(string(data)), err
}

// optional gives an entry, or NULL where there is none.
func (s *service) optional(ctx context.Context, path string) (tables.Null[string], error) {
	text, err := s.text(ctx, path)
	if errors.Is(err, errAbsent) {
		return tables.Null[string]{}, nil
	}
	if err != nil {
		return tables.Null[string]{}, err
	}
	return tables.Some(text), nil
}

func (s *service) json(ctx context.Context, path string, into any) error {
	data, err := s.ask(ctx, http.MethodGet, path, s.header)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("metadata %s: %w", path, err)
	}
	return nil
}

func (s *service) ask(ctx context.Context, method, path string, header http.Header) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("metadata %s: %w", path, err)
	}
	request.Header = header.Clone()
	response, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("metadata %s: %w", path, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, metadataMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("metadata %s: %w", path, err)
	case response.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("metadata %s: %w", path, errAbsent)
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("metadata %s: status %d", path, response.StatusCode)
	case len(data) > metadataMax:
		return nil, fmt.Errorf("metadata %s: larger than %d KiB", path, metadataMax>>10)
	}
	return data, nil
}
