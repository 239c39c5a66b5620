package kernel

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const (
	apparmorProfiles = "/sys/kernel/security/apparmor/policy/profiles"
	apparmorDepthMax = 16 // the kernel nests profiles and hats two deep
)

// apparmorProfile is one loaded profile.
type apparmorProfile struct {
	Path   string `col:"path" opt:"index" doc:"Name of the profile behind those that it is nested in, joined by two slashes."`
	Name   string `col:"name" doc:"Name of the profile."`
	Attach string `col:"attach" doc:"Pattern of the programs that it holds for."`
	Mode   string `col:"mode" doc:"enforce, complain, kill, unconfined or user."`
	SHA1   string `col:"sha1" collate:"NOCASE" doc:"SHA-1 digest of the loaded policy, of kernels that keep it."`
	SHA256 string `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of the loaded policy, of kernels from 6.8."`
}

// AppArmorProfiles has a row for each loaded profile. A kernel without AppArmor has none.
// Source: AppArmor's part of securityfs.
var AppArmorProfiles = tables.Define[apparmorProfile](tables.Spec{
	Name: "apparmor_profiles", Doc: "Profiles of AppArmor that are loaded into the running kernel.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT name, mode FROM apparmor_profiles WHERE mode != 'enforce'"},
}, generateAppArmorProfiles)

func generateAppArmorProfiles(ctx context.Context, host tables.Host, q *tables.Query, emit func(*apparmorProfile) error) error {
	paths := q.Equal("path")
	var below func(dir, parent string, depth int) error
	below = func(dir, parent string, depth int) error {
		if depth > apparmorDepthMax {
			return nil
		}
		for _, entry := range hostfile.List(ctx, host, dir) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !entry.IsDir() {
				continue
			}
			profile := path.Join(dir, entry.Name())
			read := func(name string) string {
				data, _ := hostfile.OneOfMany(ctx, host, path.Join(profile, name))
				return strings.TrimSpace(string(data))
			}
			row := apparmorProfile{Name: read("name"), Attach: read("attach"), Mode: read("mode")}
			if row.Name == "" {
				continue // unloaded since it was listed
			}
			row.Path = row.Name
			if parent != "" {
				row.Path = parent + "//" + row.Name
			}
			if row.SHA256 = read("sha256"); row.SHA256 == "" {
				row.SHA1 = read("sha1")
			}
			if paths == nil || slices.Contains(paths, row.Path) {
				if err := emit(&row); err != nil {
					return err
				}
			}
			if err := below(path.Join(profile, "profiles"), row.Path, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return below(apparmorProfiles, "", 0)
}
