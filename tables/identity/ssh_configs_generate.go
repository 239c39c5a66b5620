package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// systemSSHConfig gives the file for all users.
func systemSSHConfig(host tables.Host) string {
	if host.Platform() == tables.Windows {
		return `C:\ProgramData\ssh\ssh_config`
	}
	return "/etc/ssh/ssh_config"
}

func generateSSHConfigs(ctx context.Context, host tables.Host, q *tables.Query, emit func(*sshOption) error) error {
	emitFile := func(uid int64, file string, data []byte) error {
		for _, row := range parseSSHConfig(data) {
			row.UID, row.File = uid, file
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	err := homes.Each(ctx, host, q, func(home *homes.Home) error {
		const name = ".ssh/config"
		if data, ok := home.Read(name); ok {
			return emitFile(int64(home.User.UID), home.Path(name), data)
		}
		return nil
	})
	if err != nil {
		return err
	}
	system := systemSSHConfig(host)
	data, err := hostfile.Source(ctx, host, system)
	if err != nil {
		return err
	}
	return emitFile(0, system, data)
}
