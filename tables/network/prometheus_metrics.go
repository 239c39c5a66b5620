package network

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// prometheusMetric is one figure of a target.
type prometheusMetric struct {
	TargetName  string  `col:"target_name" doc:"Address of the target."`
	MetricName  string  `col:"metric_name" doc:"Name of the figure with its labels."`
	MetricValue float64 `col:"metric_value" doc:"The figure; NULL where it is no number."`
	TimestampMS int64   `col:"timestamp_ms" doc:"When it was read, in Unix milliseconds."`
}

// PrometheusMetrics has a row for each figure that the targets show. Targets are what the endpoint's administrator names in the policy
// file under prometheus_targets, and nothing else: no statement and no fleet can have the agent ask another address, and no redirect is
// followed to one. A target that does not answer is left out.
// Source: the text format of Prometheus, by HTTP.
var PrometheusMetrics = tables.DefineByPlatform(tables.Spec{
	Name: "prometheus_metrics", Doc: "Figures of the Prometheus targets that the endpoint's policy file names.",
	Category: tables.Network, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Network: true,
	Examples: []string{"SELECT target_name, metric_value FROM prometheus_metrics WHERE metric_name = 'up'"},
}, tables.Generators[prometheusMetric]{Linux: generatePrometheusMetrics, Darwin: generatePrometheusMetrics})

const (
	targetTime    = 10 * time.Second
	targetBodyMax = 16 << 20 // after decompression
	targetLineMax = 256 << 10
)

func generatePrometheusMetrics(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*prometheusMetric) error) error {
	if !host.Running() {
		return nil
	}
	targets, err := host.Self().PrometheusTargets(ctx)
	if err != nil {
		return err
	}
	client := &http.Client{
		Timeout:       targetTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10, Proxy: nil},
	}
	defer client.CloseIdleConnections()
	for _, target := range targets {
		var stopped error // by the statement, not by the target
		err := readTarget(ctx, client, target, func(name string, value float64) error {
			stopped = emit(&prometheusMetric{TargetName: target, MetricName: name, MetricValue: value, TimestampMS: host.Now().UnixMilli()})
			return stopped
		})
		if stopped != nil {
			return stopped
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			hostfile.Skipped(ctx, host, target, err)
		}
	}
	return nil
}

// readTarget asks a target and gives each figure of its answer.
func readTarget(ctx context.Context, client *http.Client, target string, each func(name string, value float64) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/plain; version=0.0.4")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the target answers %s", response.Status)
	}
	lines := bufio.NewScanner(io.LimitReader(response.Body, targetBodyMax))
	lines.Buffer(nil, targetLineMax)
	for lines.Scan() {
		name, value, ok := parseMetric(lines.Text())
		if !ok {
			continue
		}
		if err := each(name, value); err != nil {
			return err
		}
	}
	return lines.Err()
}

// parseMetric reads one line of the text format:
//
//	http_requests_total{method="post",path="/a b"} 1027 1395066363000
//
// ok is false for comments, empty lines and what is no such line.
func parseMetric(line string) (name string, value float64, ok bool) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", 0, false
	}
	end := metricNameEnd(line)
	if end <= 0 {
		return "", 0, false
	}
	fields := strings.Fields(line[end:])
	if len(fields) == 0 {
		return "", 0, false
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return "", 0, false
	}
	return strings.TrimSpace(line[:end]), value, true
}

// metricNameEnd finds where the name and its labels end: a brace or blank in the quoted value of a label is part of it.
func metricNameEnd(line string) int {
	inLabels, inQuotes := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case inQuotes && c == '\\':
			i++ // what follows is meant as it stands
		case c == '"' && inLabels:
			inQuotes = !inQuotes
		case inQuotes:
		case c == '{' && !inLabels:
			inLabels = true
		case c == '}' && inLabels:
			return i + 1
		case (c == ' ' || c == '\t') && !inLabels:
			if rest := strings.TrimLeft(line[i:], " \t"); strings.HasPrefix(rest, "{") {
				continue
			}
			return i
		}
	}
	return -1
}
