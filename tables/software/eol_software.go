package software

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/software/endoflife"
)

// eolSoftware is one thing that is installed whose makers have announced an end.
type eolSoftware struct {
	Name       string              `col:"name" doc:"Name of the package, or of the operating system."`
	Version    string              `col:"version" collate:"VERSION" doc:"Installed version."`
	Source     string              `col:"source" doc:"os for the operating system, else what installed it, as in installed_software."`
	Product    string              `col:"product" doc:"Product at endoflife.date."`
	Cycle      string              `col:"cycle" doc:"Cycle of releases that the version belongs to."`
	EndsOn     tables.Null[string] `col:"ends_on" doc:"Last day of support by the makers, YYYY-MM-DD; NULL where no day is announced."`
	EOL        int32               `col:"eol" doc:"1 where support has ended."`
	DaysLeft   tables.Null[int64]  `col:"days_left" doc:"Days until the end, negative after it; NULL where no day is announced."`
	Latest     string              `col:"latest" collate:"VERSION" doc:"Latest version of the cycle when the data were made."`
	Backported int32               `col:"backported" doc:"1 for packages of a distribution, which may go on mending what the makers have given up."`
}

// EOLSoftware has a row for the operating system and for each installed package that endoflife.date knows by its package URL.
// Source: installed_software and the data in tables/software/endoflife.
var EOLSoftware = tables.DefineByPlatform(tables.Spec{
	Name: "eol_software", Doc: "Installed software with the end of its makers' support.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT name, version, ends_on FROM eol_software WHERE eol = 1 AND backported = 0",
		"SELECT name, version, days_left FROM eol_software WHERE source = 'os'",
	},
}, tables.Generators[eolSoftware]{Linux: generateLinuxEOL, Darwin: generateDarwinEOL, Windows: generateWindowsEOL})

func generateLinuxEOL(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*eolSoftware) error) error {
	catalogue, err := endoflife.Load()
	if err != nil {
		return err
	}
	if id, version := distribution(host); id != "" {
		if product, ok := catalogue.Product(distributionProduct(id)); ok {
			if row, ok := describeEOL(product, version, host.Now()); ok {
				row.Name, row.Source = id, "os"
				if err := emit(&row); err != nil {
					return err
				}
			}
		}
	}
	return eolPackages(ctx, host, catalogue, generateLinuxSoftware, emit)
}

func generateDarwinEOL(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*eolSoftware) error) error {
	catalogue, err := endoflife.Load()
	if err != nil {
		return err
	}
	return eolPackages(ctx, host, catalogue, generateDarwinSoftware, emit)
}

func generateWindowsEOL(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*eolSoftware) error) error {
	catalogue, err := endoflife.Load()
	if err != nil {
		return err
	}
	return eolPackages(ctx, host, catalogue, generateWindowsSoftware, emit)
}

// distributionProduct gives a distribution's identifier at endoflife.date by that of os-release.
func distributionProduct(id string) string {
	if product, ok := map[string]string{
		"alpine": "alpine-linux", "ol": "oracle-linux", "amzn": "amazon-linux", "rocky": "rocky-linux", "sles": "sles", "opensuse-leap": "opensuse",
		"linuxmint": "linuxmint", "arch": "arch-linux",
	}[id]; ok {
		return product
	}
	return id
}

// eolPackages emits the packages that have a product.
func eolPackages(ctx context.Context, host tables.Host, c *endoflife.Catalogue, list tables.Generator[installedSoftware], emit func(*eolSoftware) error) error {
	return list(ctx, host, tables.NewQuery(InstalledSoftware, nil, nil, -1, nil), func(s *installedSoftware) error {
		if !s.Purl.Valid {
			return nil
		}
		product, ok := c.OfPackage(s.Purl.V)
		if !ok {
			return nil
		}
		row, ok := describeEOL(product, upstreamVersion(s.Version), host.Now())
		if !ok {
			return nil
		}
		row.Name, row.Version, row.Source = s.Name, s.Version, s.Source
		switch s.Source {
		case "deb", "rpm", "apk":
			row.Backported = 1
		}
		return emit(&row)
	})
}

// upstreamVersion takes an epoch off a distribution's version.
func upstreamVersion(version string) string {
	if epoch, rest, ok := strings.Cut(version, ":"); ok && strings.Trim(epoch, "0123456789") == "" {
		return rest
	}
	return version
}

func describeEOL(p *endoflife.Product, version string, now time.Time) (eolSoftware, bool) {
	release, ok := p.ReleaseOf(version)
	if !ok {
		return eolSoftware{}, false
	}
	row := eolSoftware{Version: version, Product: p.ID, Cycle: release.Cycle, Latest: release.Latest}
	if release.EOL.Over(now) {
		row.EOL = 1
	}
	if day := release.EOL.Day; !day.IsZero() {
		row.EndsOn = tables.Some(day.Format(time.DateOnly))
		row.DaysLeft = tables.Some(int64(day.Sub(now.Truncate(24*time.Hour)) / (24 * time.Hour)))
	}
	return row, true
}
