package augeas

import "strings"

// logrotateChoices gives the label of words that stand alone, of which one of several is chosen.
var logrotateChoices = map[string]string{
	"hourly": "schedule", "daily": "schedule", "weekly": "schedule", "monthly": "schedule", "yearly": "schedule",
	"missingok": "missingok", "nomissingok": "missingok", "compress": "compress", "nocompress": "compress",
	"delaycompress": "delaycompress", "nodelaycompress": "delaycompress", "ifempty": "ifempty", "notifempty": "ifempty",
	"sharedscripts": "sharedscripts", "nosharedscripts": "sharedscripts", "dateext": "dateext", "nodateext": "dateext",
	"copy": "copy", "nocopy": "copy", "copytruncate": "copytruncate", "nocopytruncate": "copytruncate", "shred": "shred", "noshred": "shred",
}

var logrotateHooks = set("prerotate postrotate firstaction lastaction preremove")

func readLogrotate(root *Node, text string) {
	into := root
	var files []string
	var hook *Node
	for line := range lines(text) {
		inner := strings.Trim(line, blanks)
		switch {
		case hook != nil:
			if inner == "endscript" {
				hook = nil
			} else {
				hook.goOn(line)
			}
		case into.comment(line, "#"):
		case inner == "}":
			into = root
		case logrotateHooks[inner]:
			hook = into.add(inner, "")
		case into == root && (inner[0] == '/' || inner[0] == '"' || inner[0] == '\'' || inner[0] == '{'):
			list, _, opens := strings.Cut(inner, "{")
			for _, file := range quotedWords(list) {
				files = append(files, unquote(file))
			}
			if opens {
				into = root.add("rule", "")
				into.addAll("file", files)
				files = nil
			}
		default:
			logrotateSetting(into, inner)
		}
	}
}

func logrotateSetting(into *Node, line string) {
	name, value := cutWord(line, " \t=")
	words := strings.Fields(value)
	labels := []string(nil)
	switch name {
	case "create":
		labels = []string{"mode", "owner", "group"}
	case "su":
		labels = []string{"owner", "group"}
	case "tabooext":
		setting := into.add(name, "")
		if len(words) > 0 && words[0] == "+" {
			setting.Value = "+"
			words = words[1:]
		}
		for _, w := range words {
			setting.add(w, "")
		}
		return
	default:
		if label := logrotateChoices[name]; label != "" {
			into.add(label, name)
		} else {
			into.add(name, value)
		}
		return
	}
	setting := into.add(name, "")
	for i, label := range labels {
		if i < len(words) {
			setting.add(label, words[i])
		}
	}
}
