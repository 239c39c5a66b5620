package augeas

import (
	"strconv"
	"strings"
)

// What the values of OpenSSH's keywords are, by the keyword in small letters: one value where it is not named.
const (
	sshWords  = iota + 1 // several values parted by blanks
	sshCommas            // several values parted by commas
	sshPair              // a name and its value
	sshRekey             // an amount and a time
)

var sshdKeywords = map[string]int{
	"acceptenv": sshWords, "allowgroups": sshWords, "allowusers": sshWords, "denygroups": sshWords, "denyusers": sshWords,
	"ciphers": sshCommas, "macs": sshCommas, "kexalgorithms": sshCommas, "gssapikexalgorithms": sshCommas, "hostkeyalgorithms": sshCommas,
	"casignaturealgorithms": sshCommas, "pubkeyacceptedalgorithms": sshCommas, "pubkeyacceptedkeytypes": sshCommas,
	"subsystem": sshPair,
}

var sshKeywords = map[string]int{
	"sendenv": sshWords, "globalknownhostsfile": sshWords,
	"ciphers": sshCommas, "macs": sshCommas, "kexalgorithms": sshCommas, "hostkeyalgorithms": sshCommas, "pubkeyacceptedkeytypes": sshCommas,
	"remoteforward": sshPair, "localforward": sshPair,
	"rekeylimit": sshRekey,
}

func readSshd(root *Node, text string) { readOpenSSH(root, text, sshdKeywords, true) }
func readSSH(root *Node, text string)  { readOpenSSH(root, text, sshKeywords, false) }

// readOpenSSH reads the server's or a client's configuration. In the server's the values of a keyword are numbered through
// the file, in a client's each line's anew.
func readOpenSSH(root *Node, text string, keywords map[string]int, through bool) {
	const separators = " \t="
	into, conditional := root, (*Node)(nil)
	counters := map[string]int{}
	for line := range lines(text) {
		if conditional != nil { // what follows the Match line
			if into == conditional && strings.Trim(line, blanks) != "" && !strings.EqualFold(firstWord(line), "match") && (through || !strings.EqualFold(firstWord(line), "host")) {
				into = conditional.add("Settings", "")
			}
		}
		if into.comment(line, "#") {
			continue
		}
		keyword, value := cutWord(line, separators)
		if !word(keyword, "") {
			continue
		}
		folded := strings.ToLower(keyword)
		switch {
		case folded == "match":
			conditional = root.add(keyword, "")
			sshConditions(conditional.add("Condition", ""), value)
			into = conditional
			continue
		case folded == "host" && !through:
			conditional = nil
			into = root.add(keyword, value)
			continue
		}
		if !through {
			counters[folded] = 0
		}
		counters[folded] = sshSetting(into, keyword, value, keywords[folded], counters[folded])
	}
}

func firstWord(line string) string {
	first, _ := cutWord(line, " \t=")
	return first
}

// sshConditions adds what a Match line compares.
func sshConditions(condition *Node, text string) {
	words := quotedWords(strings.ReplaceAll(text, "=", " "))
	for i := 0; i < len(words); i += 2 {
		value := ""
		if i+1 < len(words) { // all and final have none
			value = unquote(words[i+1])
		}
		condition.add(words[i], value)
	}
}

// sshSetting adds one keyword. Its values are numbered after those already counted; the new count is given.
func sshSetting(into *Node, keyword, value string, kind, count int) int {
	switch kind {
	case sshWords:
		words := quotedWords(value)
		for i := range words {
			words[i] = unquote(words[i])
		}
		return into.add(keyword, "").addNumbered(count+1, words) - 1
	case sshCommas:
		return into.add(keyword, "").addNumbered(count+1, commas(value)) - 1
	case sshPair:
		name, rest := cutWord(value, blanks)
		into.add(keyword, "").add(name, rest)
	case sshRekey:
		limit := into.add(keyword, "")
		for i, label := range []string{"amount", "duration"} {
			if words := strings.Fields(value); i < len(words) {
				limit.add(label, words[i])
			}
		}
	default:
		into.add(keyword, value)
	}
	return count
}

// readKeys reads files of public keys that may log in: authorized_keys.
func readKeys(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		words := split(strings.Trim(line, blanks), ' ')
		at := 0
		if len(words) > 0 && !sshKeyType(words[0]) {
			at = 1
		}
		if len(words) < at+2 || !sshKeyType(words[at]) {
			continue
		}
		key := root.add("key", words[at+1])
		if at == 1 {
			options := key.add("options", "")
			for _, option := range split(words[0], ',') {
				name, value, _ := strings.Cut(option, "=")
				options.add(name, unquote(value))
			}
		}
		key.add("type", words[at])
		if comment := strings.Join(words[at+2:], " "); comment != "" {
			key.add("comment", comment)
		}
	}
}

func sshKeyType(text string) bool {
	_, err := strconv.Atoi(text) // the number of bits, in keys of protocol 1
	return err != nil && (strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-") || strings.HasPrefix(text, "sk-"))
}
