package network

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// etcHost is one line of a hosts file.
type etcHost struct {
	Address          string `col:"address" doc:"Address that the names stand for."`
	Hostnames        string `col:"hostnames" doc:"Names, joined by blanks."`
	PIDWithNamespace int64  `col:"pid_with_namespace" type:"INTEGER" opt:"additional,hidden" os:"linux" doc:"Process in whose mount namespace to look; 0 is the host's."`
}

// EtcHosts has one row for each line with an address.
// Source: /etc/hosts, hosts(5).
var EtcHosts = tables.DefineByPlatform(tables.Spec{
	Name: "etc_hosts", Aliases: []string{"hosts"}, Doc: "Names of hosts in the hosts file.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT address, hostnames FROM etc_hosts", "SELECT * FROM etc_hosts WHERE address NOT IN ('127.0.0.1', '::1')"},
}, tables.Generators[etcHost]{Linux: generateEtcHosts, Darwin: generatePlainEtcHosts, Windows: generatePlainEtcHosts})

// parseEtcHosts calls emit for each line with an address; comments start with #.
func parseEtcHosts(text string, emit func(address, hostnames string) error) error {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if err := emit(fields[0], strings.Join(fields[1:], " ")); err != nil {
			return err
		}
	}
	return nil
}

// generatePlainEtcHosts serves the systems without mount namespaces.
func generatePlainEtcHosts(_ context.Context, host tables.Host, _ *tables.Query, emit func(*etcHost) error) error {
	paths := []string{"/etc/hosts"}
	if host.Platform() == tables.Windows { // the second is written by internet connection sharing
		paths = []string{`C:\Windows\System32\drivers\etc\hosts`, `C:\Windows\System32\drivers\etc\hosts.ics`}
	}
	for _, path := range paths {
		text, err := host.ReadFile(path)
		if err != nil {
			if err := absent(err); err != nil {
				return err
			}
			continue
		}
		err = parseEtcHosts(string(text), func(address, hostnames string) error {
			return emit(&etcHost{Address: address, Hostnames: hostnames})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
