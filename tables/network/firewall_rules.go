package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// firewallRule is one rule of a packet filter, or a chain with its policy, in one shape for all filters.
type firewallRule struct {
	Backend     string             `col:"backend" doc:"Filter: nftables, iptables, ufw for its own files, windows, or alf for the application firewall of macOS."`
	Family      string             `col:"family" doc:"What it filters: ip, ip6, inet (both), arp, bridge, netdev."`
	Table       string             `col:"table_name" doc:"Table that the chain is in."`
	Chain       string             `col:"chain" doc:"Chain that the rule is in."`
	Hook        string             `col:"hook" doc:"Point at which packets enter the chain: input, forward, output; empty where other chains lead to it."`
	Policy      string             `col:"policy" doc:"What happens at the end of the chain: accept or drop; empty for a rule and for chains without one."`
	Position    int64              `col:"position" doc:"Place of the rule in its chain, from 1; 0 for the chain itself."`
	Action      string             `col:"action" doc:"What is done with a packet: accept, drop, reject, return, jump NAME, masquerade; empty for a chain and for a rule that only counts."`
	Protocol    string             `col:"protocol" doc:"Protocol that it is about; empty for all."`
	Source      string             `col:"source" doc:"Addresses that a packet comes from; empty for all."`
	Destination string             `col:"destination" doc:"Addresses that a packet goes to; empty for all."`
	DestPort    string             `col:"destination_port" doc:"Ports that a packet goes to; empty for all."`
	InInterface string             `col:"in_interface" doc:"Interface that a packet comes by; empty for all."`
	Rule        string             `col:"rule" doc:"The rule in words near to those of its filter."`
	Packets     tables.Null[int64] `col:"packets" doc:"Packets that matched; NULL where they are not counted."`
	Bytes       tables.Null[int64] `col:"bytes" doc:"Bytes that matched; NULL where they are not counted."`
}

// FirewallRules has a row for each chain and each rule. Rules of iptables that nftables runs are among those of nftables.
// Source: nft(8) as JSON, libnftables-json(5); table iptables; /etc/ufw/user.rules and user6.rules; table windows_firewall_rules,
// of which the enabled rules; tables alf and alf_exceptions, of which the state is a chain and each program a rule.
var FirewallRules = tables.DefineByPlatform(tables.Spec{
	Name: "firewall_rules", Doc: "Rules of the machine's packet filters, in one shape.",
	Category: tables.Network, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.Root,
	Examples: []string{
		"SELECT backend, table_name, chain, policy FROM firewall_rules WHERE hook = 'input' AND position = 0",
		"SELECT chain, rule FROM firewall_rules WHERE action = 'accept' AND destination_port != '' AND source = ''",
	},
}, tables.Generators[firewallRule]{Linux: generateFirewallRules, Darwin: generateApplicationFirewall, Windows: generateWindowsFirewall})

func generateFirewallRules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*firewallRule) error) error {
	for _, source := range []func(context.Context, tables.Host, func(*firewallRule) error) error{nftRules, iptablesRules, ufwRules} {
		if err := source(ctx, host, emit); err != nil {
			return err
		}
	}
	return nil
}

// generateWindowsFirewall brings the enabled rules to the shape: the direction is the chain, the group of rules the table.
func generateWindowsFirewall(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*firewallRule) error) error {
	positions := map[string]int64{}
	some := func(text string) string {
		if text == "*" || text == "Any" {
			return ""
		}
		return text
	}
	return generateWindowsFirewallRules(ctx, host, nil, func(r *windowsFirewallRule) error {
		if r.Enabled != 1 {
			return nil
		}
		row := firewallRule{
			Backend: "windows", Family: "inet", Table: r.Grouping, Chain: strings.ToLower(r.Direction), Action: "accept", Protocol: strings.ToLower(some(r.Protocol)),
			Source: some(r.RemoteAddresses), Destination: some(r.LocalAddresses), DestPort: some(r.LocalPorts), Rule: r.Name,
		}
		if row.Chain == "out" {
			row.Source, row.Destination, row.DestPort = row.Destination, row.Source, some(r.RemotePorts)
		}
		if r.Action == "Block" {
			row.Action = "drop"
		}
		positions[row.Chain]++
		row.Position = positions[row.Chain]
		return emit(&row)
	})
}

// generateApplicationFirewall brings the application firewall of macOS to the shape. It judges what comes in, by the program that
// would take it; where it is off all is accepted, and no rule counts.
func generateApplicationFirewall(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*firewallRule) error) error {
	const off, blocksAll, blocked = 0, 2, 2
	chain := firewallRule{Backend: "alf", Family: "inet", Chain: "in", Hook: "input"}
	isOn := false
	err := generateALF(ctx, host, tables.NewQuery(ALF, nil, make([]bool, len(ALF.Columns())), -1, nil), func(state *applicationFirewall) error {
		row := chain
		row.Policy = "accept"
		switch {
		case !state.GlobalState.Valid || state.GlobalState.V == off:
			row.Rule = "the firewall is off"
		case state.GlobalState.V == blocksAll:
			isOn, row.Policy, row.Rule = true, "drop", "all incoming connections are blocked"
		default:
			isOn, row.Rule = true, "programs are asked for"
		}
		return emit(&row)
	})
	if err != nil || !isOn {
		return err
	}
	position := int64(0)
	return generateALFExceptions(ctx, host, nil, func(program *alfException) error {
		position++
		row := chain
		row.Hook, row.Position, row.Action, row.Rule = "", position, "accept", program.Path
		if program.State == blocked {
			row.Action = "drop"
		}
		return emit(&row)
	})
}

func emitRules(rows []firewallRule, emit func(*firewallRule) error) error {
	for i := range rows {
		if err := emit(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// nftPrograms are where distributions put nft.
var nftPrograms = [...]string{"/usr/sbin/nft", "/sbin/nft"}

func nftRules(ctx context.Context, host tables.Host, emit func(*firewallRule) error) error {
	for _, program := range nftPrograms {
		if host.Live() {
			if _, err := host.Stat(program); err != nil {
				continue
			}
		}
		out, err := host.Run(ctx, program, "--json", "list", "ruleset")
		if errors.Is(err, errors.ErrUnsupported) {
			continue // the system is at rest
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			hostfile.Skipped(ctx, host, program, err) // only root may ask
			return nil
		}
		rows, err := parseNft(out)
		if err != nil {
			return err
		}
		return emitRules(rows, emit)
	}
	return nil
}

// nftObject is one object of a rule set; at most one of its parts is there.
type nftObject struct {
	Chain *struct {
		Family, Table, Name, Hook, Policy string
	}
	Rule *struct {
		Family, Table, Chain, Comment string
		Expr                          []map[string]json.RawMessage
	}
}

// parseNft reads what nft prints. Rules are numbered in their order within a chain.
func parseNft(data []byte) ([]firewallRule, error) {
	var set struct{ Nftables []nftObject }
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("read rules of nft: %w", err)
	}
	type chainKey struct{ family, table, name string }
	hooks, positions := map[chainKey]string{}, map[chainKey]int64{}
	var rows []firewallRule
	for _, o := range set.Nftables {
		switch {
		case o.Chain != nil:
			hooks[chainKey{o.Chain.Family, o.Chain.Table, o.Chain.Name}] = o.Chain.Hook
			rows = append(rows, firewallRule{
				Backend: "nftables", Family: o.Chain.Family, Table: o.Chain.Table, Chain: o.Chain.Name, Hook: o.Chain.Hook, Policy: o.Chain.Policy,
			})
		case o.Rule != nil:
			key := chainKey{o.Rule.Family, o.Rule.Table, o.Rule.Chain}
			positions[key]++
			row := firewallRule{
				Backend: "nftables", Family: o.Rule.Family, Table: o.Rule.Table, Chain: o.Rule.Chain, Hook: hooks[key], Position: positions[key],
			}
			row.describe(o.Rule.Expr)
			if o.Rule.Comment != "" {
				row.Rule += " # " + o.Rule.Comment
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// describe fills in what the expressions of a rule say, each of which is an object with one member.
func (r *firewallRule) describe(expressions []map[string]json.RawMessage) {
	var words []string
	for _, expression := range expressions {
		for name, value := range expression {
			switch name {
			case "match":
				words = append(words, r.match(value))
			case "counter":
				var counter struct{ Packets, Bytes int64 }
				if json.Unmarshal(value, &counter) == nil {
					r.Packets, r.Bytes = tables.Some(counter.Packets), tables.Some(counter.Bytes)
				}
			case "jump", "goto":
				var to struct{ Target string }
				if json.Unmarshal(value, &to) == nil {
					r.Action = name + " " + to.Target
				}
				words = append(words, r.Action)
			case "accept", "drop", "return", "continue", "reject", "masquerade", "queue", "snat", "dnat", "redirect":
				r.Action = name
				words = append(words, strings.TrimSpace(name+" "+nftText(value)))
			case "log":
				words = append(words, name)
			case "limit", "xt", "mangle", "notrack", "tproxy", "set", "vmap", "ct count", "meter":
				words = append(words, strings.TrimSpace(name+" "+nftText(value)))
			default:
				words = append(words, name)
			}
		}
	}
	r.Rule = strings.Join(words, " ")
}

// match fills in the columns for a comparison and gives it in words: tcp dport 22.
func (r *firewallRule) match(data json.RawMessage) string {
	var m struct {
		Op          string
		Left, Right json.RawMessage
	}
	if json.Unmarshal(data, &m) != nil {
		return "match"
	}
	left, right := nftText(m.Left), nftText(m.Right)
	value := right
	if m.Op == "!=" {
		value = "!" + right
	}
	protocol, field, _ := strings.Cut(left, " ")
	switch {
	case field == "dport":
		r.DestPort = value
		if protocol != "th" {
			r.Protocol = protocol
		}
	case left == "ip saddr" || left == "ip6 saddr":
		r.Source = value
	case left == "ip daddr" || left == "ip6 daddr":
		r.Destination = value
	case left == "meta iifname" || left == "meta iif":
		r.InInterface = value
	case left == "meta l4proto" || left == "ip protocol" || left == "ip6 nexthdr":
		r.Protocol = value
	}
	if m.Op == "" || m.Op == "==" || m.Op == "in" {
		return left + " " + right
	}
	return left + " " + m.Op + " " + right
}

// nftDepth bounds how deep a value may lie in others.
const nftDepth = 8

// nftText writes a value as nft does, as far as it is known: a number, a text, a payload, a prefix, a range, a set.
func nftText(data json.RawMessage) string { return nftValue(data, nftDepth) }

func nftValue(data json.RawMessage, depth int) string {
	if depth == 0 || len(data) == 0 || string(data) == "null" {
		return ""
	}
	switch data[0] {
	case '"':
		var text string
		if json.Unmarshal(data, &text) != nil {
			return ""
		}
		return text
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(data, &list) != nil {
			return ""
		}
		parts := make([]string, 0, len(list))
		for _, item := range list {
			parts = append(parts, nftValue(item, depth-1))
		}
		return strings.Join(parts, ",")
	case '{':
		return nftObjectText(data, depth)
	default:
		return string(data) // a number or a boolean
	}
}

func nftObjectText(data json.RawMessage, depth int) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return ""
	}
	inner := func(value json.RawMessage, name string) string {
		var members map[string]json.RawMessage
		if json.Unmarshal(value, &members) != nil {
			return ""
		}
		return nftValue(members[name], depth-1)
	}
	for _, name := range [...]string{"payload", "meta", "ct", "rt", "prefix", "range", "set", "addr", "type"} {
		value, ok := object[name]
		if !ok {
			continue
		}
		switch name {
		case "payload":
			return inner(value, "protocol") + " " + inner(value, "field")
		case "meta", "ct", "rt":
			return name + " " + inner(value, "key")
		case "prefix":
			return inner(value, "addr") + "/" + inner(value, "len")
		case "range":
			var ends []json.RawMessage
			if json.Unmarshal(value, &ends) == nil && len(ends) == 2 {
				return nftValue(ends[0], depth-1) + "-" + nftValue(ends[1], depth-1)
			}
		case "set":
			return nftValue(value, depth-1)
		case "addr": // of address translation
			address := nftValue(value, depth-1)
			if port := nftValue(object["port"], depth-1); port != "" {
				address += ":" + port
			}
			return address
		case "type":
			return nftValue(value, depth-1)
		}
	}
	return ""
}

// iptablesRules brings the rules of the old filter to the shape. The kernel numbers its protocols.
func iptablesRules(ctx context.Context, host tables.Host, emit func(*firewallRule) error) error {
	if !Iptables.AvailableOn(tables.Linux) {
		return nil
	}
	positions := map[[2]string]int64{}
	return generateIptables(ctx, host, tables.NewQuery(Iptables, nil, nil, -1, nil), func(r *iptablesRule) error {
		row := firewallRule{Backend: "iptables", Family: "ip", Table: r.Filter, Chain: r.Chain, Packets: tables.Some(r.Packets), Bytes: tables.Some(r.Bytes)}
		if r.Policy != "" {
			row.Hook = strings.ToLower(r.Chain)
		}
		if !r.Target.Valid {
			row.Policy = strings.ToLower(r.Policy)
			return emit(&row)
		}
		key := [2]string{r.Filter, r.Chain}
		positions[key]++
		row.Position = positions[key]
		row.Action = strings.ToLower(r.Target.V)
		row.Source, row.Destination = iptablesNetwork(r.SrcIP.V, r.SrcMask.V), iptablesNetwork(r.DstIP.V, r.DstMask.V)
		row.DestPort = iptablesPorts(r.DstPort.V)
		if r.InIface.V != "all" {
			row.InInterface = r.InIface.V
		}
		row.Protocol = iptablesProtocol(r.Protocol)
		row.Rule = row.words()
		return emit(&row)
	})
}

// words tells a rule by its columns.
func (r *firewallRule) words() string {
	var words []string
	for _, part := range [][2]string{{"from", r.Source}, {"to", r.Destination}, {"in", r.InInterface}, {"protocol", r.Protocol}, {"port", r.DestPort}} {
		if part[1] != "" {
			words = append(words, part[0]+" "+part[1])
		}
	}
	return strings.Join(append(words, r.Action), " ")
}

func iptablesNetwork(address, mask string) string {
	if address == "" || mask == "0.0.0.0" {
		return ""
	}
	if mask == "255.255.255.255" {
		return address
	}
	return address + "/" + mask
}

// iptablesPorts writes a range FIRST:LAST as nftables does; all ports are none.
func iptablesPorts(text string) string {
	first, last, ok := strings.Cut(text, ":")
	switch {
	case !ok || text == "0:65535":
		return ""
	case first == last:
		return first
	default:
		return first + "-" + last
	}
}

func iptablesProtocol(v tables.Value) string {
	text, not := v.Text, ""
	if v.Kind == tables.ValueInt {
		text = strconv.FormatInt(v.Int, 10)
	} else if strings.HasPrefix(text, "!") {
		text, not = text[1:], "!"
	}
	switch text {
	case "0":
		return ""
	case "1":
		return not + "icmp"
	case "6":
		return not + "tcp"
	case "17":
		return not + "udp"
	default:
		return not + text
	}
}

// ufwFiles hold the rules that people have given to ufw.
var ufwFiles = [...]struct{ file, family string }{{"/etc/ufw/user.rules", "ip"}, {"/etc/ufw/user6.rules", "ip6"}}

func ufwRules(ctx context.Context, host tables.Host, emit func(*firewallRule) error) error {
	for _, f := range ufwFiles {
		data, err := hostfile.Source(ctx, host, f.file)
		if err != nil {
			return err
		}
		rows := parseUFW(string(data))
		for i := range rows {
			rows[i].Family, rows[i].Table, rows[i].Position = f.family, f.file, int64(i+1)
		}
		if err := emitRules(rows, emit); err != nil {
			return err
		}
	}
	return nil
}

// parseUFW reads the comments in which ufw keeps its rules: ### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in, with action, protocol,
// port and address that it goes to, port and address that it comes from, direction and interface.
func parseUFW(text string) []firewallRule {
	var rows []firewallRule
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "### tuple ###")
		f := strings.Fields(rest)
		if !ok || len(f) < 7 {
			continue
		}
		any := func(value string) string {
			switch value {
			case "any", "0.0.0.0/0", "::/0":
				return ""
			}
			return value
		}
		action, _, _ := strings.Cut(f[0], "_") // allow_log
		row := firewallRule{Backend: "ufw", Chain: f[6], Protocol: any(f[1]), DestPort: any(f[2]), Destination: any(f[3]), Source: any(f[5])}
		if direction, iface, ok := strings.Cut(f[6], "_"); ok { // in_eth0
			row.Chain, row.InInterface = direction, iface
		}
		switch action {
		case "allow", "limit":
			row.Action = "accept"
		case "deny":
			row.Action = "drop"
		default:
			row.Action = action
		}
		row.Rule = strings.Join(f, " ")
		rows = append(rows, row)
	}
	return rows
}
