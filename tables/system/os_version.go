package system

import (
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// osVersion is the operating system.
type osVersion struct {
	Name             tables.Null[string] `col:"name" doc:"Name of the distribution or product."`
	Version          tables.Null[string] `col:"version" collate:"VERSION" doc:"Version as people read it."`
	Major            int32               `col:"major" doc:"First number of the version."`
	Minor            int32               `col:"minor" doc:"Second number of the version."`
	Patch            int32               `col:"patch" doc:"Third number of the version."`
	Build            tables.Null[string] `col:"build" doc:"Identifier of the build or variant."`
	Platform         tables.Null[string] `col:"platform" doc:"Short name of the system: debian, rhel, darwin, windows."`
	PlatformLike     tables.Null[string] `col:"platform_like" doc:"Short names of the systems that it derives from."`
	Codename         tables.Null[string] `col:"codename" doc:"Code name of the version."`
	Arch             tables.Null[string] `col:"arch" doc:"Architecture of the kernel."`
	Extra            tables.Null[string] `col:"extra" os:"darwin" doc:"Further release, as of a rapid security response."`
	InstallDate      tables.Null[int64]  `col:"install_date" os:"windows" doc:"When it was installed, in Unix seconds."`
	Revision         tables.Null[int64]  `col:"revision" type:"INTEGER" os:"windows" doc:"Revision of the installed update."`
	PIDWithNamespace int64               `col:"pid_with_namespace" type:"INTEGER" opt:"additional,hidden" os:"linux" doc:"Process in whose mount namespace to look; 0 is the host's."`
	MountNamespaceID tables.Null[string] `col:"mount_namespace_id" opt:"hidden" os:"linux" doc:"Inode number of that mount namespace."`
}

// OSVersion has one row, and one a process where pid_with_namespace asks for the systems in containers.
// Source: os-release(5), redhat-release and gentoo-release on Linux; the key CurrentVersion of the registry on Windows.
var OSVersion = tables.DefineByPlatform(tables.Spec{
	Name: "os_version", Doc: "Name and version of the operating system.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT name, version, arch FROM os_version", "SELECT 1 FROM os_version WHERE platform = 'ubuntu' AND major >= 22"},
}, tables.Generators[osVersion]{Linux: generateOSVersion, Darwin: generateDarwinOSVersion, Windows: generateWindowsOSVersion})

// parseOSRelease fills in what an os-release file tells. Some distributions have a key of their own for the code name.
func parseOSRelease(text string, v *osVersion) {
	for line := range strings.Lines(text) {
		key, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found || strings.HasPrefix(key, "#") {
			continue
		}
		value = unquoted(value)
		switch {
		case key == "NAME":
			v.Name = tables.Some(value)
		case key == "VERSION":
			v.Version = tables.Some(value)
		case key == "BUILD_ID":
			v.Build = tables.Some(value)
		case key == "ID":
			v.Platform = tables.Some(value)
		case key == "ID_LIKE":
			v.PlatformLike = tables.Some(value)
		case key == "VERSION_ID":
			v.Major, v.Minor, v.Patch = versionNumbers(value)
		case strings.Contains(key, "CODENAME"):
			v.Codename = tables.Some(value)
		}
	}
}

// unquoted takes off the quotes of a shell-like assignment and the backslashes within.
func unquoted(value string) string {
	if len(value) < 2 || value[0] != '"' && value[0] != '\'' || value[len(value)-1] != value[0] {
		return value
	}
	quote, value := value[0], value[1:len(value)-1]
	if quote == '\'' || !strings.Contains(value, `\`) {
		return value
	}
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			i++
		}
		out.WriteByte(value[i])
	}
	return out.String()
}

// versionNumbers reads up to three numbers parted by points; what is missing or no number is 0.
func versionNumbers(text string) (major, minor, patch int32) {
	parts := strings.SplitN(text, ".", 3)
	for i, number := range []*int32{&major, &minor, &patch} {
		if i < len(parts) {
			if n, ok := procfs.ParseInt([]byte(parts[i])); ok && n <= 1<<31-1 {
				*number = int32(n)
			}
		}
	}
	return major, minor, patch
}

var releaseLine = lazyregexp.New(`([\w+\s]+) .* ([0-9]+)\.([0-9]+)\.?(\w+)?`)

// parseRelease fills in what the release file of the Red Hat or Gentoo family tells, such as CentOS release 6.10 (Final).
// It is preferred to os-release there: the name rhel stands for the whole family.
func parseRelease(text, family string, v *osVersion) {
	text = strings.Join(strings.Fields(text), " ")
	v.Platform, v.PlatformLike = tables.Some(family), tables.Some(family)
	v.Version, v.Build = tables.Some(text), tables.Some("")
	if m := releaseLine().FindStringSubmatch(text); m != nil {
		v.Name = tables.Some(m[1])
		v.Major, v.Minor, v.Patch = versionNumbers(m[2] + "." + m[3] + "." + m[4])
	}
}
