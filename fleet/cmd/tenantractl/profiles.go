package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// profilesCommand lists the servers that somebody signed in to from here, each under a name of its own.
func profilesCommand() *cli.Command {
	return &cli.Command{
		Name: "profiles", Usage: "the servers that you signed in to; choose one with --profile or TENANTRA_PROFILE",
		Action: func(c *cli.Context) error {
			file, err := profileFile(c)
			if err != nil {
				return err
			}
			names, err := profileNames(filepath.Dir(file))
			if err != nil {
				return err
			}
			return printList(c, func(yield func(record, error) bool) {
				for _, name := range names {
					p, err := readProfile(filepath.Join(filepath.Dir(file), name+".json"))
					row := record{"profile": name, "chosen": name == c.String("profile")}
					if err == nil {
						row["server"], row["signed_in"] = p.Server, map[bool]string{true: "with a token", false: "as a person"}[p.Session.Refresh == ""]
					} else {
						row["server"] = err.Error()
					}
					if !yield(row, nil) {
						return
					}
				}
			}, fields("profile", "chosen", "server", "signed_in"))
		},
		Subcommands: []*cli.Command{{
			Name: "remove", Usage: "forget a sign-in here; end the session itself with logout", ArgsUsage: "PROFILE",
			Action: func(c *cli.Context) error {
				if c.NArg() != 1 {
					return usageError("profiles remove takes a profile's name")
				}
				if err := c.Set("profile", c.Args().First()); err != nil {
					return err
				}
				file, err := profileFile(c)
				if err != nil {
					return err
				}
				if err := os.Remove(file); errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("there is no profile %s", c.Args().First())
				} else if err != nil {
					return fmt.Errorf("remove profile: %w", err)
				}
				return nil
			},
		}},
	}
}

func profileNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list profiles: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if name, found := strings.CutSuffix(entry.Name(), ".json"); found && profileName.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// The scripts ask the program itself what could follow.
const (
	bashCompletion = `_tenantractl() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _tenantractl tenantractl
`
	zshCompletion = `#compdef tenantractl
_tenantractl() {
    local -a found
    found=("${(@f)$(_CLI_ZSH_AUTOCOMPLETE_HACK=1 ${words[@]:0:#words[@]-1} --generate-bash-completion 2>/dev/null)}")
    _describe 'values' found
}
compdef _tenantractl tenantractl
`
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the shell's completion script: source <(tenantractl completion bash)", ArgsUsage: "bash|zsh|fish",
		Action: func(c *cli.Context) error {
			var script string
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashCompletion
			case "zsh":
				script = zshCompletion
			case "fish":
				var err error
				if script, err = c.App.ToFishCompletion(); err != nil {
					return fmt.Errorf("write completion: %w", err)
				}
			default:
				return usageError(fmt.Sprintf("completion for %q: use bash, zsh or fish", shell))
			}
			_, err := fmt.Fprint(c.App.Writer, script)
			return err
		},
	}
}
