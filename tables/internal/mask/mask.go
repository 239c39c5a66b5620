// Package mask hides credentials in command lines before a table shows them. Command lines are inventory that every
// analyst may read; passwords, tokens and keys in them are not.
//
// What is hidden: values of options, variables, fields and headers whose name speaks of a password, secret, token or
// API key; the password options of well-known programs; bearer and basic authorization; the password in a URL; private
// key blocks; tokens with a well-known form. It errs on the side of hiding, and names, paths and flags stay readable.
package mask

import (
	"bytes"
	"path"
	"strings"
)

// Hidden stands where a credential was.
const Hidden = "[masked]"

// Arguments joins a program's arguments, each ended by NUL as in /proc/PID/cmdline, by blanks, with credentials hidden.
// Knowing where an argument ends, it hides a value with blanks in it as a whole.
func Arguments(raw []byte) string {
	raw = bytes.TrimRight(raw, "\x00")
	if !suspicious(raw) {
		return strings.TrimSpace(joined(raw))
	}
	var m masker
	for argument := range bytes.SplitSeq(raw, []byte{0}) {
		m.argument(string(argument))
		m.out.WriteByte(' ')
	}
	return strings.TrimSpace(m.out.String())
}

// CommandLine hides credentials in a command line whose arguments are parted by blanks, quotes left as they are.
func CommandLine(line string) string {
	if !suspicious(line) {
		return line
	}
	var m masker
	m.text(line)
	return m.out.String()
}

func joined(raw []byte) string {
	var out strings.Builder
	out.Grow(len(raw))
	for {
		end := bytes.IndexByte(raw, 0)
		if end < 0 {
			out.Write(raw)
			return out.String()
		}
		out.Write(raw[:end])
		out.WriteByte(' ')
		raw = raw[end+1:]
	}
}

// masker writes words one after another and remembers what an earlier one said of the next.
type masker struct {
	out     strings.Builder
	next    nextWord
	program string // the last word that names a program with password options, until one of them was hidden
}

// nextWord says what the coming word is.
type nextWord uint8

const (
	anyWord     nextWord = iota
	secretWord           // the value of an option
	schemeWord           // of an authorization header: a scheme, or already the credential
	accountWord          // user:password of curl
	shareWord            // user%password of smbclient
)

// argument masks one whole argument. One that holds blanks is mostly a script for a shell.
func (m *masker) argument(text string) {
	if !strings.ContainsAny(text, " \t\n") {
		m.word(text)
		return
	}
	if m.next == secretWord && !strings.HasPrefix(text, "-") {
		m.next = anyWord
		m.out.WriteString(Hidden)
		return
	}
	if name, separator, _ := splitPair(text); separator == '=' && sensitive(name) {
		m.out.WriteString(text[:len(name)+1] + Hidden)
		return
	}
	m.text(text)
}

// text masks words parted by blanks.
func (m *masker) text(text string) {
	text = hideKeyBlocks(text)
	for len(text) > 0 {
		start := strings.IndexFunc(text, func(r rune) bool { return !blank(r) })
		if start < 0 {
			start = len(text)
		}
		m.out.WriteString(text[:start])
		text = text[start:]
		end := wordEnd(text)
		if end > 0 {
			m.word(text[:end])
		}
		text = text[end:]
	}
}

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// wordEnd is where the word at the start of text ends. A value in quotes may hold blanks.
func wordEnd(text string) int {
	for i := 0; i < len(text); i++ {
		if blank(rune(text[i])) {
			return i
		}
		if quote := text[i]; (quote == '"' || quote == '\'') && i > 0 && (text[i-1] == '=' || text[i-1] == ':') {
			if end := strings.IndexByte(text[i+1:], quote); end >= 0 {
				i += end + 1
			}
		}
	}
	return len(text)
}

// word masks one word.
func (m *masker) word(word string) {
	next := m.next
	m.next = anyWord
	switch next {
	case secretWord:
		if !strings.HasPrefix(word, "-") || len(word) == 1 {
			m.out.WriteString(Hidden)
			return
		}
	case schemeWord:
		if scheme(word) {
			m.next = secretWord
			m.out.WriteString(word)
			return
		}
		m.out.WriteString(Hidden)
		return
	case accountWord:
		m.out.WriteString(hideAfter(word, ':'))
		return
	case shareWord:
		m.out.WriteString(hideAfter(word, '%'))
		return
	}
	if m.programOption(word) {
		return
	}
	m.out.WriteString(m.plainWord(word))
}

// plainWord masks a word that no earlier one spoke of.
func (m *masker) plainWord(word string) string {
	name := strings.TrimLeft(word, `"'`)
	dashes := len(name) - len(strings.TrimLeft(name, "-"))
	bare, separator, value := splitPair(name)
	switch {
	case dashes > 0 && dashes < 3 && separator == 0 && sensitive(name):
		m.next = secretWord
		return word
	case separator == ':' && strings.Trim(value, `"'`) == "" && header(bare), strings.EqualFold(bare, "bearer") && separator == 0:
		m.next = schemeWord
		return word
	case separator == ':' && header(bare) && scheme(value):
		m.next = secretWord
		return word
	case separator != 0 && (sensitive(bare) && !isPath(bare, separator) || separator == ':' && header(bare)):
		if value == "" && separator == ':' {
			m.next = secretWord
			return word
		}
		if value == "" {
			return word
		}
		kept := word[:len(word)-len(value)]
		return kept + hideValue(value)
	}
	return hideTokens(hideUserInfo(hideFields(word)))
}

// isPath tells a pair of paths, as of a mount, from a field: /run/secrets/token:/token.
func isPath(name string, separator byte) bool {
	return separator == ':' && strings.LastIndexByte(name, '/') > 0
}

// splitPair cuts name=value or name:value, the first of both. A separator of 0 means that there is none.
func splitPair(text string) (name string, separator byte, value string) {
	at := strings.IndexAny(text, "=:")
	if at < 0 || strings.HasPrefix(text[at:], "://") {
		return text, 0, ""
	}
	return text[:at], text[at], text[at+1:]
}

// hideValue hides a value to its end, but for the quotes around it.
func hideValue(value string) string {
	if quote := value[0]; (quote == '"' || quote == '\'') && len(value) > 1 && value[len(value)-1] == quote {
		return string(quote) + Hidden + string(quote)
	}
	return Hidden
}

func hideAfter(word string, separator byte) string {
	if at := strings.IndexByte(word, separator); at >= 0 && at+1 < len(word) {
		return word[:at+1] + Hidden
	}
	return word
}

// scheme tells whether a word is an authorization scheme that a credential follows.
func scheme(word string) bool {
	switch strings.ToLower(strings.Trim(word, `"'`)) {
	case "bearer", "basic", "token", "digest", "negotiate", "apikey":
		return true
	}
	return false
}

// header tells whether a name is a header that carries an authorization.
func header(name string) bool {
	name = strings.ToLower(strings.Trim(name, `"'-`))
	return name == "authorization" || name == "proxy-authorization"
}

// programOptions names the options of programs that take a password, by the program's name.
var programOptions = map[string]struct {
	option             string
	attached, separate bool
	kind               nextWord
}{
	"mysql": {"-p", true, false, secretWord}, "mysqldump": {"-p", true, false, secretWord},
	"mysqladmin": {"-p", true, false, secretWord}, "mysqlimport": {"-p", true, false, secretWord},
	"mysqlshow": {"-p", true, false, secretWord}, "mysqlcheck": {"-p", true, false, secretWord},
	"mariadb": {"-p", true, false, secretWord}, "mariadb-dump": {"-p", true, false, secretWord},
	"mariadb-admin": {"-p", true, false, secretWord},
	"sshpass":       {"-p", true, true, secretWord},
	"mongo":         {"-p", true, true, secretWord}, "mongosh": {"-p", true, true, secretWord},
	"mongodump": {"-p", true, true, secretWord}, "mongorestore": {"-p", true, true, secretWord},
	"redis-cli":  {"-a", false, true, secretWord},
	"ldapsearch": {"-w", true, true, secretWord}, "ldapmodify": {"-w", true, true, secretWord},
	"ldapadd": {"-w", true, true, secretWord}, "ldapdelete": {"-w", true, true, secretWord},
	"ldappasswd": {"-w", true, true, secretWord}, "ldapwhoami": {"-w", true, true, secretWord},
	"zip": {"-P", true, true, secretWord}, "unzip": {"-P", true, true, secretWord},
	"7z": {"-p", true, false, secretWord}, "7za": {"-p", true, false, secretWord},
	"curl":      {"-u", true, true, accountWord},
	"smbclient": {"-U", true, true, shareWord}, "rpcclient": {"-U", true, true, shareWord},
}

// programOption writes a word that is a password option of the program before it.
func (m *masker) programOption(word string) bool {
	if name := path.Base(strings.TrimLeft(word, `"'(`)); programOptions[name].option != "" {
		m.program = name
		return false
	}
	options, known := programOptions[m.program]
	if !known {
		return false
	}
	if m.program == "curl" && (word == "--user" || word == "--proxy-user" || word == "-U") {
		m.out.WriteString(word)
		m.next = accountWord
		return true
	}
	value, found := strings.CutPrefix(word, options.option)
	switch {
	case !found:
		return false
	case value == "" && options.separate:
		m.next = options.kind
		m.out.WriteString(word)
	case value != "" && options.attached:
		m.out.WriteString(options.option)
		switch options.kind {
		case accountWord:
			m.out.WriteString(hideAfter(value, ':'))
		case shareWord:
			m.out.WriteString(hideAfter(value, '%'))
		default:
			m.out.WriteString(Hidden)
		}
	default:
		return false
	}
	m.program = ""
	return true
}

// Variable hides the value of an environment variable whose name is that of a credential, and credentials inside the values
// of others.
func Variable(name, value string) string {
	switch {
	case value == "":
		return value
	case suspicious(name) && sensitive(name):
		return hideValue(value)
	default:
		return CommandLine(value)
	}
}
