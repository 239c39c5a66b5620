package compliance

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// auditRule is one line of the rules that auditctl is given.
type auditRule struct {
	Kind        string `col:"kind" doc:"watch for one file or directory, syscall for calls, control for a switch of the audit itself."`
	Target      string `col:"target" doc:"File or directory that a rule watches; the switch of a control: -e, -b, -f, --loginuid-immutable."`
	Permissions string `col:"permissions" doc:"Kinds of access that a watch records: of r, w, x and a, sorted; empty where the rule names none."`
	Action      string `col:"action" doc:"List and action of the rule, sorted: always,exit; the value of a control."`
	Syscalls    string `col:"syscalls" doc:"Calls that the rule records, sorted and joined by commas, with a comma at both ends."`
	Arch        string `col:"arch" doc:"b64, b32 or empty."`
	Fields      string `col:"fields" doc:"Further conditions as written, joined by blanks: auid>=1000 auid!=unset."`
	Key         string `col:"key" doc:"Name by which the records are found."`
	Path        string `col:"path" doc:"File that the rule is in."`
	Line        int64  `col:"line" doc:"Number of the line, from 1."`
}

// AuditRules has a row for each rule that the audit service loads when it starts, in its order. Both ways to write a
// watch (-w /etc/passwd -p wa, and -a always,exit -F path=/etc/passwd -F perm=wa) give the same row.
// Source: /etc/audit/rules.d/*.rules, as augenrules(8) joins them; where there are none, /etc/audit/audit.rules.
var AuditRules = tables.Define[auditRule](tables.Spec{
	Name: "audit_rules", Doc: "What the kernel's audit is told to record when the audit service starts.",
	Category: tables.Compliance, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT target, permissions, key FROM audit_rules WHERE kind = 'watch' AND target LIKE '/etc/%'"},
}, generateAuditRules)

func generateAuditRules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*auditRule) error) error {
	files := layered(ctx, host, ".rules", "/etc/audit/rules.d")
	if len(files) == 0 {
		files = []string{"/etc/audit/audit.rules"}
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		for _, row := range parseAuditRules(data) {
			row.Path = file
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

func parseAuditRules(data []byte) []auditRule {
	var rules []auditRule
	for number, line := range joinedLines(data) {
		if rule, ok := parseAuditRule(strings.Fields(line)); ok {
			rule.Line = number
			rules = append(rules, rule)
		}
	}
	return rules
}

// parseAuditRule reads the arguments of auditctl(8). Comments and lines that are no rule are left out.
func parseAuditRule(args []string) (rule auditRule, ok bool) {
	if len(args) == 0 || args[0][0] != '-' {
		return rule, false
	}
	var calls, fields []string
	for i := 0; i < len(args); i++ {
		value := ""
		if i+1 < len(args) {
			value = strings.Trim(args[i+1], `"'`)
		}
		switch flag := args[i]; flag {
		case "-w":
			rule.Kind, rule.Target, rule.Action = "watch", trimSlash(value), "always,exit"
			i++
		case "-p":
			rule.Permissions = sortedLetters(value)
			i++
		case "-k":
			rule.Key = value
			i++
		case "-a", "-A":
			rule.Action = sortedList(value)
			if rule.Kind == "" {
				rule.Kind = "syscall"
			}
			i++
		case "-S":
			calls = append(calls, strings.Split(value, ",")...)
			i++
		case "-F":
			if field, plain := rule.field(value); !plain {
				fields = append(fields, field)
			}
			i++
		case "-C":
			fields = append(fields, value)
			i++
		case "-e", "-b", "-f", "-r", "--backlog_wait_time", "--loginuid-immutable":
			rule.Kind, rule.Target, rule.Action = "control", flag, value
			i++
		}
	}
	if len(calls) > 0 {
		slices.Sort(calls)
		rule.Syscalls = "," + strings.Join(slices.Compact(calls), ",") + ","
	}
	rule.Fields = strings.Join(fields, " ")
	return rule, rule.Kind != "" && (rule.Kind != "watch" || rule.Target != "")
}

// field takes a condition that a column of its own shows; any other is given back.
func (r *auditRule) field(text string) (field string, taken bool) {
	name, value, equal := strings.Cut(text, "=")
	if !equal {
		return text, false
	}
	switch name {
	case "path", "dir":
		r.Kind, r.Target = "watch", trimSlash(value)
	case "perm":
		r.Permissions = sortedLetters(value)
	case "key":
		r.Key = value
	case "arch":
		r.Arch = value
	default:
		return text, false
	}
	return "", true
}

func trimSlash(path string) string {
	if trimmed := strings.TrimRight(path, "/"); trimmed != "" {
		return trimmed
	}
	return path
}

func sortedLetters(text string) string {
	letters := []byte(text)
	slices.Sort(letters)
	return string(slices.Compact(letters))
}

func sortedList(text string) string {
	parts := strings.Split(text, ",")
	slices.Sort(parts)
	return strings.Join(parts, ",")
}
