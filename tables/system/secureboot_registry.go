package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

const secureBootState = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecureBoot\State`

func generateWindowsSecureBoot(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*secureBoot) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	enabled, ok := r.Key(secureBootState).Int("UEFISecureBootEnabled")
	if !ok {
		return nil
	}
	row := secureBoot{SecureBoot: tables.Some(enabled)}
	if host.Live() {
		row.SetupMode = firmwareSetupMode()
	}
	return emit(&row)
}
