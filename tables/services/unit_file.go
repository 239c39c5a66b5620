package services

import (
	"path"
	"strings"
)

// unitFile is what the table needs of a unit's definition.
type unitFile struct {
	description, sourcePath, user string
	commands                      []string // of a service, as written
	schedule                      []string // of a timer: OnCalendar=daily
	unit                          string   // that a timer starts, where it names one
	installs                      bool     // [Install] says what would start it
	also                          bool     // [Install] only names other units
}

// apply reads a unit file or a drop-in over what was read before. The format is systemd.syntax(7): sections, key=value,
// a backslash at the end goes on in the next line, # and ; begin a comment.
func (u *unitFile) apply(data []byte) {
	section, pending := "", ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line != "" && (line[0] == '#' || line[0] == ';') {
			continue // also between continued lines
		}
		line = pending + line
		if rest, continues := strings.CutSuffix(line, `\`); continues {
			pending = rest + " "
			continue
		}
		pending = ""
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		u.set(section, line)
	}
	u.set(section, strings.TrimSpace(pending))
}

func (u *unitFile) set(section, line string) {
	key, value, ok := strings.Cut(line, "=")
	if !ok {
		return
	}
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	switch section + "." + key {
	case "Unit.Description":
		u.description = value
	case "Unit.SourcePath":
		u.sourcePath = value
	case "Service.User":
		u.user = value
	case "Service.ExecStart":
		if value == "" { // takes back what was set before
			u.commands = nil
			return
		}
		u.commands = append(u.commands, value)
	case "Timer.OnCalendar", "Timer.OnBootSec", "Timer.OnStartupSec", "Timer.OnActiveSec", "Timer.OnUnitActiveSec", "Timer.OnUnitInactiveSec":
		if value == "" {
			u.schedule = nil
			return
		}
		u.schedule = append(u.schedule, key+"="+value)
	case "Timer.Unit":
		u.unit = value
	case "Install.WantedBy", "Install.RequiredBy", "Install.UpheldBy", "Install.Alias":
		u.installs = u.installs || value != ""
	case "Install.Also":
		u.also = u.also || value != ""
	}
}

// unitTypes are the endings that make a file a unit.
var unitTypes = map[string]bool{
	".service": true, ".socket": true, ".device": true, ".mount": true, ".automount": true, ".swap": true,
	".target": true, ".path": true, ".timer": true, ".slice": true, ".scope": true,
}

func isUnitName(name string) bool { return unitTypes[path.Ext(name)] }

// templateOf gives the template of an instance: getty@.service of getty@tty1.service.
func templateOf(name string) (template string, ok bool) {
	prefix, rest, ok := strings.Cut(name, "@")
	if !ok || strings.HasPrefix(rest, ".") && !strings.Contains(rest[1:], ".") {
		return "", false
	}
	return prefix + "@" + path.Ext(name), true
}
