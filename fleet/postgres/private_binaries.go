package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	oldestMajor  = 15
	downloadTime = 5 * time.Minute
)

// Where packages put PostgreSQL's programs: Debian and its kin, Red Hat's, Homebrew, the Windows installer.
var binaryPatterns = [...]string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	`C:\Program Files\PostgreSQL\*\bin`,
}

// findBinaries gives the directory of postgres and initdb: of the wanted major version when a database exists already,
// else the newest on this machine. Where there is none it fetches one into dir.
func findBinaries(ctx context.Context, wanted, dir string, log *slog.Logger) (string, error) {
	candidates := installedBinaries()
	candidates = append(candidates, filepath.Join(dir, "bin"))
	best, bestMajor := "", 0
	for _, candidate := range candidates {
		major := majorVersion(ctx, candidate)
		if major < oldestMajor || wanted != "" && strconv.Itoa(major) != wanted {
			continue
		}
		if major > bestMajor {
			best, bestMajor = candidate, major
		}
	}
	if best != "" {
		return best, nil
	}
	if wanted != "" && wanted != strconv.Itoa(fetchedMajor) {
		return "", fmt.Errorf("the data directory holds a database of PostgreSQL %s, whose programs are not on this machine: install postgresql-%s", wanted, wanted)
	}
	if err := fetchBinaries(ctx, dir, log); err != nil {
		return "", fmt.Errorf("PostgreSQL is not on this machine and could not be fetched (install it, on Debian: apt install postgresql): %w", err)
	}
	return filepath.Join(dir, "bin"), nil
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

const fetchedMajor = 18

// fetchBinaries downloads PostgreSQL's programs into dir. The library can only fetch and start in one go; a start on a
// throw-away database directory does both, and as root, where PostgreSQL refuses to start, the programs are there all
// the same.
func fetchBinaries(ctx context.Context, dir string, log *slog.Logger) error {
	log.InfoContext(ctx, "fetching PostgreSQL", "dir", dir)
	scratch, err := os.MkdirTemp("", "tenantra-postgres-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	var output strings.Builder
	database := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V18).BinariesPath(dir).CachePath(filepath.Join(scratch, "cache")).
		RuntimePath(filepath.Join(scratch, "runtime")).DataPath(filepath.Join(scratch, "data")).
		StartTimeout(downloadTime).Logger(&output))
	startErr := database.Start()
	if startErr == nil {
		if err := database.Stop(); err != nil {
			return fmt.Errorf("stop scratch database: %w", err)
		}
	}
	if majorVersion(ctx, filepath.Join(dir, "bin")) == 0 {
		return fmt.Errorf("fetch PostgreSQL: %w", startErr)
	}
	return nil
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
