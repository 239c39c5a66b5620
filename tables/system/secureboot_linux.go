package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// efiGlobal ends the names of the variables that the UEFI specification itself defines.
const efiGlobal = "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

func generateSecureBoot(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*secureBoot) error) error {
	if firmwareType(host) != "uefi" {
		return nil
	}
	flag := func(name string) tables.Null[int64] {
		data, _ := hostfile.OneOfMany(ctx, host, "/sys/firmware/efi/efivars/"+name+efiGlobal)
		return parseEFIFlag(data)
	}
	return emit(&secureBoot{SecureBoot: flag("SecureBoot"), SetupMode: flag("SetupMode")})
}
