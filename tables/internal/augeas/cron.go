package augeas

import "strings"

// readCron reads a table of the system, whose entries name a user, readCronUser one of a user.
func readCron(root *Node, text string)     { readCrontab(root, text, true) }
func readCronUser(root *Node, text string) { readCrontab(root, text, false) }

var cronTimes = []string{"minute", "hour", "dayofmonth", "month", "dayofweek"}

func readCrontab(root *Node, text string, users bool) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		if name, value, ok := strings.Cut(line, "="); ok && word(name, "_-") {
			root.add(name, value)
			continue
		}
		entry := &Node{Label: "entry"}
		rest := strings.TrimLeft(line, blanks)
		if rest[0] == '-' { // not logged
			entry.add("prefix", "-")
			rest = rest[1:]
		}
		if rest, ok := cronTime(entry, rest); ok {
			if users {
				var user string
				user, rest = cutWord(rest, blanks)
				entry.add("user", user)
			}
			if entry.Value = rest; rest != "" {
				root.Children = append(root.Children, entry)
			}
		}
	}
}

// cronTime adds when an entry runs, and gives the rest of its line.
func cronTime(entry *Node, line string) (rest string, ok bool) {
	if name, isName := strings.CutPrefix(line, "@"); isName {
		name, rest = cutWord(name, blanks)
		entry.add("schedule", name)
		return rest, rest != ""
	}
	time := entry.add("time", "")
	for _, label := range cronTimes {
		var field string
		if field, line = cutWord(line, blanks); !word(field, "*,/-") || line == "" {
			return "", false
		}
		time.add(label, field)
	}
	return line, true
}
