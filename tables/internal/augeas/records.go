package augeas

import (
	"strconv"
	"strings"
)

// records reads a file of numbered lines; add puts the words of one below its node and tells whether they make a record.
func records(root *Node, text string, add func(record *Node, words []string) bool) {
	number := 1
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		record := &Node{Label: strconv.Itoa(number)}
		if !add(record, strings.Fields(line)) {
			continue
		}
		record.note(comment)
		root.Children = append(root.Children, record)
		number++
	}
}

func readHosts(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) < 2 {
			return false
		}
		record.add("ipaddr", words[0])
		record.add("canonical", words[1])
		record.addAll("alias", words[2:])
		return true
	})
}

func readFstab(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) < 3 || len(words) > 6 {
			return false
		}
		record.add("spec", words[0])
		record.add("file", words[1])
		options := func(label, list string) {
			for _, option := range strings.Split(list, ",") {
				name, value, has := strings.Cut(option, "=")
				if name == "" {
					continue
				}
				if node := record.add(label, name); has {
					node.add("value", value)
				}
			}
		}
		options("vfstype", words[2])
		if len(words) > 3 {
			options("opt", words[3])
		}
		for i, label := range []string{"dump", "passno"} {
			if len(words) > 4+i {
				record.add(label, words[4+i])
			}
		}
		return true
	})
}

func readProtocols(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) < 2 || !digits(words[1]) {
			return false
		}
		record.add("protocol", words[0])
		record.add("number", words[1])
		record.addAll("alias", words[2:])
		return true
	})
}

func readNetworks(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) < 2 {
			return false
		}
		record.add("name", words[0])
		record.add("number", words[1])
		if len(words) > 2 {
			record.add("aliases", "").addNumbered(1, words[2:])
		}
		return true
	})
}

// readWords reads files of which each line is one word: the terminals of root, log-in shells.
func readWords(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) != 1 {
			return false
		}
		record.Value = words[0]
		return true
	})
}

// readSimpleLines reads files of which each line is a value as a whole.
func readSimpleLines(root *Node, text string) {
	number := 1
	for line := range lines(text) {
		if !root.comment(line, "#") {
			number = root.addNumbered(number, []string{strings.TrimLeft(line, blanks)})
		}
	}
}

func readServices(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		port, protocol, ok := strings.Cut(words[1], "/")
		if !ok {
			continue
		}
		service := root.add("service-name", words[0])
		if start, end, isRange := strings.Cut(port, "-"); isRange {
			service.add("start", start)
			service.add("end", end)
		} else {
			service.add("port", port)
		}
		service.add("protocol", protocol)
		service.addAll("alias", words[2:])
		service.note(comment)
	}
}

func readLimits(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		words := strings.Fields(line)
		if len(words) != 4 {
			continue
		}
		domain := root.add("domain", words[0])
		domain.add("type", words[1])
		domain.add("item", words[2])
		domain.add("value", words[3])
		domain.note(comment)
	}
}

func readInittab(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		fields := strings.SplitN(line, ":", 4)
		if len(fields) != 4 || fields[0] == "" {
			continue
		}
		record := root.add(fields[0], "")
		record.add("runlevels", fields[1])
		record.add("action", fields[2])
		record.add("process", fields[3])
		record.note(comment)
	}
}

func readExports(root *Node, text string) {
	for line := range continued(text, " ") {
		if root.comment(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) == 0 { // other white space
			continue
		}
		dir := root.add("dir", words[0])
		for _, w := range words[1:] {
			name, options, has := strings.Cut(w, "(")
			client := dir.add("client", name)
			if has {
				client.addAll("option", strings.Split(strings.TrimSuffix(options, ")"), ","))
			}
		}
	}
}

func readHostname(root *Node, text string) {
	for line := range lines(text) {
		if name := strings.Trim(line, blanks); word(name, "_.-") {
			root.add("hostname", name)
			return
		}
	}
}

func readLdSo(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		words := strings.Fields(line)
		switch {
		case len(words) == 1:
			root.add("path", words[0])
		case len(words) == 2 && words[0] == "include":
			root.add("include", words[1])
		case len(words) == 3 && words[0] == "hwcap":
			hwcap := root.add("hwcap", "")
			hwcap.add("bit", words[1])
			hwcap.add("name", words[2])
		}
	}
}

func readPgHba(root *Node, text string) {
	records(root, text, func(record *Node, words []string) bool {
		if len(words) < 4 || words[0] != "local" && len(words) < 5 {
			return false
		}
		record.add("type", words[0])
		record.addAll("database", commas(words[1]))
		record.addAll("user", commas(words[2]))
		rest := words[3:]
		if words[0] != "local" {
			address := rest[0]
			rest = rest[1:]
			if len(rest) > 1 && strings.Trim(rest[0], "0123456789.") == "" { // a mask
				address += " " + rest[0]
				rest = rest[1:]
			}
			record.add("address", address)
		}
		method := record.add("method", rest[0])
		for _, option := range rest[1:] {
			name, value, has := strings.Cut(option, "=")
			if node := method.add("option", name); has {
				node.add("value", unquote(value))
			}
		}
		return true
	})
}
