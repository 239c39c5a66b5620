// Package risk answers how great the risk is, from 0 to 100, of an asset, a tenant or the installation, and why. Points come
// from findings that are open: by severity, by kind, by whether what is wrong can be reached from the network, and by how
// much the asset matters. Every point is a finding's. Weights are a tenant's own and have versions.
package risk

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/findings"
)

// Weights say how much counts how much.
type Weights struct {
	Severity   map[string]float64 `json:"severity"`   // points of a finding
	Kinds      map[string]float64 `json:"kinds"`      // factor of its kind; 1 where it is not named
	Reachable  float64            `json:"reachable"`  // factor where what is wrong can be reached from the network
	Local      float64            `json:"local"`      // factor where it can be reached from the machine alone
	Importance []float64          `json:"importance"` // factors of assets of importance 1 to 5; 3 where nobody has said
	Scale      float64            `json:"scale"`      // points that make a score of 63
}

// Default are the product's own weights, version 0.
func Default() Weights {
	return Weights{
		Severity: map[string]float64{"low": 1, "medium": 3, "high": 8, "critical": 20}, Kinds: map[string]float64{"drift": 0.7, "rule_error": 0.2, "drift_policy_error": 0.2},
		Reachable: 1.5, Local: 0.5, Importance: []float64{0.5, 0.8, 1, 1.4, 2}, Scale: 40,
	}
}

// validate checks weights that a person wrote.
func (w *Weights) validate() error {
	wrong := func(field, format string, args ...any) error {
		return fault.Field(fault.Invalid, "body.weights."+field, format, args...)
	}
	in := func(f, low, high float64) bool { return !math.IsNaN(f) && f >= low && f <= high }
	if !slices.Equal(slices.Sorted(maps.Keys(w.Severity)), []string{"critical", "high", "low", "medium"}) {
		return wrong("severity", "give low, medium, high and critical")
	}
	s := w.Severity
	if !in(s["low"], 0, 1000) || !in(s["critical"], 0, 1000) || s["low"] > s["medium"] || s["medium"] > s["high"] || s["high"] > s["critical"] || s["critical"] == 0 {
		return wrong("severity", "points are 0 to 1000, and a worse severity has no fewer")
	}
	if len(w.Kinds) > 50 {
		return wrong("kinds", "at most 50 kinds")
	}
	for kind, factor := range w.Kinds {
		if kind == "" || len(kind) > 64 || !in(factor, 0, 100) {
			return wrong("kinds", "a kind's factor is 0 to 100")
		}
	}
	if !in(w.Reachable, 1, 10) || !in(w.Local, 0, 1) {
		return wrong("reachable", "reachable is 1 to 10, local 0 to 1")
	}
	if len(w.Importance) != 5 || !slices.IsSorted(w.Importance) || !in(w.Importance[0], 0, 100) || !in(w.Importance[4], 0.01, 100) {
		return wrong("importance", "importance is five factors from 0 to 100 that do not fall")
	}
	if !in(w.Scale, 1, 10_000) {
		return wrong("scale", "scale is 1 to 10000")
	}
	return nil
}

// Exposure says from where what a finding is about can be reached.
type Exposure string

// The exposures.
const (
	Unknown   Exposure = ""          // the finding names no port
	Reachable Exposure = "reachable" // it listens on an address that others can reach
	Local     Exposure = "local"     // it listens for its own machine alone
)

// exposureOf reads a finding's evidence: rows with a port, and the address that it is open on.
func exposureOf(evidence string) Exposure {
	if evidence == "" {
		return Unknown
	}
	var e struct {
		Columns []string            `json:"columns"`
		Rows    [][]json.RawMessage `json:"rows"`
	}
	if json.Unmarshal([]byte(evidence), &e) != nil {
		return Unknown
	}
	at := slices.Index(e.Columns, "address")
	if !slices.Contains(e.Columns, "port") || at < 0 || len(e.Rows) == 0 {
		return Unknown
	}
	for _, row := range e.Rows {
		var address string
		if at >= len(row) || json.Unmarshal(row[at], &address) != nil {
			return Unknown
		}
		ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
		if err != nil || !ip.Unmap().IsLoopback() {
			return Reachable // an address that is not understood is taken for the worse
		}
	}
	return Local
}

// points of one finding on an asset.
func (w *Weights) points(kind string, severity findings.Severity, exposure Exposure, importance int) float64 {
	p := w.Severity[severity.String()]
	if factor, ok := w.Kinds[kind]; ok {
		p *= factor
	}
	switch exposure {
	case Reachable:
		p *= w.Reachable
	case Local:
		p *= w.Local
	}
	return p * w.Importance[importance-1]
}

// score of an asset with so many points: it grows with each finding, and never gets to 100.
func (w *Weights) score(points float64) float64 {
	return 100 * (1 - math.Exp(-points/w.Scale))
}

// together is the score of several assets: a mean in which high scores count more, so that one bad machine among many good
// ones shows.
func together(scores []float64) float64 {
	if len(scores) == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range scores {
		sum += s * s
	}
	return math.Sqrt(sum / float64(len(scores)))
}

// Reason is what a finding adds to an asset's score.
type Reason struct {
	Finding  findings.Finding
	Exposure Exposure
	Points   float64 // by the weights
	Share    float64 // of the score; the shares of all reasons make the score
	Text     string  // how the points come about
}

// explain says how a finding's points come about.
func (w *Weights) explain(kind string, severity findings.Severity, exposure Exposure, importance int) string {
	text := fmt.Sprintf("%s: %g", severity, w.Severity[severity.String()])
	if factor, ok := w.Kinds[kind]; ok {
		text += fmt.Sprintf(" × %g (%s)", factor, kind)
	}
	switch exposure {
	case Reachable:
		text += fmt.Sprintf(" × %g (reachable from the network)", w.Reachable)
	case Local:
		text += fmt.Sprintf(" × %g (reachable from the machine alone)", w.Local)
	}
	return text + fmt.Sprintf(" × %g (importance %d)", w.Importance[importance-1], importance)
}
