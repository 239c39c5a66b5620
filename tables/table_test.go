package tables_test

import (
	"context"
	"errors"
	"testing"

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
