package system

import (
	"context"
	"path"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateACPITables(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*acpiTable) error) error {
	for _, file := range hostfile.Files(ctx, host, "/sys/firmware/acpi/tables") {
		row := acpiTable{Name: path.Base(file)}
		if data, ok := hostfile.OneOfMany(ctx, host, file); ok {
			row = acpiRow(row.Name, data)
		} else if info, err := host.Stat(file); err == nil && info.Mode().IsRegular() {
			row.Size = tables.Some(info.Size())
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
