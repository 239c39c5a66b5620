package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// sharedResource is one share.
type sharedResource struct {
	Description    string `col:"description" doc:"Remark of the share."`
	InstallDate    string `col:"install_date" doc:"When it was made; empty, since Windows does not tell."`
	Status         string `col:"status" doc:"State; OK."`
	AllowMaximum   int32  `col:"allow_maximum" doc:"1 where the number of users is not limited."`
	MaximumAllowed int64  `col:"maximum_allowed" doc:"Users that may connect at once; 4294967295 where there is no limit."`
	Name           string `col:"name" doc:"Name of the share."`
	Path           string `col:"path" doc:"Local path."`
	Type           int64  `col:"type" doc:"Kind by its number."`
	TypeName       string `col:"type_name" doc:"Kind: Disk Drive, Print Queue, Device, IPC, with Admin where Windows made it."`
}

// SharedResources has a row for each share.
// Source: LanmanServer\Shares in the registry, and NetShareEnum for those that Windows makes itself.
var SharedResources = tables.Define[sharedResource](tables.Spec{
	Name: "shared_resources", Doc: "Shared folders, printers and pipes.",
	Category: tables.Network, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, path, type_name FROM shared_resources WHERE name NOT LIKE '%$'"},
}, generateSharedResources)

const sharesKey = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares`

func generateSharedResources(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sharedResource) error) error {
	if host.Live() {
		return eachShare(emit)
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	for _, v := range r.Key(sharesKey).Values() {
		row, ok := parseShare(v.Texts())
		if !ok {
			continue
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseShare reads lines such as Path=C:\Public, MaxUses=4294967295, Type=0.
func parseShare(lines []string) (sharedResource, bool) {
	values := map[string]string{}
	for _, line := range lines {
		if key, value, ok := strings.Cut(line, "="); ok {
			values[key] = value
		}
	}
	number := func(key string) uint32 {
		n, err := strconv.ParseUint(values[key], 10, 32)
		if err != nil {
			return 0
		}
		return uint32(n)
	}
	return newShare(values["ShareName"], values["Path"], values["Remark"], number("Type"), number("MaxUses")), values["ShareName"] != ""
}

const unlimitedUses = ^uint32(0)

func newShare(name, path, remark string, kind, maxUses uint32) sharedResource {
	row := sharedResource{Name: name, Path: path, Description: remark, Status: "OK", MaximumAllowed: int64(maxUses), Type: int64(kind), TypeName: shareType(kind)}
	if maxUses == unlimitedUses {
		row.AllowMaximum = 1
	}
	return row
}

// shareType names the kinds of lmshare.h; the highest bit says that Windows made the share for administrators.
func shareType(kind uint32) string {
	const special, temporary = 1 << 31, 1 << 30
	names := [...]string{"Disk Drive", "Print Queue", "Device", "IPC"}
	base := kind &^ (special | temporary)
	if base >= uint32(len(names)) {
		return "Unknown"
	}
	if kind&special != 0 {
		return names[base] + " Admin" // #nosec G602 -- the length is checked above
	}
	return names[base] // #nosec G602 -- the length is checked above
}
