// Package ioreg asks for macOS's registry of devices.
package ioreg

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

const command = "/usr/sbin/ioreg"

// Entry is one entry of a plane of the registry.
type Entry struct {
	Name    string
	Class   string
	ID      int64
	Parent  int64 // id of the entry above; 0 of the root
	Depth   int64
	Retain  int64
	Busy    int64
	Service bool   // a driver or device, which has states, not a plain entry
	Path    string // names from the root, each with a slash before it
}

// Plane lists the entries of a plane, IOService or IODeviceTree, in the order of the tree; none where the system does not
// run.
func Plane(ctx context.Context, host tables.Host, plane string) []Entry {
	out, err := host.Run(ctx, command, "-p", plane, "-w", "0")
	if err != nil {
		hostfile.Skipped(ctx, host, command, err)
		return nil
	}
	return parse(string(out))
}

// Objects gives the properties of all objects of a class.
func Objects(ctx context.Context, host tables.Host, class string) []plist.Dict {
	printed, _ := plist.Command(ctx, host, command, "-a", "-r", "-c", class, "-d", "1")
	return plist.Dicts(printed)
}

// Named gives the properties of the entries of a plane that have a name.
func Named(ctx context.Context, host tables.Host, plane, name string) []plist.Dict {
	printed, _ := plist.Command(ctx, host, command, "-a", "-r", "-p", plane, "-n", name, "-d", "1")
	return plist.Dicts(printed)
}

var line = lazyregexp.New(`^([ |]*)\+-o (.*?)  <class ([^,>]+), id (0x[0-9a-f]+)(.*)>\s*$`)

var (
	busy   = lazyregexp.New(`, busy (\d+)`)
	retain = lazyregexp.New(`, retain (\d+)`)
)

// parse reads lines such as
//
//	| +-o AppleARMPE  <class AppleARMPE, id 0x100000241, registered, matched, active, busy 0 (3 ms), retain 42>
func parse(text string) []Entry {
	var entries []Entry
	var above []Entry // the present entry of each depth
	for l := range strings.Lines(text) {
		m := line().FindStringSubmatch(l)
		if m == nil {
			continue
		}
		id, err := strconv.ParseInt(m[4], 0, 64)
		if err != nil {
			continue
		}
		depth := min(len(m[1])/2, len(above)) // a line that is further in than the tree goes belongs to its end
		e := Entry{Name: m[2], Class: m[3], ID: id, Depth: int64(depth), Busy: number(busy(), m[5]), Retain: number(retain(), m[5])}
		e.Service = strings.Contains(m[5], "registered") || strings.Contains(m[5], "active")
		if depth > 0 {
			e.Parent, e.Path = above[depth-1].ID, above[depth-1].Path+"/"+e.Name
		}
		above = append(above[:depth], e)
		entries = append(entries, e)
	}
	return entries
}

func number(pattern *regexp.Regexp, text string) int64 {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
