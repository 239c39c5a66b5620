package compliance

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// modprobeRule is one line of the settings of modprobe.
type modprobeRule struct {
	Directive string `col:"directive" doc:"What the line does: blacklist, install, remove, alias, options or softdep."`
	Module    string `col:"module" doc:"Module that it is about, with _ for each -, as the kernel shows it; for an alias the alias."`
	Argument  string `col:"argument" doc:"The rest of the line: the command of install, the options, the module of an alias."`
	Path      string `col:"path" doc:"File that the line is in."`
	Line      int64  `col:"line" doc:"Number of the line, from 1."`
}

// ModprobeRules has a row for each line. A file hides one of the same name in a directory of lower rank.
// Source: /etc/modprobe.d, /run/modprobe.d, /usr/local/lib/modprobe.d, /usr/lib/modprobe.d, /lib/modprobe.d; modprobe.d(5).
var ModprobeRules = tables.Define[modprobeRule](tables.Spec{
	Name: "modprobe_rules", Doc: "Settings by which kernel modules are loaded, kept from loading or given options.",
	Category: tables.Compliance, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT module, path FROM modprobe_rules WHERE directive = 'install' AND argument LIKE '%/false'"},
}, generateModprobeRules)

func generateModprobeRules(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*modprobeRule) error) error {
	files := layered(ctx, host, ".conf", "/lib/modprobe.d", "/usr/lib/modprobe.d", "/usr/local/lib/modprobe.d", "/run/modprobe.d", "/etc/modprobe.d")
	for _, file := range files {
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		for _, row := range parseModprobe(data) {
			row.Path = file
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// parseModprobe reads lines of a directive, a name and a rest; a backslash at the end joins the next line.
func parseModprobe(data []byte) []modprobeRule {
	var rules []modprobeRule
	for number, line := range joinedLines(data) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0][0] == '#' {
			continue
		}
		switch fields[0] {
		case "blacklist", "install", "remove", "alias", "options", "softdep":
			rules = append(rules, modprobeRule{
				Directive: fields[0], Module: strings.ReplaceAll(fields[1], "-", "_"), Argument: strings.Join(fields[2:], " "), Line: number,
			})
		}
	}
	return rules
}
