package augeas

import (
	"path"
	"strings"
)

// lens says which files a reader is for. Patterns are those of path.Match on the whole path, exceptions without a slash on
// the last part.
type lens struct {
	name        string // of Augeas' module
	read        reader
	include     []string
	exclude     []string
	backups     bool // copies that editors and package managers leave are excepted
	credentials int  // how they are known
}

// How credentials are known in the trees of a lens. In all but the first a value that shows one by itself is masked: the
// password in a URL, or in a command.
const (
	ownHidden = iota + 1 // the reader left them out
	byName               // also by the label of a node
)

// backups are the names of copies.
var backups = strings.Fields("*~ *.rpmnew *.rpmsave *.dpkg-old *.dpkg-new *.dpkg-bak *.dpkg-dist *.augsave *.augnew *.bak *.old #*#")

// lenses are sorted by the name of the module.
var lenses = []lens{
	{name: "Access", read: readAccess, include: []string{"/etc/security/access.conf"}},
	{name: "Aptsources", read: readAptSources, include: []string{"/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list"}, backups: true},
	{name: "Aptsources822", read: readAptSources822, include: []string{"/etc/apt/sources.list.d/*.sources"}},
	{name: "Authorized_Keys", read: readKeys, include: []string{"/root/.ssh/authorized_keys"}},
	{name: "Chrony", read: readChrony, include: []string{"/etc/chrony.conf", "/etc/chrony/chrony.conf"}},
	{name: "Cron", read: readCron, credentials: byName, include: []string{"/etc/cron.d/*", "/etc/crontab", "/etc/crontabs/*"}, backups: true,
		exclude: []string{"/etc/cron.d/at.allow", "/etc/cron.d/at.deny", "/etc/cron.d/cron.allow", "/etc/cron.d/cron.deny"}},
	{name: "Cron_User", read: readCronUser, credentials: byName, include: []string{"/var/spool/cron/*"}, backups: true},
	{name: "Exports", read: readExports, include: []string{"/etc/exports"}},
	{name: "Fstab", read: readFstab, credentials: byName, include: []string{"/etc/fstab", "/etc/mtab"}},
	{name: "Gdm", read: readGDM, credentials: byName, include: []string{"/etc/gdm/gdm.conf*", "/etc/gdm/custom.conf"}, backups: true},
	{name: "Group", read: readGroup, include: []string{"/etc/group"}, credentials: ownHidden},
	{name: "Gshadow", read: readGshadow, include: []string{"/etc/gshadow"}, credentials: ownHidden},
	{name: "Host_Conf", read: readHostConf, include: []string{"/etc/host.conf"}},
	{name: "Hostname", read: readHostname, include: []string{"/etc/hostname", "/etc/mailname"}},
	{name: "Hosts", read: readHosts, include: []string{"/etc/hosts"}},
	{name: "Hosts_Access", read: readHostsAccess, include: []string{"/etc/hosts.allow", "/etc/hosts.deny"}},
	{name: "Inittab", read: readInittab, include: []string{"/etc/inittab"}},
	{name: "LdSo", read: readLdSo, include: []string{"/etc/ld.so.conf", "/etc/ld.so.conf.d/*"}, backups: true},
	{name: "Limits", read: readLimits, include: []string{"/etc/security/limits.conf", "/etc/security/limits.d/*.conf"}},
	{name: "Login_Defs", read: readSpaceVars, include: []string{"/etc/login.defs"}},
	{name: "Logrotate", read: readLogrotate, include: []string{"/etc/logrotate.d/*", "/etc/logrotate.conf"}, backups: true},
	{name: "Modprobe", read: readModprobe, include: []string{"/etc/modprobe.conf", "/etc/modprobe.d/*", "/etc/modprobe.conf.local"}, backups: true},
	{name: "MySQL", read: readMySQL, credentials: byName, include: []string{"/etc/mysql/my.cnf", "/etc/mysql/conf.d/*.cnf", "/etc/my.cnf", "/etc/my.cnf.d/*.cnf"}},
	{name: "NetworkManager", read: readNetworkManager, credentials: byName, include: []string{"/etc/NetworkManager/system-connections/*"}},
	{name: "Networks", read: readNetworks, include: []string{"/etc/networks"}},
	{name: "Nsswitch", read: readNsswitch, include: []string{"/etc/nsswitch.conf"}},
	{name: "Ntp", read: readNTP, include: []string{"/etc/ntp.conf", "/etc/ntpsec/ntp.conf"}},
	{name: "PHP", read: readPHP, credentials: byName, backups: true, include: []string{"/etc/php*/*/*.ini", "/etc/php/*/*/*.ini", "/etc/php.ini", "/etc/php.d/*.ini",
		"/etc/php*/fpm/pool.d/*.conf", "/etc/php/*/fpm/pool.d/*.conf", "/usr/local/zend/etc/php.ini", "/usr/local/zend/etc/conf.d/*.ini"}},
	{name: "Pam", read: readPam, include: []string{"/etc/pam.d/*"}, exclude: []string{"/etc/pam.d/allow.pamlist", "/etc/pam.d/README"}, backups: true},
	{name: "Passwd", read: readPasswd, include: []string{"/etc/passwd"}, credentials: ownHidden},
	{name: "Pg_Hba", read: readPgHba, include: []string{"/var/lib/pgsql/data/pg_hba.conf", "/var/lib/pgsql/*/data/pg_hba.conf",
		"/var/lib/postgresql/*/data/pg_hba.conf", "/etc/postgresql/*/*/pg_hba.conf"}},
	{name: "Postfix_Main", read: readPostfixMain, include: []string{"/etc/postfix/main.cf", "/usr/local/etc/postfix/main.cf"}},
	{name: "Postgresql", read: readPostgreSQL, include: []string{"/var/lib/pgsql/data/postgresql.conf", "/var/lib/pgsql/*/data/postgresql.conf",
		"/var/lib/postgresql/*/data/postgresql.conf", "/etc/postgresql/*/*/postgresql.conf"}},
	{name: "Protocols", read: readProtocols, include: []string{"/etc/protocols"}},
	{name: "Puppet", read: readPuppet, credentials: byName, include: []string{"/etc/puppet/puppet.conf", "/usr/local/etc/puppet/puppet.conf", "/etc/puppetlabs/puppet/puppet.conf"}},
	{name: "Resolv", read: readResolv, include: []string{"/etc/resolv.conf"}},
	{name: "Rsyslog", read: readRsyslog, include: []string{"/etc/rsyslog.conf", "/etc/rsyslog.d/*"}, backups: true},
	{name: "Samba", read: readSamba, credentials: byName, include: []string{"/etc/samba/smb.conf"}},
	{name: "Securetty", read: readWords, include: []string{"/etc/securetty"}},
	{name: "Services", read: readServices, include: []string{"/etc/services"}},
	{name: "Shadow", read: readShadow, include: []string{"/etc/shadow"}, backups: true, credentials: ownHidden},
	{name: "Shells", read: readWords, include: []string{"/etc/shells"}},
	{name: "Shellvars", read: readShellVars, credentials: byName, backups: true, include: []string{"/etc/sysconfig/*", "/etc/sysconfig/network-scripts/ifcfg-*",
		"/etc/sysconfig/network/config", "/etc/sysconfig/network/dhcp", "/etc/sysconfig/network/ifcfg-*", "/etc/sysconfig/network/providers/*",
		"/etc/default/*", "/etc/profile", "/etc/profile.d/*", "/etc/conf.d/*", "/etc/environment", "/etc/firewalld/firewalld.conf", "/etc/blkid.conf",
		"/etc/adduser.conf", "/etc/lintianrc", "/etc/lsb-release", "/etc/os-release", "/etc/popularity-contest.conf", "/etc/rc.conf", "/etc/rc.conf.d/*",
		"/etc/selinux/config", "/etc/ucf.conf", "/etc/locale.conf", "/etc/vconsole.conf"},
		exclude: []string{"/etc/sysconfig/anaconda", "/etc/sysconfig/bootloader", "/etc/sysconfig/hwconf", "/etc/sysconfig/ip*tables",
			"/etc/sysconfig/ip*tables.save", "/etc/sysconfig/kernel", "/etc/sysconfig/*.pub", "/etc/sysconfig/sysstat.ioconf", "/etc/sysconfig/*.systemd",
			"/etc/default/grub_installdevice*", "/etc/default/rmt", "/etc/default/star", "/etc/default/whoopsie", "/etc/profile.d/*.csh",
			"/etc/profile.d/*.tcsh", "/etc/profile.d/csh.local"}},
	{name: "Simplelines", read: readSimpleLines, include: []string{"/etc/at.allow", "/etc/at.deny", "/etc/cron.allow", "/etc/cron.deny",
		"/etc/cron.d/at.allow", "/etc/cron.d/at.deny", "/etc/cron.d/cron.allow", "/etc/cron.d/cron.deny", "/etc/default/grub_installdevice",
		"/etc/pam.d/allow.pamlist"}},
	{name: "Simplevars", read: readSimpleVars, credentials: byName, include: []string{"/etc/kernel-img.conf", "/etc/kerneloops.conf", "/etc/zabbix/*.conf", "/etc/zabbix/*/*.conf",
		"/etc/audit/auditd.conf", "/etc/ocsinventory/ocsinventory-agent.cfg"}},
	{name: "Spacevars", read: readSpaceVars, credentials: byName, include: []string{"/etc/ldap.conf", "/etc/ldap/ldap.conf", "/etc/libnss-ldap.conf", "/etc/pam_ldap.conf"}},
	{name: "Ssh", read: readSSH, include: []string{"/etc/ssh/ssh_config", "/root/.ssh/config", "/etc/ssh/ssh_config.d/*.conf"}},
	{name: "Sshd", read: readSshd, include: []string{"/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf"}},
	{name: "Sssd", read: readSssd, credentials: byName, include: []string{"/etc/sssd/sssd.conf"}},
	{name: "Sudoers", read: readSudoers, include: []string{"/etc/sudoers", "/usr/local/etc/sudoers", "/etc/sudoers.d/*", "/usr/local/etc/sudoers.d/*"}, backups: true},
	{name: "Sysctl", read: readSysctl, include: []string{"/etc/sysctl.conf", "/etc/sysctl.d/*"}, backups: true,
		exclude: []string{"/etc/sysctl.d/README", "/etc/sysctl.d/README.sysctl"}},
	{name: "Syslog", read: readRsyslog, include: []string{"/etc/syslog.conf"}},
	{name: "Systemd", read: readSystemd, credentials: byName, backups: true, include: []string{"/lib/systemd/system/*", "/lib/systemd/system/*/*", "/etc/systemd/system/*",
		"/etc/systemd/system/*/*", "/etc/systemd/logind.conf", "/etc/sysconfig/*.systemd", "/lib/systemd/network/*", "/usr/local/lib/systemd/network/*",
		"/etc/systemd/network/*"}},
	{name: "Vsftpd", read: readVsftpd, credentials: byName, include: []string{"/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"}},
	{name: "Yum", read: readYum, credentials: byName, backups: true, exclude: []string{"/etc/yum/pluginconf.d/versionlock.list"}, include: []string{"/etc/yum.conf",
		"/etc/yum.repos.d/*.repo", "/etc/yum/yum-cron*.conf", "/etc/yum/pluginconf.d/*", "/etc/dnf/dnf.conf", "/etc/dnf/automatic.conf", "/etc/dnf/plugins/*.conf"}},
}

// Patterns gives the patterns of the files that have a lens. Not every file that matches has one: Known tells.
func Patterns() []string {
	var patterns []string
	for i := range lenses {
		patterns = append(patterns, lenses[i].include...)
	}
	return patterns
}

func lensOf(file string) *lens {
	for i := range lenses {
		if lenses[i].takes(file) {
			return &lenses[i]
		}
	}
	return nil
}

func (l *lens) takes(file string) bool {
	name := path.Base(file)
	if strings.HasPrefix(name, ".") || !matches(l.include, file) || matches(l.exclude, file) {
		return false
	}
	return !l.backups || !matches(backups, name)
}

func matches(patterns []string, text string) bool {
	for _, pattern := range patterns {
		if ok, err := path.Match(pattern, text); ok && err == nil {
			return true
		}
	}
	return false
}
