//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of CPU times in /proc: a hundredth of a second on every Linux of the last decades.
const tick = time.Second / 100

// cpuOf is the CPU time of a process and of all that descend from it, those that have ended included.
func cpuOf(root int) time.Duration {
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

// rssOf is the resident memory of a process in bytes.
func rssOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d tells no VmRSS", pid)
}

// raiseFiles allows this process and its children so many open files.
func raiseFiles(wanted uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	if limit.Cur >= wanted {
		return nil
	}
	if limit.Max < wanted {
		return fmt.Errorf("so many agents take %d open files, and %d are allowed: raise the limit (ulimit -Hn %d as root) or take fewer agents", wanted, limit.Max, wanted)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the limit of open files: %w", err)
	}
	return nil
}

// machine tells what the figures were taken on.
func machine() string {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	first, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%d processors, load %s at the start", runtime.NumCPU(), first)
}
