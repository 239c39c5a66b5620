package augeas

import "strings"

// sudoAliases gives the label of the members of each kind of alias.
var sudoAliases = map[string]string{"User_Alias": "user", "Runas_Alias": "runas_user", "Host_Alias": "host", "Cmnd_Alias": "command"}

// sudoLists are the settings whose value is a list.
var sudoLists = map[string]bool{"env_check": true, "env_delete": true, "env_keep": true}

// sudoTags stand before a command with a colon after them.
var sudoTags = map[string]bool{
	"NOPASSWD": true, "PASSWD": true, "NOEXEC": true, "EXEC": true, "SETENV": true, "NOSETENV": true, "LOG_INPUT": true, "NOLOG_INPUT": true,
	"LOG_OUTPUT": true, "NOLOG_OUTPUT": true, "MAIL": true, "NOMAIL": true, "FOLLOW": true, "NOFOLLOW": true, "INTERCEPT": true, "NOINTERCEPT": true,
}

func readSudoers(root *Node, text string) {
	for line := range continued(text, " ") {
		line = strings.Trim(line, blanks)
		first, rest := cutWord(line, blanks)
		switch first {
		case "#include", "#includedir", "@include", "@includedir":
			root.add(first, rest)
			continue
		}
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutSpacedComment(line, "#")
		node := &Node{}
		switch {
		case sudoAliases[first] != "":
			_, rest = cutWord(line, blanks)
			sudoAlias(node, first, rest)
		case strings.HasPrefix(line, "Defaults"):
			sudoDefaults(node, strings.TrimPrefix(line, "Defaults"))
		default:
			sudoSpec(node, line)
		}
		if node.Label != "" {
			node.note(comment)
			root.Children = append(root.Children, node)
		}
	}
}

func sudoAlias(node *Node, kind, text string) {
	node.Label = kind
	for _, definition := range split(text, ':') {
		name, members, _ := cutEqual(definition)
		alias := node.add("alias", "")
		alias.add("name", name)
		for _, member := range split(members, ',') {
			negations := len(member) - len(strings.TrimLeft(member, "!"))
			if sudoAliases[kind] != "command" || negations == 0 {
				alias.add(sudoAliases[kind], member)
				continue
			}
			sudoNegate(alias.add("command", strings.TrimLeft(member, "!")), negations)
		}
	}
}

// sudoNegate notes that an odd number of exclamation marks stood before a node's text.
func sudoNegate(node *Node, marks int) {
	if marks%2 == 1 {
		node.add("negate", "")
	}
}

func sudoDefaults(node *Node, text string) {
	scope, parameters := text, ""
	if at := strings.IndexAny(text, blanks); at >= 0 {
		scope, parameters = text[:at], text[at:]
	}
	if scope != "" && !strings.ContainsAny(scope[:1], "@:!>") {
		return // another word that begins alike
	}
	node.Label = "Defaults"
	if scope != "" {
		node.add("type", scope)
	}
	for _, parameter := range split(parameters, ',') {
		marks := len(parameter) - len(strings.TrimLeft(parameter, "!"))
		name, value, assigned := cutEqual(strings.TrimLeft(parameter, "!"))
		if name == "" {
			continue
		}
		operator := name[len(name)-1]
		name = strings.TrimRight(name, "+- \t")
		setting := node.add(name, "")
		sudoNegate(setting, marks)
		switch {
		case !assigned:
		case sudoLists[name]:
			if label := map[byte]string{'+': "append", '-': "remove"}[operator]; label != "" {
				setting.add(label, "")
			}
			setting.addAll("var", strings.Fields(unquote(value)))
		case digits(strings.TrimPrefix(unquote(value), "-")):
			setting.Value = unquote(value)
		default:
			setting.Value = value
		}
	}
}

// sudoSpec adds who may run what: users hosts = commands [: hosts = commands].
func sudoSpec(node *Node, line string) {
	left, right, ok := cutEqualSign(line)
	if !ok {
		return
	}
	words := sudoWords(left)
	if len(words) != 2 {
		return
	}
	node.Label = "spec"
	node.addAll("user", split(words[0], ','))
	for hosts := words[1]; hosts != ""; {
		group := node.add("host_group", "")
		group.addAll("host", split(hosts, ','))
		right = sudoCommands(group, right)
		left, right, _ = cutEqualSign(right)
		hosts = strings.Trim(left, blanks)
	}
}

// cutEqualSign parts a text at the first equals sign that is not behind a backslash.
func cutEqualSign(text string) (before, after string, ok bool) {
	end := wordEnd(text, "=", doubleQuotes)
	if end == len(text) {
		return text, "", false
	}
	return text[:end], text[end+1:], true
}

// sudoWords cuts a text at blanks that are neither escaped nor beside a comma.
func sudoWords(text string) []string {
	var words []string
	var current strings.Builder
	rest := strings.Trim(text, blanks)
	for rest != "" {
		end := wordEnd(rest, blanks, doubleQuotes)
		current.WriteString(rest[:end])
		rest = strings.TrimLeft(rest[end:], blanks)
		if strings.HasSuffix(current.String(), ",") || strings.HasPrefix(rest, ",") {
			continue
		}
		words = append(words, current.String())
		current.Reset()
	}
	if current.Len() > 0 {
		words = append(words, current.String())
	}
	return words
}

// sudoCommands adds the commands at the start of a text to a group of hosts, and gives what follows the colon behind them.
func sudoCommands(group *Node, text string) (rest string) {
	for {
		command := group.add("command", "")
		text = strings.TrimLeft(text, blanks)
		if strings.HasPrefix(text, "(") {
			users, after, _ := strings.Cut(text[1:], ")")
			users, groups, _ := strings.Cut(users, ":")
			command.addAll("runas_user", commas(users))
			command.addAll("runas_group", commas(groups))
			text = strings.TrimLeft(after, blanks)
		}
		for {
			tag, after, found := strings.Cut(text, ":")
			if !found || !sudoTags[strings.Trim(tag, blanks)] {
				break
			}
			command.add("tag", strings.Trim(tag, blanks))
			text = strings.TrimLeft(after, blanks)
		}
		marks := len(text) - len(strings.TrimLeft(text, "!"))
		sudoNegate(command, marks)
		text = text[marks:]
		end := wordEnd(text, ",:", doubleQuotes)
		command.Value = strings.Trim(text[:end], blanks)
		if end == len(text) {
			return ""
		}
		separator := text[end]
		text = text[end+1:]
		if separator == ':' {
			return text
		}
	}
}
