package software

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// yumSource is one repository.
type yumSource struct {
	Name       string `col:"name" doc:"Name of the repository in people's words."`
	Source     string `col:"source" doc:"File that names the repository."`
	BaseURL    string `col:"baseurl" doc:"Address of the repository. Credentials are masked."`
	Mirrorlist string `col:"mirrorlist" doc:"Address of a list of mirrors. Credentials are masked."`
	Metalink   string `col:"metalink" doc:"Address of a metalink file. Credentials are masked."`
	Enabled    string `col:"enabled" doc:"1 where the repository is used, as written."`
	GPGCheck   string `col:"gpgcheck" doc:"1 where signatures of packages are checked, as written; empty where the main section decides."`
	GPGKey     string `col:"gpgkey" doc:"Addresses of the keys that sign."`
	container.Process
}

// YumSources has a row for each repository.
// Source: yum.conf(5) or dnf.conf(5), and the .repo files of the directory that they name.
var YumSources = tables.Define[yumSource](tables.Spec{
	Name: "yum_sources", Doc: "Repositories that yum and dnf install packages from.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT name, baseurl, source FROM yum_sources WHERE enabled != '0' AND gpgcheck = '0'"},
}, generateYumSources)

func generateYumSources(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*yumSource) error) error {
	reposDir := "/etc/yum.repos.d"
	files := []string{"/etc/yum.conf"}
	if _, err := host.Stat(files[0]); err != nil {
		files[0] = "/etc/dnf/dnf.conf"
	}
	for i := 0; i < len(files); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, ok := hostfile.OneOfMany(ctx, host, files[i])
		if ok {
			sources, dir := parseYumConfig(data)
			if i == 0 && path.IsAbs(dir) {
				reposDir = dir
			}
			for _, row := range sources {
				row.Source = files[i]
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
		if i == 0 {
			for _, file := range hostfile.Files(ctx, host, reposDir) {
				if strings.HasSuffix(file, ".repo") {
					files = append(files, file)
				}
			}
		}
	}
	return nil
}

// parseYumConfig reads sections of name=value lines; lines that begin with a blank go on with the value before. Each
// section but main is a repository.
func parseYumConfig(data []byte) (sources []yumSource, reposDir string) {
	section := ""
	var value *string
	for line := range strings.Lines(string(data)) {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case line[0] == ' ' || line[0] == '\t':
			if value != nil {
				*value = strings.TrimSpace(*value + " " + mask.CommandLine(text))
			}
		case text[0] == '[':
			section, value = strings.Trim(text, "[]"), nil
			if section != "main" {
				sources = append(sources, yumSource{})
			}
		default:
			name, rest, _ := strings.Cut(text, "=")
			value = nil
			if section == "main" && strings.TrimSpace(name) == "reposdir" {
				value = &reposDir
			} else if section != "main" && len(sources) > 0 {
				value = sources[len(sources)-1].option(strings.TrimSpace(name))
			}
			if value != nil {
				*value = mask.CommandLine(strings.TrimSpace(rest))
			}
		}
	}
	return sources, reposDir
}

func (s *yumSource) option(name string) *string {
	switch name {
	case "name":
		return &s.Name
	case "baseurl":
		return &s.BaseURL
	case "mirrorlist":
		return &s.Mirrorlist
	case "metalink":
		return &s.Metalink
	case "enabled":
		return &s.Enabled
	case "gpgcheck":
		return &s.GPGCheck
	case "gpgkey":
		return &s.GPGKey
	}
	return nil
}
