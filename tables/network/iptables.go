package network

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// iptablesRule is one rule of a chain, or the chain itself with its policy.
type iptablesRule struct {
	Filter       string              `col:"filter_name" doc:"Table of rules: filter, nat, mangle, raw, security."`
	Chain        string              `col:"chain" doc:"Chain of rules."`
	Policy       string              `col:"policy" doc:"What happens at the end of the chain; empty for chains of one's own."`
	Target       tables.Null[string] `col:"target" doc:"What is done with a packet that matches; NULL in the row of a chain."`
	Protocol     tables.Value        `col:"protocol" type:"INTEGER" doc:"Protocol; 0 for all, ! before it for all others."`
	SrcPort      tables.Null[string] `col:"src_port" doc:"First and last port that it comes from, of tcp and udp matches."`
	DstPort      tables.Null[string] `col:"dst_port" doc:"First and last port that it goes to, of tcp and udp matches."`
	SrcIP        tables.Null[string] `col:"src_ip" doc:"Address that it comes from, ! before it for all others."`
	SrcMask      tables.Null[string] `col:"src_mask" doc:"Network mask of that address."`
	InIface      tables.Null[string] `col:"iniface" doc:"Interface that it comes by; all for any."`
	InIfaceMask  tables.Null[string] `col:"iniface_mask" doc:"Bytes of that name that count, in hexadecimal."`
	DstIP        tables.Null[string] `col:"dst_ip" doc:"Address that it goes to, ! before it for all others."`
	DstMask      tables.Null[string] `col:"dst_mask" doc:"Network mask of that address."`
	OutIface     tables.Null[string] `col:"outiface" doc:"Interface that it goes by; all for any."`
	OutIfaceMask tables.Null[string] `col:"outiface_mask" doc:"Bytes of that name that count, in hexadecimal."`
	Match        tables.Null[string] `col:"match" doc:"yes where there are further conditions, else no."`
	Packets      int64               `col:"packets" type:"INTEGER" doc:"Packets that matched, or met the policy."`
	Bytes        int64               `col:"bytes" type:"INTEGER" doc:"Bytes that matched, or met the policy."`
}

// Iptables has one row for each IPv4 rule and one for each chain, in the agent's network namespace. Rules made for nftables
// are not among them. It is empty for a system at rest.
// Source: getsockopt(2) with IPT_SO_GET_ENTRIES, for the tables in /proc/net/ip_tables_names.
var Iptables = tables.Define[iptablesRule](tables.Spec{
	Name: "iptables", Doc: "Rules of the IPv4 packet filter.",
	Category: tables.Network, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{
		"SELECT chain, policy FROM iptables WHERE filter_name = 'filter' AND target IS NULL",
		"SELECT chain, target, src_ip, dst_port FROM iptables WHERE target IS NOT NULL",
	},
}, generateIptables)

// The layout of linux/netfilter_ipv4/ip_tables.h on 64-bit systems.
const (
	iptInfoSize    = 84  // struct ipt_getinfo
	iptEntrySize   = 112 // struct ipt_entry without matches and target
	iptMatchSize   = 32  // struct xt_entry_match without its data, and xt_entry_target likewise
	iptNameSize    = 32
	iptHooks       = 5
	iptHookEntries = 36 // of ipt_getinfo: valid_hooks, hook_entry[5], underflow[5], num_entries, size
	iptUnderflows  = 56
)

var iptHookNames = [iptHooks]string{"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}

var errIptables = errors.New("parse iptables: an entry lies outside the table")

// iptChain is a run of entries.
type iptChain struct {
	name       string
	start, end int // offsets of the first rule and of the entry that holds the policy or returns
	policy     bool
}

// parseIptables gives the rows of a table: info is its struct ipt_getinfo and entries what follows the heading of a struct
// ipt_get_entries.
func parseIptables(filter string, info, entries []byte) ([]iptablesRule, error) {
	if len(info) < iptInfoSize {
		return nil, errIptables
	}
	chains, err := iptChains(info, entries)
	if err != nil {
		return nil, err
	}
	names := map[int]string{}
	for _, c := range chains {
		names[c.start] = c.name
	}
	var rows []iptablesRule
	for _, c := range chains {
		last, ok := iptEntryAt(entries, c.end)
		if !ok {
			return nil, errIptables
		}
		row := iptablesRule{Filter: filter, Chain: c.name}
		if c.policy {
			row.Policy = iptVerdict(last.target(), 0, names)
			row.Packets, row.Bytes = last.counters()
		}
		for at := c.start; at < c.end; {
			e, ok := iptEntryAt(entries, at)
			if !ok {
				return nil, errIptables
			}
			rule := row
			e.fill(&rule, names)
			rows = append(rows, rule)
			at = e.next()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// iptChains finds the chains: those of hooks by the offsets in info, others by the error entries that head them.
func iptChains(info, entries []byte) ([]iptChain, error) {
	var chains []iptChain
	valid := binary.NativeEndian.Uint32(info[iptNameSize:])
	for hook, name := range iptHookNames {
		if valid&(1<<hook) == 0 {
			continue
		}
		start := int(binary.NativeEndian.Uint32(info[iptHookEntries+4*hook:]))
		end := int(binary.NativeEndian.Uint32(info[iptUnderflows+4*hook:]))
		chains = append(chains, iptChain{name: name, start: start, end: end, policy: true})
	}
	own, previous := -1, 0 // index of the open chain of one's own, and the entry before
	for at := 0; at < len(entries); {
		e, ok := iptEntryAt(entries, at)
		if !ok {
			return nil, errIptables
		}
		if target := e.target(); iptName(target) == "ERROR" {
			if own >= 0 {
				chains[own].end = previous
			}
			own = -1
			if name := iptText(target[iptMatchSize:]); e.next() < len(entries) { // the last entry only ends the table
				own = len(chains)
				chains = append(chains, iptChain{name: name, start: e.next(), end: e.next()})
			}
		}
		previous, at = at, e.next()
	}
	return chains, nil
}

// iptEntry is one entry with its matches and target.
type iptEntry struct {
	at           int
	data         []byte
	targetOffset int
}

// iptEntryAt reads an entry; it is false where it is not wholly inside.
func iptEntryAt(entries []byte, at int) (iptEntry, bool) {
	if at < 0 || at+iptEntrySize > len(entries) {
		return iptEntry{}, false
	}
	data := entries[at:]
	target, next := int(binary.NativeEndian.Uint16(data[88:])), int(binary.NativeEndian.Uint16(data[90:]))
	if target < iptEntrySize || target+iptMatchSize > next || next > len(data) {
		return iptEntry{}, false
	}
	return iptEntry{at: at, data: data[:next], targetOffset: target}, true
}

func (e iptEntry) next() int      { return e.at + len(e.data) }
func (e iptEntry) target() []byte { return e.data[e.targetOffset:] }

func (e iptEntry) counters() (packets, bytes int64) {
	return int64(binary.NativeEndian.Uint64(e.data[96:])), int64(binary.NativeEndian.Uint64(e.data[104:]))
}

// fill fills in what the entry says of packets.
func (e iptEntry) fill(r *iptablesRule, names map[int]string) {
	const inverseIn, inverseOut, inverseSource, inverseDestination, inverseProtocol = 0x01, 0x02, 0x08, 0x10, 0x40
	inverse := e.data[83]
	not := func(bit byte, text string) string {
		if inverse&bit != 0 {
			return "!" + text
		}
		return text
	}
	protocol := int64(binary.NativeEndian.Uint16(e.data[80:]))
	r.Protocol = tables.Value{Kind: tables.ValueInt, Int: protocol}
	if inverse&inverseProtocol != 0 {
		r.Protocol = tables.Value{Kind: tables.ValueText, Text: "!" + strconv.FormatInt(protocol, 10)}
	}
	address := func(at int) string { return netip.AddrFrom4([4]byte(e.data[at : at+4])).String() }
	r.SrcIP, r.SrcMask = tables.Some(not(inverseSource, address(0))), tables.Some(address(8))
	r.DstIP, r.DstMask = tables.Some(not(inverseDestination, address(4))), tables.Some(address(12))
	iface := func(at int, bit byte) tables.Null[string] {
		name := iptText(e.data[at : at+16])
		if name == "" {
			return tables.Some("all")
		}
		return tables.Some(not(bit, name))
	}
	r.InIface, r.OutIface = iface(16, inverseIn), iface(32, inverseOut)
	r.InIfaceMask, r.OutIfaceMask = iptMask(e.data[48:64]), iptMask(e.data[64:80])
	r.Packets, r.Bytes = e.counters()
	r.Target = tables.Some(iptVerdict(e.target(), e.next(), names))
	e.fillMatches(r)
}

// fillMatches fills in the ports of tcp and udp conditions; others are only told to be there.
func (e iptEntry) fillMatches(r *iptablesRule) {
	r.Match = tables.Some("no")
	r.SrcPort, r.DstPort = tables.Some(""), tables.Some("")
	for rest := e.data[iptEntrySize:e.targetOffset]; len(rest) >= iptMatchSize; {
		size := int(binary.NativeEndian.Uint16(rest))
		if size < iptMatchSize || size > len(rest) {
			return
		}
		r.Match = tables.Some("yes")
		if name := iptName(rest); (name == "tcp" || name == "udp") && size >= iptMatchSize+8 {
			port := func(i int) uint16 { return binary.NativeEndian.Uint16(rest[iptMatchSize+2*i:]) }
			r.SrcPort = tables.Some(fmt.Sprintf("%d:%d", port(0), port(1)))
			r.DstPort = tables.Some(fmt.Sprintf("%d:%d", port(2), port(3)))
		}
		rest = rest[size:]
	}
}

// iptVerdict names what a target does: its own name, a verdict, or the chain that it jumps to.
func iptVerdict(target []byte, next int, names map[int]string) string {
	name := iptName(target)
	if name != "" || len(target) < iptMatchSize+4 {
		return name
	}
	switch verdict := int(int32(binary.NativeEndian.Uint32(target[iptMatchSize:]))); {
	case verdict == -1:
		return "DROP"
	case verdict == -2:
		return "ACCEPT"
	case verdict == -4:
		return "QUEUE"
	case verdict == -5:
		return "RETURN"
	case verdict == next: // only counts
		return ""
	default:
		return names[verdict]
	}
}

// iptName gives the name of a match or target, which follows its size.
func iptName(data []byte) string { return iptText(data[2 : 2+29]) }

// iptText reads text that ends in NUL.
func iptText(data []byte) string {
	text, _, _ := strings.Cut(string(data), "\x00")
	return text
}

func iptMask(data []byte) tables.Null[string] {
	return tables.Some(strings.ToUpper(fmt.Sprintf("%x", iptText(data))))
}
