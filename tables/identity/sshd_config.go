package identity

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const sshdDir = "/etc/ssh" // what relative paths of Include are relative to

// sshdSetting is one effective setting of the SSH server.
type sshdSetting struct {
	Keyword string             `col:"keyword" collate:"NOCASE" doc:"Name of the setting in lower case, present-day spelling: permitrootlogin."`
	Value   string             `col:"value" doc:"Value without quotes, as sshd -T shows it: yes and no in lower case, times in seconds."`
	Match   string             `col:"match" doc:"Condition of the Match block that it stands in, as user ann address 192.0.2.0/24; empty where it holds for all connections."`
	Source  string             `col:"source" doc:"file where a file sets it, default where OpenSSH's own default holds."`
	Path    string             `col:"path" doc:"File that sets it; empty for a default."`
	Line    tables.Null[int64] `col:"line" type:"INTEGER" doc:"Line in the file, from 1; NULL for a default."`
}

// SSHDConfig has a row for each setting that is in force: the first one of its name, as sshd takes it, Include followed.
// Settings of Match blocks have rows of their own; they go before the others for connections that match. What no file
// sets has a row with OpenSSH's default, save for the lists of algorithms, which differ with each release. Without a
// configuration file there are no rows.
// Source: sshd_config(5); /etc/ssh/sshd_config, else the vendor's below /usr.
var SSHDConfig = tables.Define[sshdSetting](tables.Spec{
	Name: "sshd_config", Doc: "Effective settings of the SSH server with the file and line that set them.",
	Category: tables.Identity, Platforms: tables.Linux | tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT value, path, line FROM sshd_config WHERE keyword = 'permitrootlogin' AND match = ''",
		"SELECT keyword, value, match FROM sshd_config WHERE keyword IN ('passwordauthentication', 'permitemptypasswords') AND value = 'yes'",
	},
}, generateSSHDConfig)

func generateSSHDConfig(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sshdSetting) error) error {
	for _, name := range []string{sshdDir + "/sshd_config", "/usr/etc/ssh/sshd_config"} {
		if _, err := host.Stat(name); err != nil {
			continue
		}
		r := sshdReader{ctx: ctx, host: host, seen: map[string]bool{}}
		r.file(name, "", 0)
		if r.files == 0 {
			return nil // not ours to read: the defaults would be a guess
		}
		for _, row := range r.effective() {
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// sshd itself allows 16 levels of Include. The count of files bounds what a file that includes itself twice would
// otherwise multiply to.
const (
	sshdDepthMax = 16
	sshdFilesMax = 256
)

var errTooManyIncludes = errors.New("too many included files")

type sshdReader struct {
	ctx   context.Context
	host  tables.Host
	files int
	seen  map[string]bool // by match and keyword, for "the first value wins"
	rows  []sshdSetting
}

// file reads one file whose settings stand under the condition match.
func (r *sshdReader) file(name, match string, depth int) {
	if depth > sshdDepthMax || r.files >= sshdFilesMax {
		hostfile.Skipped(r.ctx, r.host, name, errTooManyIncludes)
		return
	}
	data, ok := hostfile.OneOfMany(r.ctx, r.host, name)
	if !ok {
		return
	}
	r.files++
	outer := match // a Match block ends with its file at the latest
	number := int64(0)
	for line := range strings.Lines(string(data)) {
		number++
		keyword, args := sshdLine(line)
		switch keyword {
		case "":
			continue
		case "match":
			match = bothMatches(outer, args)
			continue
		case "include":
			r.include(args, match, depth)
			continue
		}
		r.setting(sshdSetting{
			Keyword: keyword, Value: sshdValue(keyword, args), Match: match, Source: "file", Path: name, Line: tables.Some(number),
		}, args)
	}
}

func (r *sshdReader) include(patterns []string, match string, depth int) {
	for _, pattern := range patterns {
		if !path.IsAbs(pattern) {
			pattern = path.Join(sshdDir, pattern)
		}
		names, err := r.host.Glob(pattern)
		if err != nil {
			hostfile.Skipped(r.ctx, r.host, pattern, err)
			continue
		}
		for _, name := range names {
			r.file(name, match, depth+1)
		}
	}
}

// setting keeps a row unless an earlier one has taken its place.
func (r *sshdReader) setting(row sshdSetting, args []string) {
	key := row.Match + "\x00" + row.Keyword
	switch {
	case row.Keyword == "subsystem" && len(args) > 0: // each subsystem has a first value of its own
		key += "\x00" + args[0]
	case sshdRepeats[row.Keyword]: // but a file may be included twice
		key += "\x00" + row.Path + "\x00" + strconv.FormatInt(row.Line.V, 10)
	}
	if !r.seen[key] {
		r.seen[key] = true
		r.rows = append(r.rows, row)
	}
}

// effective gives the settings that hold. Those of a block "Match all" hold for all connections and go before what
// stands outside of blocks; what is set nowhere has its default.
func (r *sshdReader) effective() []sshdSetting {
	forAll, overridden := map[string]bool{}, map[string]bool{}
	for _, row := range r.rows {
		if row.Match == "all" {
			overridden[row.Keyword] = !sshdRepeats[row.Keyword] && row.Keyword != "subsystem"
		}
	}
	var rows []sshdSetting
	for _, row := range r.rows {
		if row.Match == "" && overridden[row.Keyword] {
			continue
		}
		if row.Match == "all" {
			row.Match = ""
		}
		if row.Match == "" {
			forAll[row.Keyword] = true
		}
		rows = append(rows, row)
	}
	for _, d := range sshdDefaults {
		if !forAll[d[0]] {
			rows = append(rows, sshdSetting{Keyword: d[0], Value: d[1], Source: "default"})
		}
	}
	return rows
}

// bothMatches gives the condition of a Match line in a file that is itself included under a condition: both must hold,
// and "all" adds nothing.
func bothMatches(outer string, args []string) string {
	for i := 0; i < len(args); i += 2 {
		args[i] = strings.ToLower(args[i]) // a criterion: user, group, address
	}
	inner := strings.Join(args, " ")
	switch {
	case inner == "all" && outer != "":
		return outer
	case outer == "":
		return inner
	default:
		return outer + " " + inner
	}
}

// sshdLine cuts a line into its keyword, lower-cased and in its present spelling, and its arguments without quotes;
// commands are one argument, as written. A line without a setting has no keyword.
func sshdLine(line string) (keyword string, args []string) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return "", nil
	}
	end := strings.IndexAny(line, " \t=")
	if end < 0 {
		return "", nil // a keyword without a value is an error to sshd
	}
	keyword = strings.ToLower(strings.Trim(line[:end], `"`))
	if now, renamed := sshdRenamed[keyword]; renamed {
		keyword = now
	}
	rest := strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimPrefix(rest, "=") // one equals sign may part keyword and value
	if sshdWholeLine[keyword] {
		return keyword, []string{strings.TrimSpace(rest)}
	}
	return keyword, sshdArguments(rest)
}

// sshdArguments cuts the arguments of a line at blanks; quotes and backslashes protect, a number sign ends the line.
func sshdArguments(text string) []string {
	var args []string
	var arg strings.Builder
	started := false
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\'' || text[i+1] == '\\' || quote == 0 && text[i+1] == ' '):
			i++
			arg.WriteByte(text[i])
			started = true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			arg.WriteByte(c)
		case c == '"' || c == '\'':
			quote, started = c, true
		case c == '#' && !started:
			return args
		case c == ' ' || c == '\t':
			if started {
				args = append(args, arg.String())
			}
			arg.Reset()
			started = false
		default:
			arg.WriteByte(c)
			started = true
		}
	}
	if started {
		args = append(args, arg.String())
	}
	return args
}

// sshdValue brings a value to the form in which sshd -T prints it.
func sshdValue(keyword string, args []string) string {
	value := strings.Join(args, " ")
	lower := strings.ToLower(value)
	switch keyword {
	case "logingracetime", "clientaliveinterval":
		if seconds, ok := sshdSeconds(lower); ok {
			return strconv.FormatInt(seconds, 10)
		}
	case "loglevel", "syslogfacility":
		return strings.ToUpper(value)
	}
	switch lower {
	case "without-password": // the old name
		return "prohibit-password"
	case "yes", "no", "any", "none", "all", "local", "remote", "delayed", "clientspecified", "prohibit-password",
		"forced-commands-only", "inet", "inet6", "point-to-point", "ethernet":
		return lower
	}
	return value
}

// sshdSeconds reads a time as sshd_config(5) writes it: 90, 2m, 1h30m.
func sshdSeconds(text string) (int64, bool) {
	if text == "" || text == "none" {
		return 0, text != ""
	}
	total, number, digits := int64(0), int64(0), 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= '0' && c <= '9' {
			if digits++; digits > 9 {
				return 0, false
			}
			number = number*10 + int64(c-'0')
			continue
		}
		unit, ok := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[c]
		if !ok || digits == 0 {
			return 0, false
		}
		total += number * unit
		number, digits = 0, 0
	}
	return total + number, true
}
