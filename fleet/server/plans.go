package server

import (
	"fmt"
	"io"
	"os"

	"github.com/tenantra/tenantra/fleet/usage"
)

// openPlans reads the limits of plans that an installation sets, the defaults for no file.
func openPlans(path string) (usage.Plans, error) {
	if path == "" {
		return usage.DefaultPlans(), nil
	}
	file, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, usage.PlansMax+1))
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	plans, err := usage.ParsePlans(path, text)
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	return plans, nil
}
