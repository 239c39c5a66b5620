package augeas

import "strings"

// iniFormat says how a format with sections differs from others.
type iniFormat struct {
	section string          // label of a section, whose value is its name; the name is the label where this is empty
	loose   string          // label of the settings before the first section; they stand at the top where it is empty
	marks   string          // begin comments
	trailer string          // begin comments after a value; none where empty
	equals  string          // part names from values
	lists   map[string]bool // names whose values are several, each a node of that name
	flags   bool            // a name may stand alone
	goesOn  bool            // a line that begins with a blank goes on with the value before it
	quoted  bool            // quotes around a value are no part of it
}

func (f iniFormat) read(root *Node, text string) {
	into := root
	if f.loose != "" {
		into = &Node{Label: f.loose}
		defer func(loose *Node) {
			if len(loose.Children) > 0 {
				root.Children = append([]*Node{loose}, root.Children...)
			}
		}(into)
	}
	var last *Node
	for line := range lines(text) {
		inner := strings.TrimLeft(line, blanks)
		if f.goesOn && inner != line && inner != "" && last != nil && strings.IndexByte(f.marks, inner[0]) < 0 {
			f.goOn(into, last, inner)
			continue
		}
		if into.comment(line, f.marks) {
			continue
		}
		last = nil
		if inner[0] == '[' {
			name, _, ok := strings.Cut(inner[1:], "]")
			switch {
			case !ok || name == "":
			case f.section == "":
				into = root.add(name, "")
			default:
				into = root.add(f.section, name)
			}
			continue
		}
		if inner[0] == '!' { // another file is read here
			root.add(cutWord(inner, blanks))
			into = root
			continue
		}
		last = f.entry(into, inner)
	}
}

// entry adds a line's setting and gives its last node; nil where the line is none.
func (f iniFormat) entry(into *Node, line string) *Node {
	at := strings.IndexAny(line, f.equals)
	if at < 0 {
		if f.flags {
			return into.add(line, "")
		}
		return nil
	}
	name, value, comment := strings.Trim(line[:at], blanks), strings.Trim(line[at+1:], blanks), ""
	if name == "" {
		return nil
	}
	if f.trailer != "" && !(f.quoted && strings.HasPrefix(value, `"`)) {
		value, comment = cutComment(value, f.trailer)
	}
	if f.lists[name] {
		values := commas(value)
		into.addAll(name, values)
		if len(values) == 0 {
			return into.add(name, "")
		}
		return into.Children[len(into.Children)-1]
	}
	if f.quoted {
		value = unquote(value)
	}
	node := into.add(name, value)
	node.note(comment)
	return node
}

// goOn adds a further line of the value of the setting before it.
func (f iniFormat) goOn(into, last *Node, line string) {
	if f.lists[last.Label] {
		into.addAll(last.Label, commas(line))
	} else {
		last.goOn(line)
	}
}

func readYum(root *Node, text string) {
	iniFormat{marks: "#", trailer: "#", equals: "=", lists: map[string]bool{"baseurl": true, "gpgkey": true, "exclude": true}, goesOn: true, quoted: true}.read(root, text)
}

func readSssd(root *Node, text string) {
	iniFormat{section: "target", marks: "#;", trailer: "#;", equals: "="}.read(root, text)
}

func readSamba(root *Node, text string) {
	iniFormat{section: "target", marks: "#;", trailer: "#;", equals: "="}.read(root, text)
}

func readMySQL(root *Node, text string) {
	iniFormat{section: "target", marks: "#;", trailer: "#", equals: "=", flags: true, quoted: true}.read(root, text)
}

func readNetworkManager(root *Node, text string) {
	iniFormat{marks: "#", equals: "="}.read(root, text)
}

func readPuppet(root *Node, text string) {
	iniFormat{marks: "#", trailer: "#", equals: "="}.read(root, text)
}

func readPHP(root *Node, text string) {
	iniFormat{loose: ".anon", marks: ";#", trailer: ";", equals: "=", quoted: true}.read(root, text)
}

func readGDM(root *Node, text string) {
	iniFormat{loose: ".anon", marks: ";#", equals: "="}.read(root, text)
}

func readPostgreSQL(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		name, rest := cutWord(line, " \t=")
		value, comment := valueEnd(rest)
		if word(name, "_.-") {
			root.add(name, unquote(value)).note(comment)
		}
	}
}
