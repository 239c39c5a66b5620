package identity

import (
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// session is one session record.
type session struct {
	Type         string `col:"type" doc:"Kind of record: user, login, init, dead, boot_time, runlevel, new_time, old_time, accounting, empty or unknown."`
	User         string `col:"user" class:"personal" doc:"Login name."`
	TTY          string `col:"tty" doc:"Terminal of the session."`
	Host         string `col:"host" class:"personal" doc:"Where a remote login came from."`
	Time         int64  `col:"time" doc:"When the record was made, in Unix seconds."`
	PID          int32  `col:"pid" doc:"Process that opened the session."`
	SID          string `col:"sid" os:"windows" doc:"Security identifier of the user."`
	RegistryHive string `col:"registry_hive" os:"windows" doc:"Registry path of the user's hive."`
}

// LoggedInUsers has a row for each record of present sessions; those of type user are people at work.
// Source: utmp(5) on Linux; where a system no longer keeps it (Debian 13), the session files of systemd-logind.
var LoggedInUsers = tables.DefineByPlatform(tables.Spec{
	Name: "logged_in_users", Doc: "Who is logged in now, and the other session records of the system.",
	Category: tables.Identity, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT user, tty, host, datetime(time, 'unixepoch') AS since FROM logged_in_users WHERE type = 'user'"},
}, tables.Generators[session]{Darwin: generateDarwinLoggedInUsers}.OnBuild(generateLoggedInUsers))

var sessionTypes = [...]string{"empty", "runlevel", "boot_time", "new_time", "old_time", "init", "login", "user", "dead", "accounting"}

// sessionOf makes the row of a utmp record.
func sessionOf(e login) session {
	s := session{Type: "unknown", User: e.User, TTY: e.Line, Host: e.Host, Time: e.Time, PID: e.PID}
	if e.Type >= 0 && int(e.Type) < len(sessionTypes) {
		s.Type = sessionTypes[e.Type]
	}
	return s
}

// parseLogindSession reads a file of /run/systemd/sessions: NAME=value lines. Sessions that are no person's (the
// greeter, the user manager, cron) are not ok.
func parseLogindSession(data []byte) (s session, ok bool) {
	s.Type = "user"
	class, state := "", ""
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\n"), "=")
		switch name {
		case "USER":
			s.User = value
		case "TTY":
			s.TTY = value
		case "DISPLAY":
			if s.TTY == "" {
				s.TTY = value
			}
		case "REMOTE_HOST":
			s.Host = value
		case "LEADER":
			if pid, err := strconv.ParseInt(value, 10, 32); err == nil {
				s.PID = int32(pid)
			}
		case "REALTIME": // microseconds
			if v, err := strconv.ParseInt(value, 10, 64); err == nil {
				s.Time = v / 1e6
			}
		case "CLASS":
			class = value
		case "STATE":
			state = value
		}
	}
	return s, s.User != "" && strings.HasPrefix(class, "user") && state != "closing"
}
