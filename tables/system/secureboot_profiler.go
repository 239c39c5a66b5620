package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// generateDarwinSecureBoot reads the level of security that the security chip, or Apple's own processor, starts with.
func generateDarwinSecureBoot(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*secureBoot) error) error {
	for _, chip := range profiler.Items(ctx, host, "SPiBridgeDataType") {
		row, ok := darwinSecureBoot(chip)
		if !ok {
			continue
		}
		return emit(&row)
	}
	return ctx.Err()
}

func darwinSecureBoot(chip plist.Dict) (row secureBoot, ok bool) {
	level := chip.Text("ibridge_secure_boot")
	modes := map[string]int64{"No Security": 0, "Permissive Security": 0, "Full Security": 1, "Reduced Security": 2, "Medium Security": 2}
	mode, known := modes[level]
	if !known {
		return row, false
	}
	row = secureBoot{SecureBoot: tables.Some(min(mode, 1)), SecureMode: tables.Some(mode), Description: tables.Some(level)}
	flag := func(key string) tables.Null[int64] {
		switch chip.Text(key) {
		case "Yes":
			return tables.Some(int64(1))
		case "No":
			return tables.Some(int64(0))
		default:
			return tables.Null[int64]{}
		}
	}
	row.KernelExtensions, row.MDMOperations = flag("ibridge_kernel_extensions_user"), flag("ibridge_kernel_extensions_mdm")
	return row, true
}
