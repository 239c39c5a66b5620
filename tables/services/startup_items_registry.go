package services

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// runKeys hold what starts with a session, below HKEY_LOCAL_MACHINE and below each user.
var runKeys = [...]string{
	`SOFTWARE\Microsoft\Windows\CurrentVersion\Run`,
	`SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce`,
	`SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnceEx`,
	`SOFTWARE\Microsoft\Windows\CurrentVersion\RunServices`,
	`SOFTWARE\Microsoft\Windows\CurrentVersion\RunServicesOnce`,
	`SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run`,
	`SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Run`,
	`SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\RunOnce`,
	`SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\RunOnceEx`,
	`SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Policies\Explorer\Run`,
}

const (
	// approvedKey holds what people switched off in the settings: the first byte of a value is odd.
	approvedKey    = `SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\`
	commonStartup  = `C:\ProgramData\Microsoft\Windows\Start Menu\Programs\StartUp`
	startupOfUsers = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup"
	machineHive    = "HKEY_LOCAL_MACHINE"
)

func generateWindowsStartupItems(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*startupItem) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	return eachWindowsStartupItem(ctx, host, r, emit)
}

func eachWindowsStartupItem(ctx context.Context, host tables.Host, r *registry.Registry, emit func(*startupItem) error) error {
	names := map[string]string{} // of users, by identifier
	err := homes.All(ctx, host, func(home *homes.Home) error {
		names[home.User.UUID] = home.User.Name
		base := `HKEY_USERS\` + home.User.UUID
		for _, entry := range home.List(startupOfUsers) {
			if err := startupFile(r, base, home.Path(path.Join(startupOfUsers, entry.Name())), entry.Name(), home.User.Name, emit); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, entry := range hostfile.List(ctx, host, commonStartup) {
		if err := startupFile(r, machineHive, commonStartup+`\`+entry.Name(), entry.Name(), "", emit); err != nil {
			return err
		}
	}
	bases := []string{machineHive}
	for _, user := range r.Key("HKEY_USERS").Names() {
		if !strings.HasSuffix(user, "_Classes") {
			bases = append(bases, `HKEY_USERS\`+user)
		}
	}
	for _, base := range bases {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, name := range runKeys {
			if err := runKey(r, base, name, names[strings.TrimPrefix(base, `HKEY_USERS\`)], emit); err != nil {
				return err
			}
		}
	}
	return nil
}

// runKey emits the values of a key, and of those below it, which RunOnceEx has.
func runKey(r *registry.Registry, base, name, username string, emit func(*startupItem) error) error {
	key := r.Key(base + `\` + name)
	for _, v := range key.Values() {
		command := v.Text()
		if v.Name == "" || command == "" {
			continue
		}
		approved := "Run"
		if strings.Contains(name, "Wow6432Node") {
			approved = "Run32"
		}
		row := startupItem{Name: v.Name, Type: startupType, Source: key.Path, Status: approval(r, base, approved, v.Name), Username: username}
		row.Path, row.Args = splitCommand(mask.CommandLine(command))
		if err := emit(&row); err != nil {
			return err
		}
	}
	if !strings.HasSuffix(name, "Ex") {
		return nil
	}
	return key.Keys(func(sub *registry.Key) error {
		return runKey(r, base, strings.TrimSuffix(name, "Ex")+`Ex\`+sub.Name(), username, emit)
	})
}

func startupFile(r *registry.Registry, base, file, name, username string, emit func(*startupItem) error) error {
	if strings.EqualFold(name, "desktop.ini") {
		return nil
	}
	return emit(&startupItem{
		Name: name, Path: file, Type: startupType, Source: file[:strings.LastIndexByte(file, '\\')],
		Status: approval(r, base, "StartupFolder", name), Username: username,
	})
}

// approval is whether an item is switched on; one that no one ever switched is.
func approval(r *registry.Registry, base, list, name string) string {
	v, ok := r.Key(base + `\` + approvedKey + list).Value(name)
	if ok && len(v.Data) > 0 && v.Data[0]&1 == 1 {
		return "disabled"
	}
	return "enabled"
}

// splitCommand parts a program from its arguments: it is in quotation marks, or ends where its extension does, or at the
// first blank.
func splitCommand(command string) (program, arguments string) {
	command = strings.TrimSpace(command)
	if rest, quoted := strings.CutPrefix(command, `"`); quoted {
		program, arguments, _ = strings.Cut(rest, `"`)
		return program, strings.TrimSpace(arguments)
	}
	lower := strings.ToLower(command)
	for _, extension := range []string{".exe", ".com", ".bat", ".cmd", ".vbs", ".ps1"} {
		if i := strings.Index(lower, extension+" "); i >= 0 && len(lower) == len(command) {
			end := i + len(extension)
			return command[:end], strings.TrimSpace(command[end:])
		}
		if strings.HasSuffix(lower, extension) {
			return command, ""
		}
	}
	program, arguments, _ = strings.Cut(command, " ")
	return program, strings.TrimSpace(arguments)
}
