package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// crash is one report of a crash of a program.
type crash struct {
	Type           string `col:"type" doc:"application, or mobile for a phone's."`
	PID            int64  `col:"pid" doc:"Process."`
	Path           string `col:"path" doc:"Program."`
	CrashPath      string `col:"crash_path" opt:"index" doc:"Report."`
	Identifier     string `col:"identifier" doc:"Bundle identifier."`
	Version        string `col:"version" collate:"VERSION" doc:"Version of the program."`
	Parent         int64  `col:"parent" doc:"Parent process."`
	Responsible    string `col:"responsible" class:"personal" doc:"Process on whose behalf it ran."`
	UID            int64  `col:"uid" type:"INTEGER" opt:"index" doc:"User as whom it ran."`
	Datetime       string `col:"datetime" class:"personal" doc:"When, as the report writes it."`
	CrashedThread  int64  `col:"crashed_thread" doc:"Thread that crashed."`
	StackTrace     string `col:"stack_trace" doc:"Newest frame of its stack."`
	ExceptionType  string `col:"exception_type" doc:"Kind of exception."`
	ExceptionCodes string `col:"exception_codes" doc:"Codes of the exception."`
	ExceptionNotes string `col:"exception_notes" doc:"Notes on the exception."`
	Registers      string `col:"registers" doc:"Registers, joined by blanks."`
}

// Crashes has a row for each report: those of the machine, which have uid 0 or the crashed program's user, and those of the
// users that a statement asks for.
// Source: *.crash and *.ips below Library/Logs/DiagnosticReports and, of phones, Library/Logs/CrashReporter/MobileDevice.
var Crashes = tables.Define[crash](tables.Spec{
	Name: "crashes", Doc: "Crashes of programs that the system wrote down.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, UserData: true, Portable: true,
	Examples: []string{
		"SELECT identifier, version, exception_type, datetime FROM crashes",
		"SELECT u.username, c.identifier, c.datetime FROM users u JOIN crashes c USING (uid)",
	},
}, generateCrashes)

const (
	diagnosticReports = "Library/Logs/DiagnosticReports"
	mobileReports     = "Library/Logs/CrashReporter/MobileDevice"
)

func generateCrashes(ctx context.Context, host tables.Host, q *tables.Query, emit func(*crash) error) error {
	wanted := q.Equal("crash_path")
	give := func(file, kind string, read func() ([]byte, bool)) error {
		if wanted != nil && !slices.Contains(wanted, file) {
			return ctx.Err()
		}
		data, ok := read()
		if !ok {
			return ctx.Err()
		}
		row, ok := parseCrash(file, string(data))
		if !ok {
			return ctx.Err()
		}
		row.Type, row.CrashPath = kind, file
		return emit(&row)
	}
	for _, dir := range [...]string{"/" + diagnosticReports, "/" + diagnosticReports + "/Retired"} {
		for _, file := range hostfile.Files(ctx, host, dir) {
			if err := give(file, "application", func() ([]byte, bool) { return hostfile.OneOfMany(ctx, host, file) }); err != nil {
				return err
			}
		}
	}
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		kinds := map[string]string{diagnosticReports: "application", diagnosticReports + "/Retired": "application"}
		for _, phone := range home.Directories(mobileReports) {
			kinds[mobileReports+"/"+phone] = "mobile"
		}
		for _, dir := range slices.Sorted(maps.Keys(kinds)) {
			for _, entry := range home.List(dir) {
				name := dir + "/" + entry.Name()
				if entry.IsDir() {
					continue
				}
				if err := give(home.Path(name), kinds[dir], func() ([]byte, bool) { return home.Read(name) }); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// parseCrash reads a report by the kind that its name tells.
func parseCrash(file, text string) (crash, bool) {
	switch {
	case strings.HasSuffix(file, ".ips"):
		return parseCrashJSON(text)
	case strings.HasSuffix(file, ".crash") && !strings.Contains(file, "LowBattery"):
		return parseCrashText(text)
	default:
		return crash{}, false
	}
}

// crashReport is a report of newer systems, which follows a line of JSON that describes it.
type crashReport struct {
	PID           int64  `json:"pid"`
	ProcPath      string `json:"procPath"`
	ProcName      string `json:"procName"`
	CoalitionName string `json:"coalitionName"`
	BundleInfo    struct {
		Identifier   string `json:"CFBundleIdentifier"`
		ShortVersion string `json:"CFBundleShortVersionString"`
		Version      string `json:"CFBundleVersion"`
	} `json:"bundleInfo"`
	ParentPID       int64  `json:"parentPid"`
	ResponsibleProc string `json:"responsibleProc"`
	UserID          int64  `json:"userID"`
	CaptureTime     string `json:"captureTime"`
	FaultingThread  int    `json:"faultingThread"`
	Exception       struct{ Type, Signal, Codes string }
	UsedImages      []struct{ Name string } `json:"usedImages"`
	Threads         []struct {
		Frames []struct {
			ImageOffset int64  `json:"imageOffset"`
			ImageIndex  int    `json:"imageIndex"`
			Symbol      string `json:"symbol"`
		} `json:"frames"`
	} `json:"threads"`
}

func parseCrashJSON(text string) (row crash, ok bool) {
	_, text, _ = strings.Cut(text, "\n")
	var r crashReport
	err := json.Unmarshal([]byte(text), &r)
	var wrongType *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &wrongType) || r.ProcPath == "" && r.PID == 0 {
		return row, false // no crash: other reports have the same name
	}
	row = crash{
		PID: r.PID, Path: r.ProcPath, Identifier: r.BundleInfo.Identifier, Parent: r.ParentPID, Responsible: r.ResponsibleProc, UID: r.UserID,
		Datetime: r.CaptureTime, CrashedThread: int64(r.FaultingThread), ExceptionType: r.Exception.Type, ExceptionCodes: r.Exception.Codes,
	}
	if row.Identifier == "" {
		row.Identifier = r.CoalitionName
	}
	if row.Responsible == "" {
		row.Responsible = r.ProcName
	}
	if r.Exception.Signal != "" {
		row.ExceptionType += " (" + r.Exception.Signal + ")"
	}
	if row.Version = r.BundleInfo.ShortVersion; r.BundleInfo.Version != "" {
		row.Version += " (" + r.BundleInfo.Version + ")"
	}
	if t := r.FaultingThread; t >= 0 && t < len(r.Threads) && len(r.Threads[t].Frames) > 0 {
		frame := r.Threads[t].Frames[0]
		image := ""
		if i := frame.ImageIndex; i >= 0 && i < len(r.UsedImages) {
			image = r.UsedImages[i].Name
		}
		row.StackTrace = strings.Join(strings.Fields(fmt.Sprintf("0 %s 0x%x %s", image, frame.ImageOffset, frame.Symbol)), " ")
	}
	return row, true
}

var (
	crashPID      = lazyregexp.New(`\[(\d+)\]`)
	crashRegister = lazyregexp.New(`^\s*(?:rax|rdi|r8|r12|rip|x0|x4|eax|edi|ss|ds): +\S`)
)

// parseCrashText reads the text of older systems: lines with a key, and the stacks.
func parseCrashText(text string) (row crash, ok bool) {
	var registers []string
	inStack := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		number := func(text string) int64 { n, _ := strconv.ParseInt(text, 10, 64); return n }
		switch key {
		case "Process", "Parent Process":
			m := crashPID().FindStringSubmatch(value)
			if m == nil {
				continue
			}
			if key == "Process" {
				row.PID, ok = number(m[1]), true
			} else {
				row.Parent = number(m[1])
			}
		case "Path":
			row.Path = value
		case "Identifier":
			row.Identifier = value
		case "Version":
			row.Version = value
		case "Responsible":
			row.Responsible = value
		case "User ID":
			row.UID = number(value)
		case "Date/Time":
			row.Datetime = value
		case "Crashed Thread", "Triggered by Thread":
			first, _, _ := strings.Cut(value, " ")
			row.CrashedThread = number(first)
		case "Exception Type":
			row.ExceptionType = value
		case "Exception Codes":
			row.ExceptionCodes = value
		case "Exception Note":
			row.ExceptionNotes = value
		default:
			switch {
			case inStack && row.StackTrace == "":
				row.StackTrace = strings.Join(strings.Fields(line), " ")
			case crashRegister().MatchString(line):
				registers = append(registers, strings.ReplaceAll(strings.Join(strings.Fields(line), " "), ": ", ":"))
			}
		}
		inStack = strings.HasPrefix(line, fmt.Sprintf("Thread %d Crashed", row.CrashedThread))
	}
	row.Registers = strings.Join(registers, " ")
	return row, ok
}
