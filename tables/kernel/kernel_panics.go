package kernel

import (
	"context"
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// kernelPanic is one report of a crash of the kernel.
type kernelPanic struct {
	Path            string `col:"path" doc:"File of the report."`
	Time            string `col:"time" doc:"When it happened, as the report writes it."`
	Registers       string `col:"registers" doc:"Registers, joined by blanks."`
	FrameBacktrace  string `col:"frame_backtrace" doc:"Return addresses, one a line."`
	ModuleBacktrace string `col:"module_backtrace" doc:"Extensions on the stack."`
	Dependencies    string `col:"dependencies" doc:"Extensions that those use."`
	Name            string `col:"name" doc:"Process that ran."`
	OSVersion       string `col:"os_version" collate:"VERSION" doc:"Version of the system."`
	KernelVersion   string `col:"kernel_version" collate:"VERSION" doc:"Version of the kernel."`
	SystemModel     string `col:"system_model" doc:"Model of the machine."`
	Uptime          int64  `col:"uptime" doc:"Nanoseconds since its start; 0 where the report does not tell."`
	LastLoaded      string `col:"last_loaded" doc:"Extension that was loaded last."`
	LastUnloaded    string `col:"last_unloaded" doc:"Extension that was unloaded last."`
}

// KernelPanics has a row for each report.
// Source: *.panic and panic-full*.ips below /Library/Logs/DiagnosticReports: text of older systems, JSON of newer ones.
var KernelPanics = tables.Define[kernelPanic](tables.Spec{
	Name: "kernel_panics", Doc: "Crashes of the kernel that the system wrote down.",
	Category: tables.Kernel, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT time, name, module_backtrace, system_model FROM kernel_panics"},
}, generateKernelPanics)

const diagnosticReports = "/Library/Logs/DiagnosticReports"

func generateKernelPanics(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kernelPanic) error) error {
	for _, file := range hostfile.Files(ctx, host, diagnosticReports) {
		name := path.Base(file)
		if !strings.HasSuffix(name, ".panic") && !strings.HasPrefix(name, "panic-full") && !strings.HasPrefix(name, "Kernel") {
			continue
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		row := parseKernelPanic(string(data))
		row.Path = file
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// panicReport is a report of newer systems, which follows a line of JSON that describes it.
type panicReport struct {
	Date         string `json:"date"`
	Build        string `json:"build"`
	Product      string `json:"product"`
	Kernel       string `json:"kernel"`
	Panic        string `json:"panicString"`
	PanicOfMacOS string `json:"macOSPanicString"`
}

// parseKernelPanic reads either form.
func parseKernelPanic(text string) kernelPanic {
	first, rest, _ := strings.Cut(text, "\n")
	var report panicReport
	if strings.HasPrefix(first, "{") && json.Unmarshal([]byte(rest), &report) == nil {
		inner := report.Panic
		if inner == "" {
			inner = report.PanicOfMacOS
		}
		row := parsePanicText(inner)
		row.Time, row.OSVersion, row.SystemModel = report.Date, report.Build, report.Product
		if report.Kernel != "" {
			row.KernelVersion = report.Kernel
		}
		return row
	}
	return parsePanicText(text)
}

var panicKeys = map[string]func(*kernelPanic) *string{
	"BSD process name corresponding to current thread": func(r *kernelPanic) *string { return &r.Name },
	"Process name corresponding to current thread":     func(r *kernelPanic) *string { return &r.Name },
	"System model name":     func(r *kernelPanic) *string { return &r.SystemModel },
	"last loaded kext at":   func(r *kernelPanic) *string { return &r.LastLoaded },
	"last unloaded kext at": func(r *kernelPanic) *string { return &r.LastUnloaded },
}

// parsePanicText reads the kernel's own text: a time, registers, a backtrace, and lines with a key.
func parsePanicText(text string) kernelPanic {
	var row kernelPanic
	var registers, frames, modules, dependencies []string
	follows := "" // what the lines after a heading are
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case line == "":
			follows = ""
		case row.Time == "" && isPanicTime(line):
			row.Time = line
		case strings.HasPrefix(line, "Mac OS version") || strings.HasPrefix(line, "OS version"):
			follows, row.OSVersion = "os", value
		case key == "Kernel version":
			follows, row.KernelVersion = "kernel", value
		case strings.HasPrefix(line, "Backtrace"), strings.HasPrefix(line, "Panicked thread"):
			follows = "frames"
		case strings.HasPrefix(line, "Kernel Extensions in backtrace"):
			follows = "modules"
		case strings.HasPrefix(key, "System uptime in nanoseconds"):
			row.Uptime, _ = strconv.ParseInt(value, 10, 64)
		case strings.HasPrefix(line, "dependency:"):
			dependencies = append(dependencies, value)
		case isRegisters(line):
			registers = append(registers, line)
		case follows == "os" && row.OSVersion == "":
			row.OSVersion = line
		case follows == "kernel" && row.KernelVersion == "":
			row.KernelVersion = line
		case follows == "frames" && (strings.HasPrefix(line, "0x") || strings.Contains(line, "lr: 0x")):
			frames = append(frames, line)
		case follows == "modules":
			modules = append(modules, line)
		default:
			for prefix, column := range panicKeys {
				if strings.HasPrefix(line, prefix) {
					*column(&row) = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(line, prefix), ":"))
				}
			}
		}
	}
	row.Registers, row.FrameBacktrace = strings.Join(registers, " "), strings.Join(frames, "\n")
	row.ModuleBacktrace, row.Dependencies = strings.Join(modules, " "), strings.Join(dependencies, " ")
	return row
}

// isPanicTime tells whether a line starts with the name of a day, as Tue Jan  6 10:00:00 2026.
func isPanicTime(line string) bool {
	return len(line) > 4 && line[3] == ' ' && strings.Contains("Sun Mon Tue Wed Thu Fri Sat", line[:3])
}

// isRegisters tells whether a line is one of registers, as RAX: 0x0000000000000001, RBX: 0x….
func isRegisters(line string) bool {
	name, value, found := strings.Cut(line, ": 0x")
	return found && len(name) <= 4 && len(value) >= 8 && strings.Contains(line, ",")
}
