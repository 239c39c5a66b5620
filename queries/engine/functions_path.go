package engine

import (
	"errors"
	"strings"
	"unicode/utf8"

	lib "modernc.org/sqlite/lib"
)

var pathFunctions = []function{
	{name: "find_file_path_in_cmd", min: 1, max: 3, run: findFilePath, volatile: true},
	{name: "is_path_deterministic", min: 1, max: 3, run: isPathDeterministic, volatile: true},
	{name: "parent_directory", min: 1, max: 1, run: parentDirectory},
}

// findFilePath gives the shortest beginning of a command line that is a file.
func findFilePath(k *call) error {
	shortest, _, err := k.pathsInCommand()
	if err != nil {
		return err
	}
	return k.giveText(shortest)
}

// isPathDeterministic tells whether a command line names one file only: "C:\Program Files\x.exe" without quotes may
// start C:\Program.exe.
func isPathDeterministic(k *call) error {
	shortest, longest, err := k.pathsInCommand()
	if err != nil {
		return err
	}
	return k.giveBool(shortest == longest)
}

// pathsInCommand gives the shortest and the longest beginning, ending at white space or the end, that is an existing
// file and no directory.
func (k *call) pathsInCommand() (shortest, longest string, err error) {
	if k.anyNull() {
		return "", "", errors.New("the command line, quoting and escape must not be NULL")
	}
	escape := '\\'
	if k.conn.windows {
		escape = '^'
	}
	quoting := k.n > 1 && k.int(1) != 0
	if k.n > 2 {
		r, size := utf8.DecodeRuneInString(k.text(2))
		if size == 0 || size != len(k.text(2)) {
			return "", "", errors.New("the escape must be one character")
		}
		escape = r
	}
	for _, path := range commandPrefixes(k.text(0), quoting, escape) {
		if err := k.conn.interrupted(); err != nil {
			return "", "", err
		}
		if !k.conn.isFile(path) {
			continue
		}
		if shortest == "" {
			shortest = path
		}
		longest = path
	}
	return shortest, longest, nil
}

func (c *conn) isFile(path string) bool {
	if c.host == nil || path == "" {
		return false
	}
	info, err := c.host.Stat(path)
	return err == nil && !info.IsDir()
}

const maxPrefixes = 64 // of a command line; each costs a look at the file system

// commandPrefixes lists the beginnings of a command line that end at white space or at its end, without quotes and
// escapes. The character after an escape is part of the word, whatever it is.
func commandPrefixes(command string, quoting bool, escape rune) []string {
	var prefixes []string
	var b strings.Builder
	quoted, escaped := false, false
	for _, r := range strings.TrimLeft(command, blanks) {
		switch {
		case escaped:
			escaped = false
		case quoting && r == '"':
			quoted = !quoted
			continue
		case r == escape:
			escaped = true
			continue
		case !quoted && strings.ContainsRune(blanks, r):
			if len(prefixes) == maxPrefixes {
				return prefixes
			}
			prefixes = append(prefixes, b.String())
		}
		b.WriteRune(r)
	}
	return append(prefixes, b.String())
}

const blanks = " \t\r\n\v\f"

// parentDirectory gives what stands before the last separator; NULL where there is none.
func parentDirectory(k *call) error {
	if k.kind(0) != lib.SQLITE_TEXT {
		return errors.New("Invalid inputs to parent_directory, TEXT was expected") //nolint:staticcheck // osquery's text
	}
	separator := byte('/')
	if k.conn.windows {
		separator = '\\'
	}
	path := k.text(0)
	i := strings.LastIndexByte(path, separator)
	if i < 0 {
		return nil
	}
	return k.giveText(strings.Clone(path[:i]))
}
