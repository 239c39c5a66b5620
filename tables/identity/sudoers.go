package identity

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const sudoersFile = "/etc/sudoers"

// sudoRule is one line of sudoers.
type sudoRule struct {
	Source      string `col:"source" doc:"File that holds the rule."`
	Header      string `col:"header" class:"personal" doc:"First word: user, %group, alias, Defaults or include directive."`
	RuleDetails string `col:"rule_details" class:"personal" doc:"The rest of the rule, continued lines joined."`
}

// Sudoers has a row for each rule, in the order in which sudo reads them; included files follow their directive.
// Source: sudoers(5).
var Sudoers = tables.Define[sudoRule](tables.Spec{
	Name: "sudoers", Doc: "Rules by which users may run commands as others.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{"SELECT source, header, rule_details FROM sudoers WHERE rule_details LIKE '%NOPASSWD%'"},
}, generateSudoers)

// sudo allows 128 levels of include; the count of files bounds what files that include each other multiply to.
const (
	sudoersDepthMax = 128
	sudoersFilesMax = 1024
)

var errSudoersIncludes = errors.New("too many included files")

func generateSudoers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sudoRule) error) error {
	if _, err := hostfile.Source(ctx, host, sudoersFile); err != nil {
		return err
	}
	r := sudoersReader{ctx: ctx, host: host, emit: emit}
	return r.file(sudoersFile, 0)
}

type sudoersReader struct {
	ctx   context.Context
	host  tables.Host
	files int
	emit  func(*sudoRule) error
}

func (r *sudoersReader) file(name string, depth int) error {
	if depth > sudoersDepthMax || r.files >= sudoersFilesMax {
		hostfile.Skipped(r.ctx, r.host, name, errSudoersIncludes)
		return nil
	}
	r.files++
	data, ok := hostfile.OneOfMany(r.ctx, r.host, name)
	if !ok {
		return nil
	}
	for _, rule := range parseSudoers(data) {
		rule.Source = name
		if err := r.emit(&rule); err != nil {
			return err
		}
		if err := r.include(name, rule, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *sudoersReader) include(from string, rule sudoRule, depth int) error {
	target := strings.Trim(rule.RuleDetails, `"`)
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(from), target)
	}
	switch rule.Header {
	case "#include", "@include":
		return r.file(target, depth+1)
	case "#includedir", "@includedir":
		for _, file := range hostfile.Files(r.ctx, r.host, target) {
			if base := path.Base(file); strings.Contains(base, ".") || strings.HasSuffix(base, "~") {
				continue // left behind by editors and package managers; sudo passes over them
			}
			if err := r.file(file, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseSudoers cuts a file into rules. Comments are left out, an include directive that begins with # is none.
func parseSudoers(data []byte) []sudoRule {
	var rules []sudoRule
	pending := ""
	flush := func(line string) {
		line = strings.Trim(line, "\t\v\r ")
		header, details := line, ""
		if i := strings.IndexAny(line, "\t\v "); i >= 0 {
			header, details = line[:i], strings.Trim(line[i:], "\t\v ")
		}
		directive := header == "#include" || header == "#includedir" || header == "@include" || header == "@includedir"
		switch {
		case header == "", directive && details == "", header[0] == '#' && !directive && !isSudoersUID(header):
		default:
			rules = append(rules, sudoRule{Header: header, RuleDetails: details})
		}
	}
	for line := range strings.Lines(string(data)) {
		line = strings.Trim(line, "\t\v\r\n ")
		if rest, continues := strings.CutSuffix(line, `\`); continues {
			pending += strings.TrimRight(rest, "\t\v ") + " "
			continue
		}
		flush(pending + line)
		pending = ""
	}
	flush(pending)
	return rules
}

// isSudoersUID tells a user given by number, as #1000, which is no comment.
func isSudoersUID(header string) bool {
	digits := strings.TrimPrefix(header, "#")
	return digits != "" && strings.Trim(digits, "0123456789,") == ""
}
