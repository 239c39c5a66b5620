// Command engine compares the SQL engine with the stock modernc driver and its vtab package over the same rows, by the
// CPU time of the process, garbage collection included.
//
//	go run ./scripts/bench/engine [-rounds 3] [-only NAME] [-cpuprofile FILE]
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"text/tabwriter"
	"time"
)

// subject is one way of answering SQL.
type subject interface {
	// query runs a statement and reads every value of its result.
	query(sql string) (rows int, err error)
	close() error
}

type workload struct {
	name  string
	sql   string // "" for opening
	times int    // in one measurement
}

var workloads = []workload{
	{"count(*)", "SELECT count(*) FROM t", 50},
	{"SELECT *", "SELECT * FROM t", 2},
	{"2 columns, filter, LIKE", "SELECT i0, s0 FROM t WHERE i1 > 50 AND s1 LIKE '%a7%'", 4},
	{"GROUP BY text", "SELECT s2, count(*), sum(i2) FROM t GROUP BY s2", 2},
	{"ORDER BY text LIMIT 100", "SELECT s3, i3 FROM t ORDER BY s3 LIMIT 100", 4},
	{"join, 1,000 inner calls", "SELECT f.path, h.digest FROM files f JOIN hashes h ON h.path = f.path", 500},
	{"open, 150 tables", "", 50},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	rounds := flag.Int("rounds", 3, "measurements of each; the median is shown")
	only := flag.String("only", "", "run the one workload of this name")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the engine's part to a file")
	flag.Parse()

	ours, err := newOurs()
	if err != nil {
		return err
	}
	stock, err := newStock()
	if err != nil {
		return err
	}
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "query\tstock ms\tengine ms\tratio\t")
	for _, w := range workloads {
		if *only != "" && *only != w.name {
			continue
		}
		var oursTimes, stockTimes []time.Duration
		for range *rounds {
			a, rowsOurs, err := measure(w, ours, openOurs)
			if err != nil {
				return fmt.Errorf("%s: engine: %w", w.name, err)
			}
			oursTimes = append(oursTimes, a)
			if *profile != "" {
				continue
			}
			b, rowsStock, err := measure(w, stock, openStock)
			if err != nil {
				return fmt.Errorf("%s: stock: %w", w.name, err)
			}
			if rowsOurs != rowsStock {
				return fmt.Errorf("%s: the engine gives %d rows, the stock driver %d", w.name, rowsOurs, rowsStock)
			}
			stockTimes = append(stockTimes, b)
		}
		a, b := median(oursTimes), median(stockTimes)
		fmt.Fprintf(out, "%s\t%.3f\t%.3f\t%.2f\t\n", w.name, ms(b), ms(a), float64(a)/float64(max(b, 1)))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := ours.close(); err != nil {
		return err
	}
	return stock.close()
}

// measure gives the CPU time of one run of a workload, after one that does not count.
func measure(w workload, s subject, open func() (subject, error)) (each time.Duration, rows int, err error) {
	once := func() (int, error) {
		if w.sql != "" {
			return s.query(w.sql)
		}
		fresh, err := open()
		if err != nil {
			return 0, err
		}
		rows, err := fresh.query("SELECT count(*) FROM small_7")
		if err != nil {
			return 0, err
		}
		return rows, fresh.close()
	}
	if _, err := once(); err != nil {
		return 0, 0, err
	}
	runtime.GC()
	before := processCPU()
	for range w.times {
		if rows, err = once(); err != nil {
			return 0, 0, err
		}
	}
	return (processCPU() - before) / time.Duration(w.times), rows, nil
}

func median(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
