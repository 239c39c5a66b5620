package system

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// loadAverage is one averaging window of the run queue.
type loadAverage struct {
	Period  string `col:"period" doc:"Window: 1m, 5m or 15m."`
	Average string `col:"average" doc:"Mean count of runnable processes, a text with six decimals; CAST it to compare."`
}

// LoadAverage has three rows, one for each window.
// Source: /proc/loadavg on Linux, proc(5).
var LoadAverage = tables.DefineByPlatform(tables.Spec{
	Name: "load_average", Doc: "Mean length of the run queue over a window.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT period, average FROM load_average", "SELECT 1 FROM load_average WHERE period = '5m' AND CAST(average AS REAL) > 4"},
}, tables.Generators[loadAverage]{Darwin: generateDarwinLoadAverage}.OnBuild(generateLoadAverage))

// loadPeriods are the windows in the order of the kernel's numbers.
var loadPeriods = [...]string{"1m", "5m", "15m"}

// parseLoadAverage reads 0.20 0.18 0.12 1/80 11206.
func parseLoadAverage(text []byte) (averages [len(loadPeriods)]string, err error) {
	fields := strings.Fields(string(text))
	if len(fields) < len(averages) {
		return averages, errors.New("parse load average: too few numbers")
	}
	for i := range averages {
		average, err := strconv.ParseFloat(fields[i], 64)
		if err != nil || math.IsNaN(average) || math.IsInf(average, 0) {
			return averages, fmt.Errorf("parse load average: %q is no number", fields[i])
		}
		averages[i] = strconv.FormatFloat(average, 'f', 6, 64)
	}
	return averages, nil
}
