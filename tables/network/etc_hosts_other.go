//go:build !linux

package network

import (
	"context"
	"runtime"

	"github.com/tenantra/tenantra/tables"
)

func generateEtcHosts(_ context.Context, host tables.Host, _ *tables.Query, emit func(*etcHost) error) error {
	paths := []string{"/etc/hosts"}
	if runtime.GOOS == "windows" { // the second is written by internet connection sharing
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
