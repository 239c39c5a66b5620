package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// etcProtocol is one protocol above IP.
type etcProtocol struct {
	Name    string `col:"name" doc:"Name of the protocol."`
	Number  int32  `col:"number" doc:"Number of the protocol in the IP header."`
	Alias   string `col:"alias" doc:"Further name."`
	Comment string `col:"comment" doc:"Comment on the line."`
}

// EtcProtocols has one row for each line with a number.
// Source: /etc/protocols, protocols(5).
var EtcProtocols = tables.Define[etcProtocol](tables.Spec{
	Name: "etc_protocols", Doc: "Names of protocols and their numbers in the protocols file.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT l.port, p.name FROM listening_ports l JOIN etc_protocols p ON p.number = l.protocol"},
}, generateEtcProtocols)

func generateEtcProtocols(_ context.Context, host tables.Host, _ *tables.Query, emit func(*etcProtocol) error) error {
	text, err := host.ReadFile(etcFile(host, "protocols", "protocol"))
	if err != nil {
		return absent(err)
	}
	for line := range strings.Lines(string(text)) {
		if row, ok := parseProtocol(line); ok {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseProtocol reads tcp 6 TCP # a comment.
func parseProtocol(line string) (etcProtocol, bool) {
	line, comment, _ := strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return etcProtocol{}, false
	}
	number, err := strconv.ParseUint(fields[1], 10, 16)
	if err != nil {
		return etcProtocol{}, false
	}
	row := etcProtocol{Name: fields[0], Number: int32(number), Comment: strings.TrimSpace(comment)}
	if len(fields) > 2 {
		row.Alias = fields[2]
	}
	return row, true
}
