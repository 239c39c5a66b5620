package services

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// autorun is one thing that starts without anyone asking for it.
type autorun struct {
	Type     string              `col:"type" doc:"Place that makes it start: service, timer, cron, at, init_script, session, user_service, shell_profile, preload, kernel_module, udev_rule, motd, network_hook, ssh_rc, generator, launchd, login_item, run_key, task, driver."`
	Entry    string              `col:"entry" doc:"Name of the entry."`
	Path     string              `col:"path" doc:"Program, library or script that starts; empty where the entry names none by its path."`
	Command  string              `col:"command" doc:"Command line as the entry has it, with credentials masked."`
	Source   string              `col:"source" doc:"File, directory, key or task that makes it start."`
	Username string              `col:"username" class:"personal" doc:"Account that it starts for or as; empty for the system."`
	Enabled  int32               `col:"enabled" doc:"1 where it will start."`
	MTime    tables.Null[int64]  `col:"mtime" doc:"Last change of the source, in Unix seconds; NULL where the source is no file."`
	SHA256   tables.Null[string] `col:"sha256" collate:"NOCASE" doc:"SHA-256 digest of path; NULL where that is no file that can be read."`
}

// Autoruns has a row for each place by which the system starts programs on its own, which is where malware settles to come
// back. Table authenticode, or signature, joined by path tells who signed a program on Windows and macOS.
// Source: systemd, cron, at, SysV init, autostart entries, shells' profiles, ld.so.preload, modules, udev, dispatchers of networks
// on Linux; launchd, login items, cron on macOS; services, tasks, Run keys on Windows.
var Autoruns = tables.DefineByPlatform(tables.Spec{
	Name: "autoruns", Doc: "Everything that starts by itself, from every place of the system that can make it.",
	Category: tables.Services, Platforms: tables.AllPlatforms, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT type, entry, command, source, datetime(mtime, 'unixepoch') AS changed FROM autoruns WHERE mtime > strftime('%s', 'now', '-7 days')",
		"SELECT type, path, source FROM autoruns WHERE path LIKE '/tmp/%' OR path LIKE '/dev/shm/%' OR path LIKE '/home/%'",
	},
}, tables.Generators[autorun]{Linux: generateLinuxAutoruns, Darwin: generateDarwinAutoruns, Windows: generateWindowsAutoruns})

// autorunSink completes rows with what their files tell.
type autorunSink struct {
	ctx                 context.Context
	host                tables.Host
	wantsTime, wantsSum bool
	digests             map[string]tables.Null[string] // by path: many entries start the same program
	emit                func(*autorun) error
}

func newAutorunSink(ctx context.Context, host tables.Host, q *tables.Query, emit func(*autorun) error) *autorunSink {
	return &autorunSink{
		ctx: ctx, host: host, wantsTime: q.Wants("mtime"), wantsSum: q.Wants("sha256"), digests: map[string]tables.Null[string]{}, emit: emit,
	}
}

func (s *autorunSink) add(row autorun) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.wantsTime && row.Source != "" {
		if info, err := s.host.Stat(row.Source); err == nil {
			row.MTime = tables.Some(info.ModTime().Unix())
		}
	}
	if s.wantsSum && row.Path != "" {
		sum, known := s.digests[row.Path]
		if !known {
			sum = s.digest(row.Path)
			s.digests[row.Path] = sum
		}
		row.SHA256 = sum
	}
	return s.emit(&row)
}

// autorunSizeMax bounds the programs that are hashed.
const autorunSizeMax = 256 << 20

func (s *autorunSink) digest(file string) tables.Null[string] {
	f, err := s.host.Open(file)
	if err != nil {
		if !hostfile.Absent(err) {
			hostfile.Skipped(s.ctx, s.host, file, err)
		}
		return tables.Null[string]{}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > autorunSizeMax {
		return tables.Null[string]{}
	}
	defer context.AfterFunc(s.ctx, func() { _ = f.Close() })()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(f, autorunSizeMax)); err != nil {
		return tables.Null[string]{}
	}
	return tables.Some(hex.EncodeToString(sum.Sum(nil)))
}

// firstWord is the program that a command line starts, where it names one by its path.
func firstWord(command string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(command), " ")
	word = strings.Trim(word, `"'`)
	if !path.IsAbs(word) {
		return ""
	}
	return word
}

func generateDarwinAutoruns(ctx context.Context, host tables.Host, q *tables.Query, emit func(*autorun) error) error {
	sink := newAutorunSink(ctx, host, q, emit)
	err := eachLaunchdList(ctx, host, nil, func(file string, list plist.Dict) error {
		job := launchdJobOf(list)
		row := autorun{Type: "launchd", Entry: job.Label, Path: job.Program, Command: job.ProgramArguments, Source: file, Username: job.Username, Enabled: 1}
		if row.Path == "" {
			row.Path = firstWord(job.ProgramArguments)
		}
		if job.Disabled == "1" {
			row.Enabled = 0
		}
		return sink.add(row)
	})
	if err != nil {
		return err
	}
	err = generateDarwinStartupItems(ctx, host, q, func(item *startupItem) error {
		row := autorun{
			Type: "login_item", Entry: item.Name, Path: item.Path, Command: strings.TrimSpace(item.Path + " " + item.Args), Source: item.Source, Username: item.Username,
		}
		if item.Status != "disabled" {
			row.Enabled = 1
		}
		return sink.add(row)
	})
	if err != nil {
		return err
	}
	return cronJobs(ctx, host, func(job *scheduledJob) error { return sink.add(autorunOfJob(job, "cron")) })
}

// windowsRoots are the ways in which the registry writes the directory of Windows, in small letters.
var windowsRoots = []string{`%systemroot%\`, `%windir%\`, `\systemroot\`, `\??\%systemroot%\`}

// windowsProgram gives the path of a program as the registry writes it in the form of a file's path, so that its file is found.
func windowsProgram(path string) string {
	folded := strings.ToLower(path)
	for _, root := range windowsRoots {
		if strings.HasPrefix(folded, root) {
			return `C:\Windows\` + path[len(root):]
		}
	}
	switch {
	case strings.HasPrefix(folded, `system32\`), strings.HasPrefix(folded, `syswow64\`): // drivers
		return `C:\Windows\` + path
	case strings.HasPrefix(path, `\??\`):
		return path[len(`\??\`):]
	default:
		return path
	}
}

func autorunOfJob(job *scheduledJob, kind string) autorun {
	return autorun{
		Type: kind, Entry: job.Name, Path: firstWord(job.Command), Command: job.Command, Source: job.Source, Username: job.Username, Enabled: job.Enabled,
	}
}

func generateWindowsAutoruns(ctx context.Context, host tables.Host, q *tables.Query, emit func(*autorun) error) error {
	sink := newAutorunSink(ctx, host, q, emit)
	r := registry.Open(ctx, host)
	defer r.Close()
	err := eachService(ctx, r, func(s *service) error {
		row := autorun{Type: "service", Entry: s.Name, Command: s.Path, Source: servicesKey + `\` + s.Name, Username: s.UserAccount}
		if strings.HasSuffix(s.ServiceType, "DRIVER") {
			row.Type = "driver"
		}
		row.Path, _ = splitCommand(s.Path)
		if s.ModulePath != "" {
			row.Path = s.ModulePath
		}
		row.Path = windowsProgram(row.Path)
		switch s.StartType {
		case "AUTO_START", "BOOT_START", "SYSTEM_START":
			row.Enabled = 1
		}
		return sink.add(row)
	})
	if err != nil {
		return err
	}
	err = eachWindowsStartupItem(ctx, host, r, func(item *startupItem) error {
		row := autorun{
			Type: "run_key", Entry: item.Name, Path: windowsProgram(item.Path), Command: strings.TrimSpace(item.Path + " " + item.Args), Source: item.Source, Username: item.Username,
		}
		if item.Status != "disabled" {
			row.Enabled = 1
		}
		return sink.add(row)
	})
	if err != nil {
		return err
	}
	return generateScheduledTasks(ctx, host, q, func(task *scheduledTask) error {
		program, _ := splitCommand(task.Action)
		return sink.add(autorun{Type: "task", Entry: task.Name, Path: windowsProgram(program), Command: task.Action, Source: task.Path, Enabled: task.Enabled})
	})
}

// parseUdevRuns gives the commands that a line of udev(7)'s rules runs: RUN+="/bin/x", IMPORT{program}="/bin/y".
func parseUdevRuns(line string) []string {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil
	}
	var commands []string
	for _, part := range strings.Split(line, ",") {
		key, value, ok := strings.Cut(part, "=")
		key = strings.TrimRight(strings.TrimSpace(key), "+:!-")
		if !ok || key != "RUN" && key != "RUN{program}" && key != "IMPORT{program}" && key != "PROGRAM" {
			continue
		}
		value = strings.Trim(strings.TrimLeft(strings.TrimSpace(value), "="), `"`)
		if value != "" {
			commands = append(commands, value)
		}
	}
	return commands
}
