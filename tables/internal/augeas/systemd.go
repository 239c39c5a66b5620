package augeas

import "strings"

// readSystemd reads units and other files of systemd: sections of settings whose values are words.
func readSystemd(root *Node, text string) {
	into := root
	for line := range continued(text, " ") {
		if into.comment(line, "#;") {
			continue
		}
		line = strings.Trim(line, blanks)
		if name, isSection := strings.CutPrefix(line, "["); isSection {
			if name, _, ok := strings.Cut(name, "]"); ok && name != "" {
				into = root.add(name, "")
			}
			continue
		}
		if file, isInclude := strings.CutPrefix(line, ".include"); isInclude {
			into.add(".include", strings.Trim(file, blanks))
			continue
		}
		name, value, ok := cutEqual(line)
		if !ok || !word(name, "._-") {
			continue
		}
		value, comment := cutSpacedComment(value, "#")
		setting := into.add(name, "")
		switch {
		case name == "Description":
			if value != "" {
				setting.add("value", value)
			}
		case name == "Environment":
			for _, variable := range quotedWords(value) {
				systemdVariable(setting, variable)
			}
		case len(name) > len("Exec") && strings.HasPrefix(name, "Exec"):
			systemdCommand(setting, value)
		default:
			setting.addAll("value", strings.Fields(value))
		}
		setting.note(comment)
	}
}

// systemdVariable adds NAME=value, which as a whole may be in quotes; quotes around the value alone are part of it.
func systemdVariable(setting *Node, variable string) {
	if variable[0] == '"' || variable[0] == '\'' {
		variable = unquote(variable)
	}
	if name, value, ok := strings.Cut(variable, "="); ok && name != "" {
		setting.add(name, value)
	}
}

var systemdFlags = map[byte]string{'@': "arg0", '-': "ignoreexit", '+': "fullprivileges"}

func systemdCommand(setting *Node, value string) {
	for value != "" && systemdFlags[value[0]] != "" {
		setting.add(systemdFlags[value[0]], "")
		value = value[1:]
	}
	words := strings.Fields(value)
	if len(words) == 0 {
		return
	}
	setting.add("command", words[0])
	if len(words) > 1 {
		setting.add("arguments", "").addNumbered(1, words[1:])
	}
}
