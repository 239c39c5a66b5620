// Package augeas reads configuration files into the trees that Augeas makes of them: which nodes, labels and values does a
// file have? Paths, labels, the numbering of records and of nodes that share a label, and #comment nodes are those of
// Augeas' lenses, so that statements written for osquery's table find what they look for.
//
// There is a reader for each family of formats; lenses.go lists which files have one. A file that no lens knows has no tree,
// as in Augeas. In one point the readers differ: Augeas has no tree of a file with one line that its lens does not know; here
// that line alone is left out. Hashes of passwords are in no tree, and credentials are masked where they are known.
package augeas

import (
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables/internal/mask"
)

// Node is one node of a tree. Children have their order from the file.
type Node struct {
	Label, Value string
	Children     []*Node

	more []string // further lines of the value, until the file is read
}

// add appends a child and gives it.
func (n *Node) add(label, value string) *Node {
	child := &Node{Label: label, Value: value}
	n.Children = append(n.Children, child)
	return child
}

// goOn appends a further line to the value.
func (n *Node) goOn(line string) { n.more = append(n.more, line) }

// join puts values of several lines together.
func (n *Node) join() {
	if n.more != nil {
		if n.Value != "" {
			n.more = append([]string{n.Value}, n.more...)
		}
		n.Value, n.more = strings.Join(n.more, "\n"), nil
	}
	for _, child := range n.Children {
		child.join()
	}
}

// addAll appends a child of one label for each value.
func (n *Node) addAll(label string, values []string) {
	for _, value := range values {
		n.add(label, value)
	}
}

// addNumbered appends a child for each value, whose labels count on from next, and gives the number after them.
func (n *Node) addNumbered(next int, values []string) int {
	for _, value := range values {
		n.add(strconv.Itoa(next), value)
		next++
	}
	return next
}

// note appends the comment at the end of a line, if there is one.
func (n *Node) note(comment string) {
	if comment != "" {
		n.add("#comment", comment)
	}
}

// Known tells whether files of this path have a lens.
func Known(file string) bool { return lensOf(file) != nil }

// SizeMax is how large a file may be: a node takes some forty times the memory of the shortest line that makes one.
const SizeMax = 2 << 20

// Tree gives the tree of a file: a node without label whose children are the file's nodes. It is nil where no lens knows
// the file, or where it is larger than SizeMax.
func Tree(file string, data []byte) *Node {
	l := lensOf(file)
	if l == nil || len(data) > SizeMax {
		return nil
	}
	root := &Node{}
	l.read(root, string(data))
	root.join()
	if l.credentials != ownHidden {
		root.hide(l.credentials == byName)
	}
	return root
}

// Walk tells of each node below n, parents first, with its path below prefix. Of nodes that share a label each has its
// number. It ends with visit's first error.
func (n *Node) Walk(prefix string, visit func(path string, n *Node) error) error {
	type counter struct{ all, seen int }
	counters := make(map[string]*counter, len(n.Children))
	for _, child := range n.Children {
		c := counters[child.Label]
		if c == nil {
			c = &counter{}
			counters[child.Label] = c
		}
		c.all++
	}
	for _, child := range n.Children {
		path := prefix + "/" + Escape(child.Label)
		if c := counters[child.Label]; c.all > 1 {
			c.seen++
			path += "[" + strconv.Itoa(c.seen) + "]"
		}
		if err := visit(path, child); err != nil {
			return err
		}
		if len(child.Children) > 0 {
			if err := child.Walk(path, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// escaped are the bytes that stand behind a backslash in the path of a node.
const escaped = "][|/=()!, \t\n\v\f\r\\"

// Escape gives a label, or the name of a file or directory, as it stands in the path of a node.
func Escape(label string) string {
	if !strings.ContainsAny(label, escaped) {
		return label
	}
	var b strings.Builder
	for i := range len(label) {
		if strings.IndexByte(escaped, label[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(label[i])
	}
	return b.String()
}

// hide masks the credentials in a tree: those that a value shows by itself and, where named is set, those that a label names.
// For the labels that lenses give to parts of a line, such as value, the parent is the name.
func (n *Node) hide(named bool) {
	for _, child := range n.Children {
		name := child.Label
		if name == "value" {
			name = n.Value
		}
		switch {
		case n.Label == "arguments":
		case named && child.Label != "#comment":
			child.Value = hidden(name, child.Value)
		default:
			child.Value = mask.CommandLine(child.Value)
		}
		child.hide(named)
	}
	if n.Label == "arguments" {
		n.hideArguments()
	}
}

// hidden masks a value whose name is that of a credential, and credentials inside others.
func hidden(name, value string) string {
	folded := strings.ToLower(name)
	if switches[strings.ToLower(value)] {
		return value
	}
	if value != "" && (credentialNames[folded] || strings.HasPrefix(folded, "wep-key")) {
		return mask.Hidden
	}
	return mask.Variable(name, value)
}

// switches are values that are no credentials whatever their name: whether passwords are kept, not which.
var switches = set("yes no on off true false 0 1")

// credentialNames are names of credentials that only mean such in these formats.
var credentialNames = map[string]bool{"psk": true, "pin": true, "preshared-key": true, "secret": true, "ldap_default_authtok": true, "bindpw": true, "rootbindpw": true}

// hideArguments masks the arguments of a command, where one says what the next is.
func (n *Node) hideArguments() {
	values := make([]string, len(n.Children))
	for i, child := range n.Children {
		values[i] = child.Value
	}
	line := strings.Join(values, " ")
	masked := mask.CommandLine(line)
	if masked == line {
		return
	}
	words := strings.Fields(masked)
	for i, child := range n.Children {
		if len(words) == len(values) {
			child.Value = words[i]
		} else {
			child.Value = mask.Hidden
		}
	}
}
