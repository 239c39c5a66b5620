package augeas

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
)

// tree shows the nodes of a file, one a line.
func tree(file, text string) string {
	root := Tree(file, []byte(text))
	if root == nil {
		return "none"
	}
	var b strings.Builder
	_ = root.Walk("", func(path string, n *Node) error {
		b.WriteString(path)
		if n.Value != "" {
			b.WriteString(" = " + strings.ReplaceAll(n.Value, "\n", "⏎"))
		}
		b.WriteByte('\n')
		return nil
	})
	return b.String()
}

// TestTree holds what the fixture of the table does not show: the edges of the formats. What is wanted here was compared with
// Augeas 1.14, but for the cases that say so.
func TestTree(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, want string }{
		"no lens":                      {"/etc/motd", "hello\n", "none"},
		"hidden file":                  {"/etc/pam.d/.login.swp", "auth required pam_unix.so\n", "none"},
		"backup":                       {"/etc/sudoers.d/own.rpmsave", "root ALL=(ALL) ALL\n", "none"},
		"empty":                        {"/etc/hosts", "", ""},
		"empty comment":                {"/etc/hosts", "#\n  # \n\n", ""},
		"end of DOS":                   {"/etc/ssh/sshd_config", "Port 22\r\n", "/Port = 22\n"},
		"no end":                       {"/etc/ssh/sshd_config", "Port 22", "/Port = 22\n"},
		"one of many":                  {"/etc/hosts", "# a\n", "/#comment = a\n"},
		"escaped label":                {"/etc/NetworkManager/system-connections/a", "[my net]\nid=a\n", "/my\\ net\n/my\\ net/id = a\n"},
		"wrong line alone":             {"/etc/hosts", "x\n1.1.1.1 one\n", "/1\n/1/ipaddr = 1.1.1.1\n/1/canonical = one\n"},                                                                                                      // Augeas: none
		"match all":                    {"/etc/ssh/sshd_config", "Match all\n  Banner none\n", "/Match\n/Match/Condition\n/Match/Condition/all\n/Match/Settings\n/Match/Settings/Banner = none\n"},                               // Augeas: none
		"match without settings":       {"/etc/ssh/sshd_config", "Match User a\nMatch User b\n", "/Match[1]\n/Match[1]/Condition\n/Match[1]/Condition/User = a\n/Match[2]\n/Match[2]/Condition\n/Match[2]/Condition/User = b\n"}, // Augeas: none
		"equals sign":                  {"/etc/ssh/sshd_config", "PermitRootLogin=no\n", "/PermitRootLogin = no\n"},
		"negated twice":                {"/etc/sudoers", "Defaults !!env_reset, !!!lecture\n", "/Defaults\n/Defaults/env_reset\n/Defaults/lecture\n/Defaults/lecture/negate\n"},
		"list of one":                  {"/etc/sudoers", "Defaults env_keep -= DISPLAY\n", "/Defaults\n/Defaults/env_keep\n/Defaults/env_keep/remove\n/Defaults/env_keep/var = DISPLAY\n"},
		"escaped in command":           {"/etc/sudoers", `ann ALL= /bin/a -i\=b\,c` + "\n", "/spec\n/spec/user = ann\n/spec/host_group\n/spec/host_group/host = ALL\n/spec/host_group/command = /bin/a -i\\=b\\,c\n"},
		"no rule":                      {"/etc/sudoers", "ann\nben ALL\nDefaultsfoo\n", ""}, // Augeas: none
		"pam in brackets":              {"/etc/pam.d/x", "auth [default=1 ignore=ignore] pam_x.so [a b] c\n", "/1\n/1/type = auth\n/1/control = [default=1 ignore=ignore]\n/1/module = pam_x.so\n/1/argument[1] = [a b]\n/1/argument[2] = c\n"},
		"pam goes on":                  {"/etc/pam.d/x", "auth required \\\n  pam_x.so a\n", "/1\n/1/type = auth\n/1/control = required\n/1/module = pam_x.so\n/1/argument = a\n"},
		"list of shell on lines":       {"/etc/default/x", "A=(one\n  two)\nB=2\n", "/A\n/A/1 = one\n/A/2 = two\n/B = 2\n"},
		"shell hash in a word":         {"/etc/default/x", "A=a#b # c\n", "/A = a#b\n/A/#comment = c\n"},
		"shell semicolons":             {"/etc/default/x", "A=1; B='x;y'; # c\n", "/A = 1\n/B = 'x;y'\n/#comment = c\n"},
		"shell value on lines":         {"/etc/default/x", "A=\"one\nB=2\"\nC=3\n", "/A = \"one⏎B=2\"\n/C = 3\n"},
		"shell command with variables": {"/etc/default/x", "A=1 run it\n", ""}, // Augeas: its @command
		"shell command":                {"/etc/profile", "umask 027\nulimit -c 0\n", "/@command = umask\n/@command/@arg = 027\n/@builtin = ulimit\n/@builtin/args = -c 0\n"},
		"apt from disc":                {"/etc/apt/sources.list", "deb cdrom:[Debian 12 _Bookworm_]/ bookworm main\n", "/1\n/1/type = deb\n/1/uri = cdrom:[Debian 12 _Bookworm_]/\n/1/distribution = bookworm\n/1/component = main\n"},
		"apt stanzas":                  {"/etc/apt/sources.list.d/a.sources", "Types: deb\nURIs: https://a.example/\nSuites: one\n two\nEnabled: no\n\n# second\nTypes: deb-src\n", "/1\n/1/Types\n/1/Types/1 = deb\n/1/URIs\n/1/URIs/1 = https://a.example/\n/1/Suites\n/1/Suites/1 = one⏎\n/1/Suites/2 = two\n/1/Enabled = no\n/2\n/2/#comment = second\n/2/Types\n/2/Types/1 = deb-src\n"}, // as in the lens' own tests; 1.14 has none
		"key with options":             {"/root/.ssh/authorized_keys", "from=\"10.*,!10.1\",no-pty ssh-ed25519 AAAA ann@x\n", "/key = AAAA\n/key/options\n/key/options/from = 10.*,!10.1\n/key/options/no-pty\n/key/type = ssh-ed25519\n/key/comment = ann@x\n"},
		"rsyslog for one program":      {"/etc/rsyslog.conf", "*.* /var/log/a\n!cron\n*.* /var/log/b\n", "/entry\n/entry/selector\n/entry/selector/facility = *\n/entry/selector/level = *\n/entry/action\n/entry/action/file = /var/log/a\n"},                                                    // Augeas: b below program
		"rsyslog script":               {"/etc/rsyslog.conf", "if $msg contains 'x' then {\n  *.* /var/log/x\n}\n*.* -/var/log/a\n", "/entry\n/entry/selector\n/entry/selector/facility = *\n/entry/selector/level = *\n/entry/action\n/entry/action/no_sync\n/entry/action/file = /var/log/a\n"}, // Augeas: none
		"crontab with too little":      {"/etc/crontab", "* * * * *\n@daily root\n1 2 3 4 5 root\n", ""},                                                                                                                                                                                          // Augeas: none
		"ntp comment without text":     {"/etc/ntp.conf", "#\ndisable monitor\n", "/#comment\n/disable\n/disable/flag = monitor\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tree(c.file, c.text); got != c.want {
				t.Errorf("%s gives\n%swanted\n%s", c.text, got, c.want)
			}
		})
	}
}

// TestCredentialsAreNotShown is S44 for the trees.
func TestCredentialsAreNotShown(t *testing.T) {
	t.Parallel()
	const secret = "c4naryZx81qPw7"
	for file, text := range map[string]string{
		"/etc/passwd": "old:" + secret + ":1:1::/:/bin/sh\n", "/etc/group": "g:" + secret + ":1:\n", "/etc/gshadow": "g:!" + secret + "::\n",
		"/etc/shadow": "a:" + secret + ":1:0:1:7:::\nb:!!" + secret + ":1:0:1:7:::\n", "/etc/crontab": "API_TOKEN=" + secret + "\n* * * * * root curl -u a:" + secret + " https://x.example\n",
		"/etc/fstab": "//n/s /m cifs user=a,password=" + secret + " 0 0\n", "/etc/ldap.conf": "bindpw " + secret + "\n# old password=" + secret + "\n",
		"/etc/NetworkManager/system-connections/a": "[wifi]\nwep-key1=" + secret + "\npsk=" + secret + "\n", "/etc/sssd/sssd.conf": "[d]\nldap_default_authtok = " + secret + "\n",
		"/etc/systemd/system/a.service": "[Service]\nExecStart=/bin/a --token " + secret + " b\nEnvironment=DB_PASSWORD=" + secret + "\n",
		"/etc/environment":              "AWS_SECRET_ACCESS_KEY=" + secret + "\n", "/etc/my.cnf": "[client]\npassword=" + secret + "\n",
		"/etc/yum.repos.d/a.repo": "[a]\npassword=" + secret + "\nbaseurl=https://a:" + secret + "@x.example/\n", "/etc/apt/sources.list": "deb https://a:" + secret + "@x.example/ b main\n",
		"/etc/zabbix/a.conf": "DBPassword=" + secret + "\n",
	} {
		if got := tree(file, text); strings.Contains(got, secret) || !strings.Contains(got, "[masked]") {
			t.Errorf("%s gives\n%s", file, got)
		}
	}
	for file, text := range map[string]string{
		"/etc/ssh/sshd_config": "PasswordAuthentication yes\n", "/etc/login.defs": "PASS_MAX_DAYS 90\n", "/etc/shadow": "a:!*:1:0:1:7:::\nb::1:0:1:7:::\n",
		"/etc/pam.d/a": "password required pam_unix.so\n", "/etc/sssd/sssd.conf": "[d]\ncache_credentials = True\n", "/etc/passwd": "a:x:1:1::/:/bin/sh\n",
	} {
		if got := tree(file, text); strings.Contains(got, "[masked]") {
			t.Errorf("%s hides what is no credential:\n%s", file, got)
		}
	}
}

func TestLenses(t *testing.T) {
	t.Parallel()
	if !slices.IsSortedFunc(lenses, func(a, b lens) int { return strings.Compare(a.name, b.name) }) {
		t.Error("the lenses are not sorted by name")
	}
	for _, l := range lenses {
		for _, pattern := range slices.Concat(l.include, l.exclude) {
			if _, err := path.Match(pattern, "/"); err != nil || !path.IsAbs(pattern) {
				t.Errorf("lens %s: pattern %s: %v", l.name, pattern, err)
			}
		}
	}
	for _, pattern := range Patterns() {
		if file := strings.ReplaceAll(pattern, "*", "x"); strings.Contains(pattern, "*") && !Known(file) && !strings.HasSuffix(pattern, ".conf*") {
			t.Errorf("%s has no lens", file)
		}
	}
}

func TestWalkStops(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	visits := 0
	err := Tree("/etc/hosts", []byte("1.1.1.1 a b\n2.2.2.2 c\n")).Walk("", func(string, *Node) error {
		if visits++; visits == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || visits != 3 {
		t.Errorf("%d visits, error %v", visits, err)
	}
}

// TestHostileSizes holds time and memory to the size of the file: what takes the square of it runs into the test's limit.
func TestHostileSizes(t *testing.T) {
	t.Parallel()
	if Tree("/etc/hosts", make([]byte, SizeMax+1)) != nil {
		t.Error("a file without bound has a tree")
	}
	for _, unit := range []string{"a", "[", "[ ", "\"", "(", ";", "a;", "$(;", "#", " #", ":", ",", "=", "a=\n ", "a\n", " a\n", "a=(\n", "if\n", "!", "\\\n", "module(\n", "a b c d e f "} {
		text := []byte(strings.Repeat(unit, SizeMax/16/len(unit)))
		for _, l := range lenses {
			root := &Node{}
			l.read(root, string(text))
			root.join()
		}
	}
}

func FuzzTree(f *testing.F) {
	for i := range lenses {
		f.Add(i, "a b = c: d [e] \"f\" (g) # h\n\f\n")
	}
	f.Add(0, "+ : a EXCEPT b : c\n\f#\n\f\n")
	f.Fuzz(func(t *testing.T, at int, text string) {
		l := lenses[uint(at)%uint(len(lenses))]
		root := &Node{}
		l.read(root, text)
		root.join()
		root.hide(true)
		nodes := 0
		if err := root.Walk("/files", func(path string, n *Node) error {
			if nodes++; !strings.HasPrefix(path, "/files/") || n.more != nil {
				t.Errorf("%s: node %s is not finished", l.name, path)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if nodes > 2*len(text)+8 {
			t.Errorf("%s: %d nodes of %d bytes", l.name, nodes, len(text))
		}
	})
}
