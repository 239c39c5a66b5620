package software

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// chocolateyPackage is one package that Chocolatey installed.
type chocolateyPackage struct {
	Name    string `col:"name" doc:"Identifier of the package."`
	Version string `col:"version" collate:"VERSION" doc:"Version."`
	Summary string `col:"summary" doc:"What it is."`
	Author  string `col:"author" doc:"Who made it."`
	License string `col:"license" doc:"Address of its licence."`
	Path    string `col:"path" doc:"Its .nuspec file."`
}

// ChocolateyPackages has a row for each package.
// Source: the .nuspec files below ProgramData\chocolatey\lib.
var ChocolateyPackages = tables.Define[chocolateyPackage](tables.Spec{
	Name: "chocolatey_packages", Doc: "Packages installed by Chocolatey.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT name, version FROM chocolatey_packages"},
}, generateChocolateyPackages)

const chocolateyLibrary = `C:\ProgramData\chocolatey\lib`

func generateChocolateyPackages(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*chocolateyPackage) error) error {
	files, err := host.Glob(chocolateyLibrary + `\*\*.nuspec`)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		row, err := parseNuspec(data)
		if err != nil {
			hostfile.Skipped(ctx, host, file, err)
			continue
		}
		row.Path = file
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

const nuspecMax = 1 << 20

// parseNuspec reads the description of a NuGet package.
func parseNuspec(data []byte) (chocolateyPackage, error) {
	if len(data) > nuspecMax {
		return chocolateyPackage{}, errors.New("larger than 1 MiB")
	}
	var spec struct {
		Metadata struct {
			ID         string `xml:"id"`
			Version    string `xml:"version"`
			Summary    string `xml:"summary"`
			Authors    string `xml:"authors"`
			LicenseURL string `xml:"licenseUrl"`
			License    string `xml:"license"`
		} `xml:"metadata"`
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))))
	d.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	if err := d.Decode(&spec); err != nil {
		return chocolateyPackage{}, fmt.Errorf("parse nuspec: %w", err)
	}
	m := spec.Metadata
	if m.ID == "" {
		return chocolateyPackage{}, errors.New("a package without an id")
	}
	row := chocolateyPackage{Name: m.ID, Version: m.Version, Summary: m.Summary, Author: m.Authors, License: m.LicenseURL}
	if row.License == "" {
		row.License = m.License
	}
	return row, nil
}
