package kernel

import (
	"path"
	"strings"
)

// sysctlSetting is one line of sysctl.d(5).
type sysctlSetting struct {
	key      string // by the path below /proc/sys: net/ipv4/ip_forward
	value    string
	excluded bool // "-key" without a value: no pattern may set this key
}

// parseSysctl reads sysctl.d(5): key = value lines, # and ; for comments, a leading dash for "ignore errors".
func parseSysctl(data []byte) []sysctlSetting {
	var settings []sysctlSetting
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		key, value, assigned := strings.Cut(line, "=")
		key, dash := strings.CutPrefix(strings.TrimSpace(key), "-")
		if key = sysctlPath(strings.TrimSpace(key)); key == "" || !assigned && !dash {
			continue
		}
		settings = append(settings, sysctlSetting{key: key, value: strings.TrimSpace(value), excluded: !assigned})
	}
	return settings
}

// sysctlPath turns a parameter's name into its path below /proc/sys. Whichever of dot and slash comes first separates;
// the other then stands for itself, so that net.ipv4.conf.eth0/100.forwarding means the interface eth0.100.
func sysctlPath(name string) string {
	i := strings.IndexAny(name, "./")
	if i >= 0 && name[i] == '.' {
		name = strings.Map(func(r rune) rune {
			switch r {
			case '.':
				return '/'
			case '/':
				return '.'
			}
			return r
		}, name)
	}
	return strings.Trim(path.Clean("/"+name), "/")
}

// sysctlConfig is what all files together set, by path below /proc/sys.
type sysctlConfig struct {
	exact    map[string]string
	patterns []sysctlSetting
	excluded map[string]bool
}

// add applies settings after those that were added before: the last one wins.
func (c *sysctlConfig) add(settings []sysctlSetting) {
	for _, s := range settings {
		switch {
		case s.excluded:
			c.excluded[s.key] = true
		case strings.ContainsAny(s.key, "*?["):
			c.patterns = append(c.patterns, s)
		default:
			c.exact[s.key] = s.value
		}
	}
}

// value gives what is configured for a key; an exact setting goes before a pattern, wherever they stand.
func (c *sysctlConfig) value(key string) string {
	if v, ok := c.exact[key]; ok {
		return v
	}
	if c.excluded[key] {
		return ""
	}
	for i := len(c.patterns) - 1; i >= 0; i-- {
		if ok, err := path.Match(c.patterns[i].key, key); ok && err == nil {
			return c.patterns[i].value
		}
	}
	return ""
}
