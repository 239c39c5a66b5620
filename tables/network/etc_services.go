package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// etcService is one service and the port that it is known by.
type etcService struct {
	Name     string `col:"name" doc:"Name of the service."`
	Port     int32  `col:"port" doc:"Port."`
	Protocol string `col:"protocol" doc:"Transport protocol: tcp, udp, sctp."`
	Aliases  string `col:"aliases" doc:"Further names, joined by blanks."`
	Comment  string `col:"comment" doc:"Comment on the line."`
}

// EtcServices has one row for each line with a port.
// Source: /etc/services, services(5).
var EtcServices = tables.Define[etcService](tables.Spec{
	Name: "etc_services", Doc: "Names of services and their ports in the services file.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name FROM etc_services WHERE port = 443 AND protocol = 'tcp'"},
}, generateEtcServices)

func generateEtcServices(_ context.Context, host tables.Host, _ *tables.Query, emit func(*etcService) error) error {
	text, err := host.ReadFile(etcFile(host, "services", "services"))
	if err != nil {
		return absent(err)
	}
	for line := range strings.Lines(string(text)) {
		if row, ok := parseService(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseService reads https 443/tcp www # a comment.
func parseService(line string) (etcService, bool) {
	line, comment, _ := strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return etcService{}, false
	}
	number, protocol, found := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if !found || err != nil {
		return etcService{}, false
	}
	return etcService{
		Name: fields[0], Port: int32(port), Protocol: protocol, Aliases: strings.Join(fields[2:], " "), Comment: strings.TrimSpace(comment),
	}, true
}
