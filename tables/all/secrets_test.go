package all

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

const canary = "c4nary-Zx81qPw7"

// imageWithSecrets is a Linux image that keeps a secret wherever people keep one.
func imageWithSecrets(t *testing.T) tables.Host {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{
		"etc/os-release": "ID=debian\nVERSION_ID=12\n",
		"etc/passwd":     "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann:/home/ann:/bin/bash\nold:" + canary + ":1001:1001::/nonexistent:/bin/false\n",
		"etc/group":      "root:x:0:\nann:" + canary + ":1000:\n",
		"etc/gshadow":    "ann:" + canary + "::\n",
		"etc/shadow":     "root:$6$salt$" + canary + ":19000:0:99999:7:::\nann:" + canary + ":19000:0:99999:7:::\n",
		"etc/crontab":    "* * * * * root backup --password=" + canary + "\n",
		"etc/fstab":      "//nas/share /mnt cifs username=ann,password=" + canary + " 0 0\n",
		"etc/NetworkManager/system-connections/home.nmconnection": "[connection]\nid=home\ntype=wifi\n[wifi-security]\npsk=" + canary + "\n",
		"etc/wpa_supplicant/wpa_supplicant.conf":                  "network={\n ssid=\"home\"\n psk=\"" + canary + "\"\n}\n",
		"etc/ssh/ssh_host_ed25519_key":                            "-----BEGIN OPENSSH PRIVATE KEY-----\n" + canary + "\n-----END OPENSSH PRIVATE KEY-----\n",
		"etc/ssl/private/server.key":                              "-----BEGIN PRIVATE KEY-----\n" + canary + "\n-----END PRIVATE KEY-----\n",
		"etc/apt/sources.list":                                    "deb https://ann:" + canary + "@repo.example/debian bookworm main\n",
		"etc/yum.repos.d/own.repo":                                "[own]\nname=own\nbaseurl=https://ann:" + canary + "@repo.example/\nenabled=1\n",
		"etc/systemd/system/job.service":                          "[Unit]\nDescription=job\n[Service]\nExecStart=/usr/bin/job --api-token " + canary + "\nEnvironment=API_TOKEN=" + canary + "\n",
		"boot/grub/grub.cfg":                                      "set superusers=root\npassword_pbkdf2 root grub.pbkdf2.sha512.10000." + canary + "\n",
		"home/ann/.ssh/id_ed25519":                                "-----BEGIN OPENSSH PRIVATE KEY-----\n" + canary + "\n-----END OPENSSH PRIVATE KEY-----\n",
		"home/ann/.bash_history":                                  "mysql -uann -p" + canary + "\nexport API_TOKEN=" + canary + "\ncurl -u ann:" + canary + " https://x.example\n",
		"home/ann/.netrc":                                         "machine x.example login ann password " + canary + "\n",
		"home/ann/.git-credentials":                               "https://ann:" + canary + "@git.example\n",
		"home/ann/.docker/config.json":                            `{"auths":{"r.example":{"auth":"` + canary + `"}}}`,
		"proc/1/cmdline":                                          "/sbin/init\x00",
		"proc/1/stat":                                             "1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 1 1 1 0\n",
		"proc/1/status":                                           "Name:\tinit\nState:\tS\nPid:\t1\nPPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
		"proc/77/cmdline":                                         "/usr/bin/psql\x00postgres://ann:" + canary + "@db.example/x\x00--password=" + canary + "\x00",
		"proc/77/environ":                                         "PGPASSWORD=" + canary + "\x00AWS_SECRET_ACCESS_KEY=" + canary + "\x00HOME=/home/ann\x00",
		"proc/77/stat":                                            "77 (psql) S 1 77 77 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 1 1 1 0\n",
		"proc/77/status":                                          "Name:\tpsql\nState:\tS\nPid:\t77\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n",
		"proc/cmdline":                                            "BOOT_IMAGE=/vmlinuz root=/dev/sda1\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestSecretsStayOnTheMachine is S44 at its source: what no table tells can be in no row, spool, log, alert or export.
// Tables that show the content of a file that one names are of class content and have a constraint; they are not asked here.
func TestSecretsStayOnTheMachine(t *testing.T) {
	t.Parallel()
	h := imageWithSecrets(t)
	told := map[string]int{}
	for _, table := range Tables() {
		if !table.Available() || table.Network || needsConstraint(table) {
			continue
		}
		rows, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil))
		if err != nil {
			continue // some need a running system
		}
		told[table.Name] = len(rows)
		for _, row := range rows {
			if text := fmt.Sprint(row); strings.Contains(text, canary) {
				t.Errorf("%s tells a secret: %.300s", table.Name, text)
			}
		}
	}
	for _, name := range []string{"processes", "process_envs", "shell_history", "users", "shadow", "crontab", "systemd_units", "apt_sources", "yum_sources", "password_hash_types", "groups", "augeas"} {
		if told[name] == 0 {
			t.Errorf("%s told nothing of the image: the test does not look at it", name)
		}
	}
}

// TestSecretsInTheRegistryStayOnTheMachine is S44 for the password of an automatic logon, however the key is asked for.
func TestSecretsInTheRegistryStayOnTheMachine(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	config := filepath.Join(root, "Windows", "System32", "config")
	if err := os.MkdirAll(config, 0o755); err != nil {
		t.Fatal(err)
	}
	const winlogon = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon`
	hive := "Windows Registry Editor Version 5.00\n\n[" + winlogon + "]\n\"AutoAdminLogon\"=\"1\"\n\"DefaultUserName\"=\"ann\"\n\"DefaultPassword\"=\"" + canary +
		"\"\n\"MinimumPasswordLength\"=dword:0000000e\n"
	if err := os.WriteFile(filepath.Join(config, "SOFTWARE"), []byte(hive), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := host.NewImage(root, tables.Windows, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := Find("registry")
	for name, q := range map[string]*tables.Query{
		"by key":  tabletest.Query(table, map[string][]string{"key": {winlogon}}, nil),
		"by path": tabletest.Query(table, map[string][]string{"path": {winlogon + `\DefaultPassword`}}, nil),
		"like":    tabletest.Query(table, nil, map[string][]string{"path": {winlogon + `\%`}}),
	} {
		rows, err := tabletest.Rows(t.Context(), table, h, q)
		if text := fmt.Sprint(rows); err != nil || len(rows) == 0 || strings.Contains(text, canary) || !strings.Contains(text, "DefaultPassword") {
			t.Errorf("%s: %s %v", name, text, err)
		}
		if text := fmt.Sprint(rows); name == "by key" && !strings.Contains(text, "14") {
			t.Errorf("a setting about passwords is hidden too: %s", text)
		}
	}
}
