package compliance

import (
	"slices"
	"strings"
)

// configFile is what is known of one subject: which files, in the order in which the program reads them, and how they
// are written.
type configFile struct {
	subject      string
	files        []string
	dropins      []string // directories, of rising rank
	suffix       string   // of the drop-in files
	dropinsFirst bool     // the main file is read last, and so wins
	parse        func([]byte) []configSetting
	repeats      map[string]bool // names of which every line counts
	// keep leaves out what may hold a secret or the name of a person; nil keeps all.
	keep func(configSetting) bool
}

// keys keeps settings of these names.
func keys(names ...string) func(configSetting) bool {
	return func(s configSetting) bool { return slices.Contains(names, strings.ToLower(s.Key)) }
}

// aptOwn leaves out Acquire, where proxies have passwords.
func aptOwn(s configSetting) bool {
	return strings.HasPrefix(s.Key, "APT::") || strings.HasPrefix(s.Key, "Unattended-Upgrade::")
}

// forAll leaves out limits of people.
func forAll(s configSetting) bool { return s.Section == "*" || s.Section == "root" }

// systemdFile is the settings file of a part of systemd, with the drop-ins of systemd.syntax(7).
func systemdFile(subject, name string) configFile {
	return configFile{
		subject: subject, files: []string{"/usr/lib/systemd/" + name, "/etc/systemd/" + name}, suffix: ".conf",
		dropins: []string{"/usr/lib/systemd/" + name + ".d", "/usr/local/lib/systemd/" + name + ".d", "/run/systemd/" + name + ".d", "/etc/systemd/" + name + ".d"},
		parse:   parseKeyValues,
	}
}

var configFiles = []configFile{
	{subject: "adduser", files: []string{"/etc/adduser.conf"}, parse: parseKeyValues},
	{subject: "apt", files: []string{"/etc/apt/apt.conf"}, dropins: []string{"/etc/apt/apt.conf.d"}, dropinsFirst: true, parse: parseApt, keep: aptOwn},
	{subject: "auditd", files: []string{"/etc/audit/auditd.conf"}, parse: parseKeyValues},
	{
		subject: "chrony", files: []string{"/etc/chrony.conf", "/etc/chrony/chrony.conf"}, dropins: []string{"/etc/chrony/conf.d", "/etc/chrony.d", "/etc/chrony/sources.d"},
		parse: parseWords, repeats: map[string]bool{"server": true, "pool": true, "peer": true, "allow": true, "deny": true, "include": true},
	},
	systemdFile("coredump", "coredump.conf"),
	{
		subject: "dnf", files: []string{"/etc/yum.conf", "/etc/dnf/dnf.conf"}, parse: parseKeyValues,
		keep: keys("gpgcheck", "localpkg_gpgcheck", "repo_gpgcheck", "best", "clean_requirements_on_remove", "installonly_limit"),
	},
	{subject: "dnf-automatic", files: []string{"/etc/dnf/automatic.conf"}, parse: parseKeyValues, keep: keys("apply_updates", "download_updates", "upgrade_type")},
	{subject: "faillock", files: []string{"/etc/security/faillock.conf"}, parse: parseKeyValues},
	{subject: "firewalld", files: []string{"/etc/firewalld/firewalld.conf"}, parse: parseKeyValues},
	{
		subject: "gdm", files: []string{"/etc/gdm/custom.conf", "/etc/gdm3/custom.conf", "/etc/gdm3/daemon.conf"}, parse: parseKeyValues,
		keep: keys("automaticloginenable", "timedloginenable", "enable", "disallowtcp", "waylandenable"),
	},
	systemdFile("journald", "journald.conf"),
	{subject: "limits", files: []string{"/etc/security/limits.conf"}, dropins: []string{"/etc/security/limits.d"}, suffix: ".conf", parse: parseLimits, keep: forAll},
	systemdFile("logind", "logind.conf"),
	{subject: "pwhistory", files: []string{"/etc/security/pwhistory.conf"}, parse: parseKeyValues},
	{
		subject: "pwquality", files: []string{"/etc/security/pwquality.conf"}, dropins: []string{"/etc/security/pwquality.conf.d"}, suffix: ".conf",
		dropinsFirst: true, parse: parseKeyValues,
	},
	{subject: "selinux", files: []string{"/etc/selinux/config"}, parse: parseKeyValues},
	{
		subject: "shell", files: []string{"/etc/profile", "/etc/bashrc", "/etc/bash.bashrc"}, dropins: []string{"/etc/profile.d"}, suffix: ".sh", parse: parseShell,
		repeats: map[string]bool{"umask": true},
	},
	systemdFile("system", "system.conf"),
	systemdFile("timesyncd", "timesyncd.conf"),
	{subject: "ufw", files: []string{"/etc/default/ufw", "/etc/ufw/ufw.conf"}, parse: parseKeyValues},
	{subject: "useradd", files: []string{"/etc/default/useradd"}, parse: parseKeyValues},
}
