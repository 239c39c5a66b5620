package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// mdPersonality is one kind of array that the kernel can run.
type mdPersonality struct {
	Name string `col:"name" doc:"Name of the kind: raid1, raid6, linear."`
}

// MDPersonalities has one row for each kind that is loaded.
// Source: /proc/mdstat; md(4).
var MDPersonalities = tables.Define[mdPersonality](tables.Spec{
	Name: "md_personalities", Doc: "Kinds of software RAID that the running kernel has loaded.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT name FROM md_personalities"},
}, generateMDPersonalities)

func generateMDPersonalities(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*mdPersonality) error) error {
	status, err := readMD(ctx, host)
	if err != nil {
		return err
	}
	for _, name := range status.personalities {
		if err := emit(&mdPersonality{Name: name}); err != nil {
			return err
		}
	}
	return nil
}
