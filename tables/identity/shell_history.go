package identity

import (
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// shellCommand is one line of a shell's history.
type shellCommand struct {
	UID         int64  `col:"uid" opt:"additional" doc:"User that gave the command."`
	Time        int64  `col:"time" type:"INTEGER" doc:"When it was given, in Unix seconds; 0 where the shell does not note it."`
	Command     string `col:"command" class:"content" doc:"Command as given. Credentials are masked."`
	HistoryFile string `col:"history_file" doc:"File that holds the line."`
}

// ShellHistory has a row for each line of users' shell histories, oldest first in each file.
// Source: the history files of bash, zsh, sh, ash and csh in homes.
var ShellHistory = tables.DefineByPlatform(tables.Spec{
	Name: "shell_history", Doc: "Commands that users gave to their shells.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true,
	Examples: []string{"SELECT u.username, h.command FROM users u JOIN shell_history h USING (uid) WHERE h.command LIKE '%curl%| sh%'"},
}, tables.Generators[shellCommand]{Linux: generateShellHistory, Darwin: generateShellHistory})

// shellHistoryFiles lie in the home itself.
var shellHistoryFiles = [...]string{".bash_history", ".zsh_history", ".zhistory", ".history", ".sh_history", ".ash_history"}

var (
	bashTime = lazyregexp.New(`^#([0-9]{1,11})$`)
	zshTime  = lazyregexp.New(`^: {0,10}([0-9]{1,11}):[0-9]+;(.*)$`)
)

// parseShellHistory reads plain lines, bash's with a line "#time" before a command, and zsh's ": time:seconds;command".
func parseShellHistory(data []byte) []shellCommand {
	var commands []shellCommand
	noted := int64(0)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if m := bashTime().FindStringSubmatch(line); m != nil && noted == 0 {
			noted = seconds(m[1])
			continue
		}
		c := shellCommand{Time: noted, Command: line}
		if m := zshTime().FindStringSubmatch(line); m != nil && noted == 0 {
			c.Time, c.Command = seconds(m[1]), m[2]
		}
		noted = 0
		if c.Command == "" {
			continue
		}
		c.Command = mask.CommandLine(c.Command)
		commands = append(commands, c)
	}
	return commands
}

// seconds reads at most eleven digits, which cannot overflow.
func seconds(digits string) int64 {
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return v
}
