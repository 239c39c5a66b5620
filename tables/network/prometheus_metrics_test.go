package network

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// targetSelf is an agent whose policy file names targets.
type targetSelf struct {
	host.NoSelf
	targets []string
}

func (s targetSelf) PrometheusTargets(context.Context) ([]string, error) { return s.targets, nil }

func TestPrometheusMetrics(t *testing.T) {
	t.Parallel()
	if !PrometheusMetrics.Available() {
		t.Skip("not a table of this system")
	}
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Add(1)
		fmt.Fprintln(w, "secret 1")
	}))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "# HELP up Whether it runs.\n# TYPE up gauge\nup 1\nrequests_total{path=\"/a } b\",code=\"200\"} 1027 1395066363000\nlow -Inf\nnot a figure\n")
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "up 1", http.StatusInternalServerError) })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "first 1\nlong{a=%q} 1\nlast 2\n", strings.Repeat("x", targetLineMax))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	h, err := host.New("", nil, targetSelf{targets: []string{server.URL + "/moved", server.URL + "/broken", "http://127.0.0.1:1/", server.URL + "/long", server.URL + "/metrics"}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), PrometheusMetrics, h, tabletest.Query(PrometheusMetrics, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		if row["timestamp_ms"].(int64) <= 0 {
			t.Errorf("no time: %v", row)
		}
		got = append(got, fmt.Sprint(strings.TrimPrefix(row["target_name"].(string), server.URL), " ", row["metric_name"], " ", row["metric_value"]))
	}
	want := []string{"/long first 1", "/metrics up 1", `/metrics requests_total{path="/a } b",code="200"} 1027`, "/metrics low -Inf"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
	if elsewhere.Load() != 0 {
		t.Error("a redirect was followed to where nobody configured")
	}
}

// TestPrometheusMetricsOfAnImage holds that targets are of a system that runs.
func TestPrometheusMetricsOfAnImage(t *testing.T) {
	t.Parallel()
	h, err := host.NewImage(t.TempDir(), tables.Linux, nil, targetSelf{targets: []string{"http://127.0.0.1:1/"}})
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := tabletest.Rows(t.Context(), PrometheusMetrics, h, tabletest.Query(PrometheusMetrics, nil, nil)); len(rows) != 0 || err != nil {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestParseMetric(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, name string
		value      float64
		ok         bool
	}{
		{"up 1", "up", 1, true},
		{"  up\t0.5 1395066363000", "up", 0.5, true},
		{`a{b="c\"}d"} 2`, `a{b="c\"}d"}`, 2, true},
		{`a {b="c"} 2`, `a {b="c"}`, 2, true},
		{"a{} +Inf", "a{}", math.Inf(1), true},
		{"a 1 # {trace=\"x\"} 1", "a", 1, true},
		{"# up 1", "", 0, false}, {"", "", 0, false}, {"up", "", 0, false}, {"up x", "", 0, false}, {`a{b="c 1`, "", 0, false}, {"{} 1", "{}", 1, true}, {`a{b="c"}`, "", 0, false},
	} {
		name, value, ok := parseMetric(c.line)
		if name != c.name || value != c.value || ok != c.ok {
			t.Errorf("%q: got %q %v %v", c.line, name, value, ok)
		}
	}
}

func FuzzParseMetric(f *testing.F) {
	f.Add(`http_requests_total{method="post"} 1027 1395066363000`)
	f.Add(`a{b="\\`)
	f.Fuzz(func(t *testing.T, line string) {
		if name, _, ok := parseMetric(line); ok && (name == "" || !strings.Contains(line, name)) {
			t.Errorf("%q has the name %q", line, name)
		}
	})
}
