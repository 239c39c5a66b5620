package augeas

import "strings"

func readNsswitch(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		name, services, ok := strings.Cut(line, ":")
		if !ok || !word(name, "_.-") {
			continue
		}
		database := root.add("database", name)
		for _, item := range bracketedWords(services) {
			inner, isReaction := strings.CutPrefix(item, "[")
			if !isReaction {
				database.add("service", item)
				continue
			}
			reaction := database.add("reaction", "")
			for _, entry := range strings.Fields(strings.TrimSuffix(inner, "]")) {
				status, action, _ := strings.Cut(entry, "=")
				plain, negated := strings.CutPrefix(status, "!")
				node := reaction.add("status", plain)
				if negated {
					node.add("negate", "")
				}
				node.add("action", action)
			}
		}
		database.note(comment)
	}
}

func readResolv(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#;") {
			continue
		}
		line, comment := cutComment(line, "#;")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		var entry *Node
		switch values := words[1:]; words[0] {
		case "nameserver", "domain":
			entry = root.add(words[0], values[0])
		case "search":
			entry = root.add("search", "")
			entry.addAll("domain", values)
		case "sortlist":
			entry = root.add("sortlist", "")
			for _, value := range values {
				address, netmask, has := strings.Cut(value, "/")
				if node := entry.add("ipaddr", address); has {
					node.add("netmask", netmask)
				}
			}
		case "options":
			entry = root.add("options", "")
			for _, value := range values {
				if value == "no-ip6-dotint" {
					entry.add("ip6-dotint", "").add("negate", "")
					continue
				}
				name, number, _ := strings.Cut(value, ":")
				entry.add(name, number)
			}
		case "lookup", "family":
			entry = root.add(words[0], "")
			for _, value := range values {
				entry.add(value, "")
			}
		default:
			continue
		}
		entry.note(comment)
	}
}

func readHostConf(root *Node, text string) {
	order, trim := 1, 1
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		name, value := cutWord(line, blanks)
		switch name {
		case "order":
			order = root.add(name, "").addNumbered(order, commas(value))
		case "trim":
			trim = root.add(name, "").addNumbered(trim, strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(":;, \t", r) }))
		case "multi", "nospoof", "spoofalert", "reorder", "spoof":
			root.add(name, value)
		}
	}
}
