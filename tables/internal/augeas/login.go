package augeas

import (
	"strconv"
	"strings"
)

// bracketedWords cuts a text at blanks; what stands in square brackets is one word.
func bracketedWords(text string) []string {
	var words []string
	closes := true // there is a closing bracket in what is left
	for text = strings.TrimLeft(text, blanks); text != ""; text = strings.TrimLeft(text, blanks) {
		end := strings.IndexAny(text, blanks)
		if text[0] == '[' && closes {
			closing := strings.IndexByte(text, ']')
			if closes = closing >= 0; closes {
				end = closing + 1
			}
		}
		if end < 0 {
			end = len(text)
		}
		words = append(words, text[:end])
		text = text[end:]
	}
	return words
}

var pamTypes = map[string]bool{"auth": true, "session": true, "account": true, "password": true}

func readPam(root *Node, text string) {
	number := 1
	for line := range continued(text, " ") {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		words := bracketedWords(line)
		if len(words) == 2 && words[0] == "@include" {
			root.add("include", words[1])
			continue
		}
		if len(words) < 3 {
			continue
		}
		kind, optional := strings.CutPrefix(words[0], "-")
		if !pamTypes[strings.ToLower(kind)] {
			continue
		}
		record := root.add(strconv.Itoa(number), "")
		number++
		if optional {
			record.add("optional", "")
		}
		record.add("type", kind)
		record.add("control", words[1])
		record.add("module", words[2])
		record.addAll("argument", words[3:])
		record.note(comment)
	}
}

// readAccess reads who may log in from where.
func readAccess(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		fields := strings.SplitN(line, ":", 3)
		sign := strings.Trim(fields[0], blanks)
		if len(fields) != 3 || sign != "+" && sign != "-" {
			continue
		}
		access := root.add("access", sign)
		into := access
		for _, user := range strings.Fields(fields[1]) {
			switch name, domain, at := strings.Cut(user, "@"); {
			case strings.EqualFold(user, "except") && into == access:
				into = access.add("except", "")
			case strings.HasPrefix(user, "(") && strings.HasSuffix(user, ")"):
				into.add("group", user[1:len(user)-1])
			case strings.HasPrefix(user, "@"):
				netgroup, nis, has := strings.Cut(user[1:], "@@")
				if node := into.add("netgroup", netgroup); has {
					node.add("nisdomain", nis)
				}
			case at:
				into.add("user", name).add("host", domain)
			default:
				into.add("user", user)
			}
		}
		into = access
		for _, origin := range strings.Fields(fields[2]) {
			if strings.EqualFold(origin, "except") && into == access {
				into = access.add("except", "")
				continue
			}
			into.add("origin", origin)
		}
	}
}

var hostsOptions = map[string]bool{
	"severity": true, "spawn": true, "twist": true, "keepalive": true, "linger": true, "rfc931": true, "banners": true, "nice": true, "setenv": true,
	"umask": true, "user": true, "allow": true, "deny": true,
}

// readHostsAccess reads the lists of TCP wrappers: daemons : clients [: option]… or a command.
func readHostsAccess(root *Node, text string) {
	number := 1
	for line := range continued(text, " ") {
		if root.comment(line, "#") {
			continue
		}
		fields := colonFields(line)
		if len(fields) < 2 {
			continue
		}
		entry := root.add(strconv.Itoa(number), "")
		number++
		hostsList(entry, fields[0], func(into *Node, item string) {
			name, host, has := strings.Cut(item, "@")
			if node := into.add("process", name); has {
				node.add("host", host)
			}
		})
		hostsList(entry, fields[1], func(into *Node, item string) {
			if strings.HasPrefix(item, "/") {
				into.add("file", item)
				return
			}
			client := into.add("client", "")
			if at := strings.LastIndexByte(item, '@'); at > 0 {
				client.add("user", item[:at])
				item = item[at+1:]
			}
			name, netmask, has := strings.Cut(item, "/")
			client.Value = name
			if has {
				client.add("netmask", netmask)
			}
		})
		for i, option := range fields[2:] {
			name, value := cutWord(option, " \t=")
			if hostsOptions[strings.ToLower(name)] {
				entry.add(name, value)
			} else if i == 0 {
				entry.add("shell_command", strings.Join(fields[2:], ":"))
				break
			}
		}
	}
}

// colonFields cuts a line at its colons, but for those in brackets, of addresses, and behind a backslash.
func colonFields(line string) []string {
	var fields []string
	start, depth := 0, 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			depth--
		case ':':
			if depth <= 0 {
				fields = append(fields, strings.Trim(line[start:i], blanks))
				start = i + 1
			}
		}
	}
	return append(fields, strings.Trim(line[start:], blanks))
}

// hostsList adds the items of a list, those after EXCEPT below a node of their own.
func hostsList(entry *Node, list string, add func(into *Node, item string)) {
	into := entry
	for _, item := range commas(list) {
		if strings.EqualFold(item, "except") && into == entry {
			into = entry.add("except", "")
			continue
		}
		add(into, item)
	}
}
