// Package sysctl asks a running macOS for parameters of its kernel.
package sysctl

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const command = "/usr/sbin/sysctl"

// Values gives parameters by name. Those that the kernel lacks, and all on a system at rest, have none.
func Values(ctx context.Context, host tables.Host, names ...string) map[string]string {
	return run(ctx, host, append([]string{command, "-i"}, names...))
}

// All gives all parameters.
func All(ctx context.Context, host tables.Host) map[string]string {
	return run(ctx, host, []string{command, "-a"})
}

func run(ctx context.Context, host tables.Host, argv []string) map[string]string {
	out, err := host.Run(ctx, argv...)
	if err != nil {
		hostfile.Skipped(ctx, host, command, err)
		return nil
	}
	return parse(string(out))
}

// parse reads lines such as hw.model: Mac14,2; a value may go on in lines of its own.
func parse(text string) map[string]string {
	values := map[string]string{}
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, value, found := strings.Cut(line, ": ")
		switch {
		case found && isName(name):
			last = name
			values[name] = value
		case strings.HasSuffix(line, ":") && isName(line[:len(line)-1]):
			last = line[:len(line)-1]
			values[last] = ""
		case last != "":
			values[last] += "\n" + line
		}
	}
	return values
}

// isName tells whether a text is the name of a parameter, as vm.loadavg.
func isName(text string) bool {
	return strings.Contains(text, ".") && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
}
