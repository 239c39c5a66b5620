package network

import "github.com/tenantra/tenantra/tables"

// prometheusMetric is one figure of a target.
type prometheusMetric struct {
	TargetName  string  `col:"target_name" doc:"Address of the target."`
	MetricName  string  `col:"metric_name" doc:"Name of the figure with its labels."`
	MetricValue float64 `col:"metric_value" doc:"The figure."`
	TimestampMS int64   `col:"timestamp_ms" doc:"When it was read, in Unix milliseconds."`
}

// PrometheusMetrics has osquery's schema, so that packs that name it compile. osquery reads the targets of a section of its
// own configuration, which this product has not, so no build has a generator.
var PrometheusMetrics = tables.DefineByPlatform(tables.Spec{
	Name: "prometheus_metrics", Doc: "Figures of configured Prometheus targets.",
	Category: tables.Network, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Network: true,
	Examples: []string{"SELECT target_name, metric_value FROM prometheus_metrics WHERE metric_name = 'up'"},
}, tables.Generators[prometheusMetric]{})
