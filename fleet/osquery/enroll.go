package osquery

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantra/tenantra/agent/protocol"
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/internal/plaintext"
)

// enrollRequest is the body of an enrolment. The details are rows of osquery's tables, where it is set to send them.
type enrollRequest struct {
	Secret   string `json:"enroll_secret"`
	Host     string `json:"host_identifier"`
	Platform any    `json:"platform_type"` // a mask, as text or number
	Details  struct {
		OS struct {
			Name     string `json:"name"`
			Version  string `json:"version"`
			Platform string `json:"platform"`
			Arch     string `json:"arch"`
		} `json:"os_version"`
		Osquery struct {
			Version string `json:"version"`
		} `json:"osquery_info"`
		System struct {
			Hostname     string `json:"hostname"`
			ComputerName string `json:"computer_name"`
			CPUType      string `json:"cpu_type"`
		} `json:"system_info"`
	} `json:"host_details"`
}

// Bits of osquery's platform mask.
const (
	maskWindows = 2
	maskLinux   = 8
	maskDarwin  = 16
)

func (r *enrollRequest) platform() string {
	mask := 0
	switch p := r.Platform.(type) {
	case string:
		mask, _ = strconv.Atoi(p) // what is no number has no bits, and is looked for in the details
	case json.Number:
		mask, _ = strconv.Atoi(p.String())
	}
	switch os := r.Details.OS.Platform; {
	case mask&maskWindows != 0 || os == "windows":
		return "windows"
	case mask&maskDarwin != 0 || os == "darwin":
		return "darwin"
	case mask&maskLinux != 0 || os != "":
		return "linux"
	}
	return ""
}

func (r *enrollRequest) facts() protocol.Facts {
	d := &r.Details
	f := protocol.Facts{Platform: r.platform(), Hostname: d.System.Hostname, Arch: d.OS.Arch, OSName: d.OS.Name, OSVersion: d.OS.Version,
		Version: strings.TrimSpace("osquery " + d.Osquery.Version)}
	for _, name := range []string{d.System.ComputerName, r.Host} {
		if f.Hostname == "" {
			f.Hostname = name
		}
	}
	if f.Arch == "" {
		f.Arch = d.System.CPUType
	}
	return f
}

// enroll makes an osqueryd an agent and gives its node key.
func (s *Service) enroll(ctx context.Context, address string, r enrollRequest) (string, error) {
	if r.Host == "" || len(r.Host) > identifier || !plaintext.IsText(r.Host) {
		return "", &protocol.Error{Code: protocol.CodeInvalid, Message: "host_identifier has 1 to 255 bytes of text"}
	}
	key := newKey()
	_, err := s.Agents.Admit(ctx, address, agents.Foreign{Secret: r.Secret, Facts: r.facts(), HardwareID: "osquery:" + r.Host,
		Enrolled: func(pipe *pgx.Batch, at time.Time, tenant, agent int32) {
			createNode(pipe, at, tenant, agent, key, r.Host)
		}})
	if err != nil {
		return "", err
	}
	return key, nil
}
