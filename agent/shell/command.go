package shell

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// dotCommand is a command of the shell itself. Its run may say to quit.
type dotCommand struct {
	name, arguments, help string
	run                   func(s *Shell, arguments []string) (quit bool, err error)
}

func dotCommands() []dotCommand {
	return []dotCommand{
		{".help", "", "list the commands", (*Shell).help},
		{".mode", "table|line|json|csv", "how rows are printed", (*Shell).setMode},
		{".quit", "", "leave the shell; .exit and Ctrl-D do too", (*Shell).quit},
		{".schema", "[TABLE]", "columns of one table, or of all", (*Shell).schema},
		{".tables", "[PATTERN]", "names of tables, of those that hold the pattern (% and _ as in LIKE)", (*Shell).tables},
		{".timer", "on|off", "print rows, time and CPU of each statement", (*Shell).setTimer},
	}
}

func dotNames() []string {
	names := []string{".exit"}
	for _, c := range dotCommands() {
		names = append(names, c.name)
	}
	return names
}

func (s *Shell) command(line string) (quit bool, err error) {
	words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), ";"))
	name := words[0]
	if name == ".exit" {
		name = ".quit"
	}
	for _, c := range dotCommands() {
		if c.name == name {
			return c.run(s, words[1:])
		}
	}
	return false, fmt.Errorf("unknown command %s: .help lists them", words[0])
}

func (s *Shell) help([]string) (bool, error) {
	for _, c := range dotCommands() {
		fmt.Fprintf(s.Out, "%-28s %s\n", strings.TrimSpace(c.name+" "+c.arguments), c.help)
	}
	return false, nil
}

func (s *Shell) quit([]string) (bool, error) { return true, nil }

func (s *Shell) setMode(arguments []string) (bool, error) {
	if len(arguments) != 1 {
		return false, fmt.Errorf("usage: .mode table|line|json|csv (now %s)", s.Mode)
	}
	mode, err := ParseMode(arguments[0])
	if err == nil {
		s.Mode = mode
	}
	return false, err
}

func (s *Shell) setTimer(arguments []string) (bool, error) {
	if len(arguments) != 1 || arguments[0] != "on" && arguments[0] != "off" {
		return false, fmt.Errorf("usage: .timer on|off")
	}
	s.timer = arguments[0] == "on"
	return false, nil
}

func (s *Shell) tables(arguments []string) (bool, error) {
	pattern := "%"
	if len(arguments) > 0 {
		pattern = "%" + strings.ToLower(arguments[0]) + "%"
	}
	for _, t := range s.Tables {
		if like(pattern, t.Name) {
			fmt.Fprintln(s.Out, t.Name)
		}
	}
	return false, nil
}

func (s *Shell) schema(arguments []string) (bool, error) {
	if len(arguments) == 0 {
		for _, t := range s.Tables {
			WriteSchema(s.Out, t)
		}
		return false, nil
	}
	name := strings.ToLower(arguments[0])
	for _, t := range s.Tables {
		if t.Name == name || slices.Contains(t.Aliases, name) {
			WriteSchema(s.Out, t)
			return false, nil
		}
	}
	return false, fmt.Errorf("no such table: %s (.tables lists them)", arguments[0])
}

// WriteSchema prints a table as a CREATE TABLE statement with its documentation as comments.
func WriteSchema(w io.Writer, t *tables.Table) {
	fmt.Fprintf(w, "-- %s\nCREATE TABLE %s (\n", t.Doc, t.Name)
	width := 0
	for i := range t.Columns() {
		width = max(width, len(t.Columns()[i].Name)+len(t.Columns()[i].Type)+2)
	}
	for i := range t.Columns() {
		c := &t.Columns()[i]
		comma := ","
		if i == len(t.Columns())-1 {
			comma = ""
		}
		fmt.Fprintf(w, "  %-*s -- %s%s\n", width, c.Name+" "+string(c.Type)+comma, c.Doc, notes(c))
	}
	fmt.Fprintln(w, ");")
}

// notes tells what a statement should know of a column beyond its type.
func notes(c *tables.Column) string {
	var notes []string
	if c.Required {
		notes = append(notes, "must be constrained")
	}
	if c.Index {
		notes = append(notes, "index")
	}
	if c.Hidden {
		notes = append(notes, "hidden")
	}
	if c.OS != 0 {
		notes = append(notes, c.OS.String()+" only")
	}
	if c.Class != tables.ClassInventory {
		notes = append(notes, c.Class.String())
	}
	if notes == nil {
		return ""
	}
	return " [" + strings.Join(notes, "; ") + "]"
}

// like matches text with a pattern of LIKE: % is any text, _ one character.
func like(pattern, text string) bool {
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '%':
			for j := range len(text) + 1 {
				if like(pattern[i+1:], text[j:]) {
					return true
				}
			}
			return false
		case text == "" || pattern[i] != '_' && pattern[i] != text[0]:
			return false
		}
		text = text[1:]
	}
	return text == ""
}
