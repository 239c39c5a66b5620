package files

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/tenantra/tenantra/tables"
)

// grepLine is one line of a text file that matches a pattern.
type grepLine struct {
	Path       string `col:"path" opt:"required,index" doc:"Absolute path of the file."`
	Directory  string `col:"directory" opt:"required,hidden" doc:"Directory that holds the file."`
	Pattern    string `col:"pattern" opt:"required" doc:"Regular expression in RE2's syntax that the line matches, of at most 1 KiB."`
	LineNumber int64  `col:"line_number" doc:"Number of the line, from 1."`
	Line       string `col:"line" class:"content" doc:"Text of the line without its end, cut after 64 KiB."`
}

// Grep has a row for each line of the files that a statement names by path, directory or pattern (see File) and that matches
// an expression. RE2 takes time in proportion to the text, whatever the expression.
var Grep = tables.Define[grepLine](tables.Spec{
	Name: "grep", Doc: "Lines of text files that match a regular expression.",
	Category: tables.Files, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{`SELECT path, line_number FROM grep WHERE path LIKE '/etc/ssh/%' AND pattern = '(?i)^\s*permitrootlogin\s+yes'`},
}, generateGrep)

const grepPatternMax = 1 << 10

// errNoGrepPattern tells what a statement lacks: the engine is content with any of the required columns.
var errNoGrepPattern = errors.New("grep needs pattern = '…' beside the path or directory")

// compileGrep compiles the expressions of a statement.
func compileGrep(patterns []string) ([]*regexp.Regexp, error) {
	if len(patterns) == 0 {
		return nil, errNoGrepPattern
	}
	compiled := make([]*regexp.Regexp, len(patterns))
	for i, pattern := range patterns {
		if len(pattern) > grepPatternMax {
			return nil, fmt.Errorf("grep: a pattern is longer than %d bytes", grepPatternMax)
		}
		var err error
		if compiled[i], err = regexp.Compile(pattern); err != nil {
			return nil, fmt.Errorf("grep: %w", err)
		}
	}
	return compiled, nil
}
