package kernel

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// kernelExtension is one kernel extension that is loaded.
type kernelExtension struct {
	Idx           int64  `col:"idx" type:"INTEGER" doc:"Index of the extension."`
	Refs          int64  `col:"refs" type:"INTEGER" doc:"How many others refer to it."`
	Size          int64  `col:"size" doc:"Bytes of memory that it takes."`
	Name          string `col:"name" doc:"Bundle identifier."`
	Version       string `col:"version" collate:"VERSION" doc:"Version of the bundle."`
	LinkedAgainst string `col:"linked_against" doc:"Indexes of the extensions that it uses, in angle brackets."`
	Path          string `col:"path" doc:"Bundle on disk, where one of that identifier lies in a place for extensions."`
}

// KernelExtensions has a row for each loaded extension.
// Source: kmutil(8), or kextstat(8) of older systems, on a running system.
var KernelExtensions = tables.Define[kernelExtension](tables.Spec{
	Name: "kernel_extensions", Doc: "Kernel extensions that are loaded.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name, version, path FROM kernel_extensions WHERE name NOT LIKE 'com.apple.%'"},
}, generateKernelExtensions)

// kernelExtensionDirectories are where bundles of extensions lie.
var kernelExtensionDirectories = [...]string{"/Library/Extensions", "/System/Library/Extensions", "/Library/Apple/System/Library/Extensions"}

func generateKernelExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*kernelExtension) error) error {
	out, err := host.Run(ctx, "/usr/bin/kmutil", "showloaded", "--list-only")
	if err != nil {
		out, err = host.Run(ctx, "/usr/sbin/kextstat", "-l")
	}
	if err != nil {
		hostfile.Skipped(ctx, host, "/usr/bin/kmutil", err)
		return ctx.Err()
	}
	var paths map[string]string
	if q.Wants("path") {
		paths = kernelExtensionPaths(ctx, host)
	}
	for line := range strings.Lines(string(out)) {
		row, ok := parseKernelExtension(line)
		if !ok {
			continue
		}
		row.Path = paths[row.Name]
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// parseKernelExtension reads a line such as
//
//	57    3 0xffffff7f80a00000 0x12000    0x12000    com.example.driver (1.2.3) 3F2E7C4A-0000-4000-8000-0123456789AB <8 6 5>
func parseKernelExtension(line string) (row kernelExtension, ok bool) {
	line = strings.TrimSpace(line)
	line, linked, _ := strings.Cut(line, " <")
	f := strings.Fields(line)
	if len(f) < 7 || !strings.HasPrefix(f[6], "(") {
		return row, false
	}
	var errs [3]error
	row.Idx, errs[0] = strconv.ParseInt(f[0], 10, 32)
	row.Refs, errs[1] = strconv.ParseInt(f[1], 10, 32)
	row.Size, errs[2] = strconv.ParseInt(f[3], 0, 64)
	if errors.Join(errs[:]...) != nil {
		return row, false
	}
	row.Name, row.Version = f[5], strings.Trim(f[6], "()")
	if linked != "" {
		row.LinkedAgainst = "<" + linked
	}
	return row, true
}

// kernelExtensionPaths gives the bundles on disk by identifier.
func kernelExtensionPaths(ctx context.Context, host tables.Host) map[string]string {
	paths := map[string]string{}
	for _, dir := range kernelExtensionDirectories {
		for _, entry := range hostfile.List(ctx, host, dir) {
			if !strings.HasSuffix(entry.Name(), ".kext") {
				continue
			}
			bundle := dir + "/" + entry.Name()
			if info, ok := plist.Read(ctx, host, bundle+"/Contents/Info.plist"); ok {
				if id := info.Text("CFBundleIdentifier"); paths[id] == "" {
					paths[id] = bundle
				}
			}
		}
	}
	return paths
}
