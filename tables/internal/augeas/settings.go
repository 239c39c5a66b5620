package augeas

import "strings"

// valueEnd parts a value from the comment after it: a value in quotes is whole, a bare one ends before a hash.
func valueEnd(text string) (value, comment string) {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			_, comment = cutComment(text[end+2:], "#")
			return text[:end+2], comment
		}
	}
	return cutComment(text, "#")
}

// readSimpleVars reads lines "name = value", "name =" and "name".
func readSimpleVars(root *Node, text string) { readAssignments(root, text, "#", "_.-") }

// readSysctl reads the same with names of the kernel's settings.
func readSysctl(root *Node, text string) { readAssignments(root, text, "#;", "*:/_.-") }

func readAssignments(root *Node, text, marks, letters string) {
	for line := range lines(text) {
		if root.comment(line, marks) {
			continue
		}
		name, value, _ := cutEqual(line)
		value, comment := valueEnd(value)
		if word(name, letters) {
			root.add(name, value).note(comment)
		}
	}
}

// readVsftpd reads lines "name=value" whose values have no comments.
func readVsftpd(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		if name, value, ok := cutEqual(line); ok && word(name, "_") {
			root.add(name, value)
		}
	}
}

// readSpaceVars reads lines "name value" whose values have no comments: login.defs and the clients of LDAP.
func readSpaceVars(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		if name, value := cutWord(line, blanks); word(name, "_.-[]") {
			root.add(name, value)
		}
	}
}

// readPostfixMain reads Postfix's parameters; a line that begins with a blank goes on with the one before it.
func readPostfixMain(root *Node, text string) {
	var last *Node
	for line := range lines(text) {
		inner := strings.TrimLeft(line, blanks)
		switch {
		case root.comment(line, "#"):
		case inner != line && last != nil:
			last.goOn(line)
		default:
			name, value, ok := cutEqual(line)
			if last = nil; ok && word(name, "_.-") {
				last = root.add(name, value)
			}
		}
	}
}
