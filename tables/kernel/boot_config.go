package kernel

import (
	"context"
	"encoding/binary"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// bootSetting is one setting of how the machine starts.
type bootSetting struct {
	Loader string `col:"loader" doc:"What it is a setting of: kernel, grub, systemd-boot or efi."`
	Entry  string `col:"entry" doc:"Entry of the boot menu that it belongs to; empty for settings of all."`
	Name   string `col:"name" doc:"Name of the setting: parameter of the kernel, variable of GRUB, key of systemd-boot, variable of EFI."`
	Value  string `col:"value" doc:"Value of the setting; a parameter without a value has none. A password is told by its user only."`
	Source string `col:"source" doc:"File that it is in."`
	Line   int64  `col:"line" doc:"Line in the file, from 1; 0 where the file has no lines."`
}

// BootConfig has a row for each parameter of the running kernel, each setting of GRUB and systemd-boot, and each of the boot
// entries of EFI.
// Source: /proc/cmdline; /etc/default/grub, /boot/grub*/grub.cfg and user.cfg; /boot/loader, /efi/loader and /boot/efi/loader;
// /sys/firmware/efi/efivars, UEFI specification 3.1.
var BootConfig = tables.DefineByPlatform(tables.Spec{
	Name: "boot_config", Doc: "How the machine starts: kernel parameters, boot loaders and EFI's boot entries.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT value FROM boot_config WHERE loader = 'kernel' AND name = 'audit'",
		"SELECT count(*) > 0 AS has_password FROM boot_config WHERE loader = 'grub' AND name = 'password'",
	},
}, tables.Generators[bootSetting]{Linux: generateBootConfig})

// bootFile is one file of a boot loader.
type bootFile struct {
	name  string
	parse func([]byte) []bootSetting
}

func generateBootConfig(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*bootSetting) error) error {
	const cmdline = "/proc/cmdline"
	if text, ok := oneLine(ctx, host, cmdline); ok {
		for word := range strings.FieldsSeq(mask.CommandLine(text)) {
			name, value, _ := strings.Cut(word, "=")
			if err := emit(&bootSetting{Loader: "kernel", Name: name, Value: value, Source: cmdline, Line: 1}); err != nil {
				return err
			}
		}
	}
	files := []bootFile{{"/etc/default/grub", parseGrubDefaults}}
	for _, file := range hostfile.Files(ctx, host, "/etc/default/grub.d") {
		if path.Ext(file) == ".cfg" {
			files = append(files, bootFile{file, parseGrubDefaults})
		}
	}
	for _, pattern := range []string{"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/grub2/user.cfg", "/boot/efi/EFI/*/grub.cfg", "/boot/efi/EFI/*/user.cfg"} {
		found, err := host.Glob(pattern)
		if err != nil {
			return err
		}
		for _, file := range found {
			files = append(files, bootFile{file, parseGrub})
		}
	}
	for _, dir := range []string{"/boot/loader", "/efi/loader", "/boot/efi/loader"} {
		found, err := host.Glob(dir + "/entries/*.conf")
		if err != nil {
			return err
		}
		for _, file := range append([]string{dir + "/loader.conf"}, found...) {
			files = append(files, bootFile{file, parseLoaderEntry})
		}
	}
	for _, f := range files {
		data, err := host.ReadFile(f.name)
		if err != nil {
			if !hostfile.Absent(err) {
				hostfile.Skipped(ctx, host, f.name, err)
			}
			continue
		}
		for _, row := range f.parse(data) {
			row.Source = f.name
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return efiBootEntries(ctx, host, emit)
}

// parseGrubDefaults reads the variables of a shell file: GRUB_TIMEOUT=5.
func parseGrubDefaults(data []byte) []bootSetting {
	var rows []bootSetting
	number := int64(0)
	for line := range strings.Lines(string(data)) {
		number++
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if !ok || strings.HasPrefix(name, "#") || strings.ContainsAny(name, " \t\"'$") {
			continue
		}
		rows = append(rows, bootSetting{Loader: "grub", Name: name, Value: mask.CommandLine(strings.Trim(value, `"'`)), Line: number})
	}
	return rows
}

// parseGrub reads what of GRUB's script protects or starts: set superusers, password, the kernels of the menu. A password is a
// row without its hash.
func parseGrub(data []byte) []bootSetting {
	var rows []bootSetting
	entry, number := "", int64(0)
	add := func(name, value string) {
		rows = append(rows, bootSetting{Loader: "grub", Entry: entry, Name: name, Value: value, Line: number})
	}
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch {
		case word == "menuentry":
			entry = quoted(rest)
			add("menuentry", entry)
			if strings.Contains(rest, "--unrestricted") {
				add("unrestricted", "1")
			}
		case line == "}":
			entry = ""
		case word == "password_pbkdf2" || word == "password":
			user, _, _ := strings.Cut(rest, " ")
			add("password", user)
		case strings.HasPrefix(line, "GRUB2_PASSWORD="):
			add("password", "root")
		case word == "set" && strings.HasPrefix(rest, "superusers="):
			add("superusers", strings.Trim(strings.TrimPrefix(rest, "superusers="), `"'`))
		case word == "linux" || word == "linuxefi" || word == "linux16":
			add("linux", mask.CommandLine(rest))
		case word == "initrd" || word == "initrdefi" || word == "initrd16":
			add("initrd", rest)
		}
	}
	return rows
}

// quoted gives the first word of text, which may be in quotes.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	if quote := text[0]; quote == '\'' || quote == '"' {
		word, _, _ := strings.Cut(text[1:], string(quote))
		return word
	}
	word, _, _ := strings.Cut(text, " ")
	return word
}

// parseLoaderEntry reads the lines of the Boot Loader Specification: key, blanks, value.
func parseLoaderEntry(data []byte) []bootSetting {
	var rows []bootSetting
	title, number := "", int64(0)
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value := line, ""
		if at := strings.IndexAny(line, " \t"); at > 0 {
			key, value = line[:at], strings.TrimSpace(line[at:])
		}
		if key == "title" {
			title = value
		}
		rows = append(rows, bootSetting{Loader: "systemd-boot", Entry: title, Name: key, Value: mask.CommandLine(value), Line: number})
	}
	return rows
}

const (
	efiVariables = "/sys/firmware/efi/efivars"
	efiGlobal    = "-8be4df61-93ca-11d2-aa0d-00e098032b8c" // the namespace of the specification itself
	efiHead      = 4                                       // attributes before the value
)

func efiBootEntries(ctx context.Context, host tables.Host, emit func(*bootSetting) error) error {
	for _, file := range hostfile.Files(ctx, host, efiVariables) {
		name, ok := strings.CutSuffix(path.Base(file), efiGlobal)
		if !ok || !strings.HasPrefix(name, "Boot") {
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok || len(data) < efiHead {
			continue
		}
		value, ok := parseEFIBoot(name, data[efiHead:])
		if !ok {
			continue
		}
		row := bootSetting{Loader: "efi", Name: name, Value: value, Source: file}
		if isBootNumber(name) {
			row.Entry = value
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// isBootNumber tells the variable of an entry: Boot0003.
func isBootNumber(name string) bool {
	if len(name) != len("Boot0000") {
		return false
	}
	_, err := strconv.ParseUint(name[4:], 16, 16)
	return err == nil
}

// parseEFIBoot reads BootCurrent, BootNext (a number), BootOrder (numbers), and the description in the EFI_LOAD_OPTION of an entry:
// attributes (4 bytes), length of the device path (2), text in UTF-16.
func parseEFIBoot(name string, value []byte) (string, bool) {
	switch {
	case name == "BootOrder" || name == "BootCurrent" || name == "BootNext":
		var numbers []string
		for ; len(value) >= 2; value = value[2:] {
			numbers = append(numbers, strings.ToUpper(strconv.FormatUint(1<<16|uint64(binary.LittleEndian.Uint16(value)), 16)[1:]))
		}
		return strings.Join(numbers, ","), true
	case isBootNumber(name):
		const textAt = 6
		if len(value) < textAt {
			return "", false
		}
		var units []uint16
		for rest := value[textAt:]; len(rest) >= 2; rest = rest[2:] {
			unit := binary.LittleEndian.Uint16(rest)
			if unit == 0 {
				break
			}
			units = append(units, unit)
		}
		return string(utf16.Decode(units)), true
	default:
		return "", false
	}
}
