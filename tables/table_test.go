package tables_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
)

func TestTableIsAvailableOnItsPlatformsOnly(t *testing.T) {
	t.Parallel()
	type row struct {
		Name string `col:"name" doc:"A name."`
	}
	generate := func(context.Context, tables.Host, *tables.Query, func(*row) error) error { return nil }
	everywhere := tables.Define[row](tables.Spec{Name: "everywhere", Platforms: tables.AllPlatforms}, generate)
	if !everywhere.Available() {
		t.Error("a table of all platforms is not available")
	}
	nowhere := tables.Define[row](tables.Spec{Name: "nowhere"}, generate)
	if nowhere.Available() {
		t.Error("a table of no platform is available")
	}
	if err := nowhere.Generate(t.Context(), nil, nil, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("asking it gives %v", err)
	}
	if unbuilt := tables.Define[row](tables.Spec{Name: "unbuilt", Platforms: tables.AllPlatforms}, nil); unbuilt.Available() {
		t.Error("a table without a generator is available")
	}
}

// TestGeneratorFollowsTheScannedSystem scans images of systems that this build does not run on.
func TestGeneratorFollowsTheScannedSystem(t *testing.T) {
	t.Parallel()
	type row struct {
		Source string `col:"source" doc:"Which generator answered."`
	}
	say := func(source string) tables.Generator[row] {
		return func(_ context.Context, _ tables.Host, _ *tables.Query, emit func(*row) error) error {
			return emit(&row{Source: source})
		}
	}
	byPlatform := tables.DefineByPlatform(tables.Spec{Name: "by_platform", Platforms: tables.AllPlatforms},
		tables.Generators[row]{Linux: say("linux"), Windows: say("windows")})
	portable := tables.Define(tables.Spec{Name: "portable", Platforms: tables.Darwin | tables.Windows, Portable: true}, say("portable"))
	for _, c := range []struct {
		table    *tables.Table
		platform tables.Platforms
		want     string // "" where the table has no source
	}{
		{byPlatform, tables.Linux, "linux"},
		{byPlatform, tables.Windows, "windows"},
		{byPlatform, tables.Darwin, ""},
		{portable, tables.Linux, ""},
		{portable, tables.Darwin, "portable"},
		{portable, tables.Windows, "portable"},
	} {
		if got := c.table.AvailableOn(c.platform); got != (c.want != "") {
			t.Errorf("%s on %s: available is %v", c.table.Name, c.platform, got)
		}
		image, err := host.NewImage(t.TempDir(), c.platform, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = c.table.Generate(t.Context(), image, nil, func(r any) error { got = r.(*row).Source; return nil })
		if got != c.want || (c.want == "") != errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s on %s: %q, %v; want %q", c.table.Name, c.platform, got, err, c.want)
		}
	}
}
