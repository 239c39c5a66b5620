// Package processes tells what processes cost that a benchmark runs.
package processes

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of CPU times in /proc: a hundredth of a second on every Linux of the last decades.
const tick = time.Second / 100

// CPU is the CPU time of a process and of all that descend from it, those that have ended included. From proc_pid_stat(5).
func CPU(root int) time.Duration {
	parents, times := map[int]int{}, map[int]time.Duration{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		end := bytes.LastIndexByte(text, ')') // the name before it may hold anything
		if err != nil || end < 0 {
			continue // ended meanwhile
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		fields := bytes.Fields(text[end+1:])
		if err != nil || len(fields) < 15 {
			continue
		}
		number := func(i int) int {
			n, _ := strconv.Atoi(string(fields[i]))
			return n
		}
		parents[pid] = number(1)
		times[pid] = time.Duration(number(11)+number(12)+number(13)+number(14)) * tick
	}
	var sum time.Duration
	for pid, spent := range times {
		for above := pid; above > 1; above = parents[above] {
			if above == root {
				sum += spent
				break
			}
		}
	}
	return sum
}
