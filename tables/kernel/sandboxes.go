package kernel

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// sandbox is the container of one sandboxed application.
type sandbox struct {
	Label      string `col:"label" doc:"Bundle identifier of the application."`
	User       string `col:"user" class:"personal" doc:"User whose container it is."`
	Enabled    int64  `col:"enabled" type:"INTEGER" doc:"1 where the application asks for a sandbox."`
	BuildID    string `col:"build_id" doc:"Build of the system that made the container."`
	BundlePath string `col:"bundle_path" doc:"Application."`
	Path       string `col:"path" doc:"Directory of the container."`
}

// Sandboxes has a row for each container whose description tells of a sandbox.
// Source: Library/Containers/*/Container.plist, or .com.apple.containermanagerd.metadata.plist, of the users' homes.
var Sandboxes = tables.Define[sandbox](tables.Spec{
	Name: "sandboxes", Doc: "Containers of sandboxed applications.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT label, bundle_path, path FROM sandboxes WHERE enabled = 0"},
}, generateSandboxes)

const sandboxContainers = "Library/Containers"

// sandboxDescriptions are the files that describe a container, of older and newer systems.
var sandboxDescriptions = [...]string{"Container.plist", ".com.apple.containermanagerd.metadata.plist"}

func generateSandboxes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sandbox) error) error {
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, name := range home.Directories(sandboxContainers) {
			if err := ctx.Err(); err != nil {
				return err
			}
			dir := sandboxContainers + "/" + name
			for _, file := range sandboxDescriptions {
				data, ok := home.Read(dir + "/" + file)
				if !ok {
					continue
				}
				list, err := plist.ParseDict(data)
				if err != nil {
					hostfile.Skipped(ctx, host, home.Path(dir+"/"+file), err)
					continue
				}
				row, ok := sandboxOf(list)
				if !ok {
					continue
				}
				row.Path = home.Path(dir)
				if err := emit(&row); err != nil {
					return err
				}
				break
			}
		}
		return nil
	})
}

// sandboxOf reads a description. Newer ones hold it one level deeper.
func sandboxOf(list plist.Dict) (row sandbox, ok bool) {
	if info := list.Dict("MCMMetadataInfo"); info != nil {
		list = info
	}
	validation := list.Dict("SandboxProfileDataValidationInfo")
	parameters := validation.Dict("SandboxProfileDataValidationParametersKey")
	if parameters == nil {
		return row, false
	}
	entitlements := validation.Dict("SandboxProfileDataValidationEntitlementsKey")
	if entitlements == nil {
		entitlements = list.Dict("SandboxProfileDataValidationEntitlementsKey")
	}
	return sandbox{
		Label: parameters.Text("application_container_id"), User: parameters.Text("_USER"), Enabled: flag(entitlements.Bool("com.apple.security.app-sandbox")),
		BuildID: parameters.Text("sandbox_build_id"), BundlePath: parameters.Text("application_bundle"),
	}, true
}
