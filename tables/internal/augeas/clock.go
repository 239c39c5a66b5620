package augeas

import "strings"

// directive is what follows a word of chrony or ntpd: first its labelled values, then options.
type directive struct {
	labels  string // of the values, in their order; "=" is the value of the directive itself, one that ends in … takes all that follow
	options string // names that have a value
	flags   string // names that stand alone; "…" is any
}

const ntpSource = "minpoll maxpoll ttl version key"

var ntpDirectives = map[string]directive{
	"server": {"=", ntpSource, "…"}, "pool": {"=", ntpSource, "…"}, "peer": {"=", ntpSource, "…"}, "broadcast": {"=", ntpSource, "…"},
	"manycastclient": {"=", ntpSource, "…"}, "multicastclient": {"=", ntpSource, "…"}, "manycastserver": {"=", ntpSource, "…"},
	"broadcastclient": {"", "", "novolley"}, "fudge": {"=", "refid stratum", ""}, "enable": {"flag…", "", ""}, "disable": {"flag…", "", ""},
	"broadcastdelay": {"=", "", ""}, "driftfile": {"=", "", ""}, "leapfile": {"=", "", ""}, "logfile": {"=", "", ""}, "includefile": {"=", "", ""},
	"statsdir": {"=", "", ""}, "ntpsigndsocket": {"=", "", ""}, "restrict": {"= action…", "", ""}, "statistics": {"", "", "…"},
	"filegen": {"=", "file type", ""}, "controlkey": {"=", "", ""}, "keys": {"=", "", ""}, "keysdir": {"=", "", ""}, "requestkey": {"=", "", ""},
	"authenticate": {"=", "", ""}, "autokey": {"=", "", ""}, "revoke": {"=", "", ""}, "trustedkey": {"key…", "", ""},
	"tinker":    {"", "step panic dispersion stepout minpoll allan huffpuff", ""},
	"tos":       {"", "beacon ceiling cohort floor maxclock maxdist minclock mindist minsane orphan orphanwait", ""},
	"interface": {"action addresses", "", ""},
}

const chronySource = `asymmetry certset extfield filter key maxdelay maxdelayratio maxdelaydevratio minpoll maxpoll minsamples maxsamples maxsources
	mindelay offset polltarget port presend version`

var chronyDirectives = map[string]directive{
	"server": {"=", chronySource, "…"}, "pool": {"=", chronySource, "…"}, "peer": {"=", chronySource, "…"},
	"allow": {"", "", ""}, "deny": {"", "", ""}, "cmdallow": {"", "", ""}, "cmddeny": {"", "", ""},
	"log": {"", "", "…"}, "broadcast": {"interval address port", "", ""}, "fallbackdrift": {"min max", "", ""},
	"confdir": {"directory…", "", ""}, "sourcedir": {"directory…", "", ""},
	"hwtimestamp":  {"interface", "minpoll precision rxcomp txcomp minsamples maxsamples rxfilter", "nocrossts"},
	"initstepslew": {"threshold address…", "", ""}, "local": {"", "stratum distance", "orphan"}, "mailonchange": {"emailaddress threshold", "", ""},
	"makestep": {"threshold limit", "", ""}, "maxchange": {"threshold delay limit", "", ""},
	"ratelimit": {"", "interval burst leak", ""}, "cmdratelimit": {"", "interval burst leak", ""}, "ntsratelimit": {"", "interval burst leak", ""},
	"refclock": {"driver parameter", "refid lock poll dpoll filter rate minsamples maxsamples offset delay precision maxdispersion stratum width",
		"noselect pps prefer require tai trust"},
	"smoothtime": {"maxfreq maxwander", "", "leaponly"},
}

func readNTP(root *Node, text string) {
	for line := range lines(text) {
		if strings.Trim(line, blanks) == "#" { // this lens alone keeps a comment without text
			root.add("#comment", "")
			continue
		}
		if root.comment(line, "#") {
			continue
		}
		line, comment := cutComment(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 { // other white space
			continue
		}
		d, known := ntpDirectives[words[0]]
		if !known {
			continue
		}
		node := root.add(words[0], "")
		words = words[1:]
		if node.Label == "restrict" && len(words) > 0 && (words[0] == "-4" || words[0] == "-6") {
			node.add("ipv"+words[0][1:], "")
			words = words[1:]
		}
		if node.Label == "filegen" {
			words = d.label(node, words)
			for i := 0; i < len(words); i++ {
				switch words[i] {
				case "enable", "disable":
					node.add("enable", words[i])
				case "link", "nolink":
					node.add("link", words[i])
				default:
					if i++; i < len(words) {
						node.add(words[i-1], words[i])
					}
				}
			}
		} else {
			d.add(node, words)
		}
		node.note(comment)
	}
}

func readChrony(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#!;%") {
			continue
		}
		words := strings.Fields(line)
		if len(words) == 0 { // other white space
			continue
		}
		d, known := chronyDirectives[words[0]]
		node := root.add(words[0], "")
		switch words = words[1:]; {
		case !known: // a name alone or with one value
			node.Value = strings.Join(words, " ")
		case strings.HasSuffix(node.Label, "allow") || strings.HasSuffix(node.Label, "deny"):
			if len(words) > 0 && words[0] == "all" {
				node.add("all", "")
				words = words[1:]
			}
			node.Value = strings.Join(words, " ")
		default:
			d.add(node, words)
		}
	}
}

// add puts the words after a directive below its node; an option that it does not know is left out.
func (d directive) add(node *Node, words []string) {
	words = d.label(node, words)
	options, flags := set(d.options), set(d.flags)
	for i := 0; i < len(words); i++ {
		switch name := words[i]; {
		case options[name] && i+1 < len(words):
			i++
			node.add(name, words[i])
		case flags[name] || flags["…"]:
			node.add(name, "")
		}
	}
}

// label adds the values that have labels, and gives the words after them.
func (d directive) label(node *Node, words []string) []string {
	for _, label := range strings.Fields(d.labels) {
		if len(words) == 0 {
			return nil
		}
		if name, all := strings.CutSuffix(label, "…"); all {
			node.addAll(name, words)
			return nil
		}
		if label == "=" {
			node.Value = words[0]
		} else {
			node.add(label, words[0])
		}
		words = words[1:]
	}
	return words
}
