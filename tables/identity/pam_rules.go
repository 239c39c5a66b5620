package identity

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// pamRule is one line of the settings by which programs check who logs in.
type pamRule struct {
	Service    string `col:"service" doc:"Program that the rule holds for: sshd, su, common-auth."`
	Type       string `col:"type" doc:"What it decides: auth, account, password or session; empty for a plain @include."`
	Optional   int32  `col:"optional" doc:"1 where a missing module is passed over without a word in the log."`
	Control    string `col:"control" doc:"What its answer counts for: required, requisite, sufficient, optional, include, substack or [value=action …]."`
	Module     string `col:"module" doc:"Module that answers, or the service that is included."`
	Arguments  string `col:"arguments" doc:"Arguments of the module, joined by blanks."`
	LineNumber int64  `col:"line_number" doc:"Number of the rule's first line, from 1."`
	Path       string `col:"path" doc:"File that the rule is in."`
}

// PAMRules has a row for each rule, in the order in which each file asks them. Rules that are included are in the rows
// of the service that they belong to.
// Source: /etc/pam.d and /etc/pam.conf; pam.conf(5).
var PAMRules = tables.Define[pamRule](tables.Spec{
	Name: "pam_rules", Doc: "Rules by which programs check passwords, accounts and sessions.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{
		"SELECT service, arguments FROM pam_rules WHERE type = 'password' AND module = 'pam_pwquality.so'",
		"SELECT path, line_number FROM pam_rules WHERE module = 'pam_unix.so' AND arguments LIKE '%nullok%'",
	},
}, generatePAMRules)

func generatePAMRules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*pamRule) error) error {
	files := hostfile.Files(ctx, host, "/etc/pam.d")
	const single = "/etc/pam.conf"
	if len(files) == 0 { // the one file counts only where the directory is absent
		files = []string{single}
	}
	for _, file := range files {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		service := path.Base(file)
		if file == single {
			service = ""
		}
		for _, row := range parsePAM(data, service) {
			row.Path = file
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parsePAM reads the rules of a service; where that is "" each rule names its own first. What is no rule is left out.
func parsePAM(data []byte, service string) []pamRule {
	var rules []pamRule
	var joined strings.Builder
	var number, first int64
	end := func() {
		if rule, ok := parsePAMRule(joined.String(), service); ok {
			rule.LineNumber = first
			rules = append(rules, rule)
		}
		joined.Reset()
	}
	for line := range strings.Lines(string(data)) {
		number++
		if joined.Len() == 0 {
			first = number
		}
		line, _, _ = strings.Cut(strings.TrimRight(line, "\r\n"), "#")
		more, continues := strings.CutSuffix(line, `\`)
		joined.WriteString(more)
		if continues {
			joined.WriteByte(' ')
		} else {
			end()
		}
	}
	end() // a last line that promises more than there is
	return rules
}

// parsePAMRule reads -auth [success=1 default=ignore] pam_unix.so nullok, or Debian's @include common-auth.
func parsePAMRule(text, service string) (rule pamRule, ok bool) {
	text = strings.TrimSpace(text)
	if service == "" {
		service, text = cutField(text)
	}
	rule.Service = service
	kind, rest := cutField(text)
	if kind == "@include" {
		rule.Control = "include"
		rule.Module, _ = cutField(rest)
		return rule, rule.Module != ""
	}
	if bare, found := strings.CutPrefix(kind, "-"); found {
		kind, rule.Optional = bare, 1
	}
	switch rule.Type = strings.ToLower(kind); rule.Type {
	case "auth", "account", "password", "session":
	default:
		return rule, false
	}
	if end := strings.IndexByte(rest, ']'); strings.HasPrefix(rest, "[") && end > 0 {
		rule.Control, rest = strings.Join(strings.Fields(rest[:end+1]), " "), strings.TrimSpace(rest[end+1:])
	} else {
		rule.Control, rest = cutField(rest)
	}
	rule.Module, rest = cutField(rest)
	rule.Arguments = strings.Join(strings.Fields(rest), " ")
	return rule, rule.Module != ""
}
