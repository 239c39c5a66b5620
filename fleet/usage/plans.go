package usage

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/queries/document"
)

// Plans are the limits of each plan, of a tenant itself without those below it. A meter that is absent has none.
type Plans map[access.Tier]map[Meter]int64

// DefaultPlans are the limits of an installation that sets none.
func DefaultPlans() Plans {
	return Plans{
		access.Free:       {Agents: 25, LiveQueries: 100, Scans: 20, Rows: 1_000_000, Bytes: 1 << 30},
		access.Basic:      {Agents: 250, LiveQueries: 1_000, Scans: 200, Rows: 10_000_000, Bytes: 10 << 30},
		access.Pro:        {Agents: 5_000, LiveQueries: 10_000, Scans: 2_000, Rows: 500_000_000, Bytes: 500 << 30},
		access.Enterprise: {},
	}
}

// PlansMax is how many bytes a file of plans may have.
const PlansMax = 64 << 10

// unlimited is what a file of plans says for a meter that has no limit.
const unlimited = "none"

// ParsePlans reads the limits that an installation sets, as YAML: a map of plans, each a map of meters to whole numbers or none.
// What it does not name stays as in DefaultPlans. Its error joins every mistake found, each a *document.Error.
func ParsePlans(file string, text []byte) (Plans, error) {
	if len(text) > PlansMax {
		return nil, fmt.Errorf("%s: a file of plans has at most %d bytes", file, PlansMax)
	}
	var told map[string]map[string]any
	d, err := document.Decode(file, text, &told)
	if err != nil {
		return nil, err
	}
	plans := DefaultPlans()
	var mistakes []error
	for _, plan := range slices.Sorted(maps.Keys(told)) {
		limits, ok := plans[access.Tier(plan)]
		if !ok {
			mistakes = append(mistakes, d.ErrorAt("there is no plan "+plan+": take free, basic, pro or enterprise", ":"+plan))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(told[plan])) {
			meter := Meter(name)
			if !slices.ContainsFunc(meters, func(m nature) bool { return m.meter == meter }) {
				mistakes = append(mistakes, d.ErrorAt("there is no meter "+name+": take "+meterNames(), plan, ":"+name))
				continue
			}
			most, none, ok := limitOf(told[plan][name])
			switch {
			case !ok:
				mistakes = append(mistakes, d.ErrorAt("a limit is a whole number from 0 on, or "+unlimited, plan, name))
			case none:
				delete(limits, meter)
			default:
				limits[meter] = most
			}
		}
	}
	return plans, errors.Join(mistakes...)
}

// limitOf reads a limit as YAML gives it.
func limitOf(value any) (most int64, none, ok bool) {
	switch v := value.(type) {
	case uint64:
		return int64(v), false, v <= math.MaxInt64 // #nosec G115 -- used only where it fits
	case string:
		return 0, true, v == unlimited
	default:
		return 0, false, false
	}
}

func meterNames() string {
	names := make([]string, len(meters))
	for i, m := range meters {
		names[i] = string(m.meter)
	}
	return strings.Join(names, ", ")
}

// limit gives the limit of a plan, nil for none.
func (p Plans) limit(plan access.Tier, meter Meter) *int64 {
	if most, ok := p[plan][meter]; ok {
		return &most
	}
	return nil
}
