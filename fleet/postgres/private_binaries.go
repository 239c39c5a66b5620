package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"time"
)

const oldestMajor = 15

// Where packages put PostgreSQL's programs: Debian and its kin, Red Hat's, Homebrew, the Windows installer.
var binaryPatterns = [...]string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	`C:\Program Files\PostgreSQL\*\bin`,
}

// findBinaries gives the directory of postgres and initdb: of the wanted major version when a database exists already,
// else the newest on this machine. None is ever fetched: see docs/decisions/0005.
func findBinaries(ctx context.Context, wanted string) (string, error) {
	best, bestMajor := "", 0
	for _, candidate := range installedBinaries() {
		major := majorVersion(ctx, candidate)
		if major < oldestMajor || wanted != "" && strconv.Itoa(major) != wanted {
			continue
		}
		if major > bestMajor {
			best, bestMajor = candidate, major
		}
	}
	switch {
	case best != "":
		return best, nil
	case wanted != "":
		return "", fmt.Errorf("the data directory holds a database of PostgreSQL %s, whose programs are not on this machine: install postgresql-%s", wanted, wanted)
	default:
		return "", fmt.Errorf("no PostgreSQL %d or newer is on this machine: %s, or give the address of one with --database-url", oldestMajor, howToInstall())
	}
}

func howToInstall() string {
	switch runtime.GOOS {
	case "windows":
		return "install it with winget install PostgreSQL.PostgreSQL.18"
	case "darwin":
		return "install it with brew install postgresql@18"
	default:
		return "install it with apt install postgresql or dnf install postgresql-server"
	}
}

func installedBinaries() []string {
	var dirs []string
	for _, pattern := range binaryPatterns {
		found, _ := filepath.Glob(pattern) // the only error is a malformed pattern
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath(exeName("postgres")); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

var versionText = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorVersion asks the programs in dir; 0 when they are not there or do not answer.
func majorVersion(ctx context.Context, dir string) int {
	if _, err := os.Stat(filepath.Join(dir, exeName("initdb"))); err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, exeName("postgres")), "--version") // #nosec G204 -- PostgreSQL's own program, found by us
	cmd.Env = childEnvironment()
	output, err := cmd.Output()
	if err != nil {
		return 0
	}
	match := versionText.FindSubmatch(output)
	if match == nil {
		return 0
	}
	major, err := strconv.Atoi(string(match[1]))
	if err != nil {
		return 0
	}
	return major
}

func exeName(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// childEnvironment is all that PostgreSQL's programs get of our environment.
func childEnvironment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}
	if runtime.GOOS == "windows" {
		for _, name := range []string{"SystemRoot", "TEMP", "TMP"} {
			env = append(env, name+"="+os.Getenv(name))
		}
	}
	return env
}
