package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/agent/check"
	"github.com/tenantra/tenantra/agent/shell"
	"github.com/tenantra/tenantra/frameworks"
)

// The exit codes of check by the worst failure.
var checkCodes = map[frameworks.Severity]int{"": 0, frameworks.Low: 3, frameworks.Medium: 4, frameworks.High: 5, frameworks.Critical: 6}

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "run the compliance checks on this machine and report what they say",
		Description: "Needs neither server nor daemon, changes nothing and sends nothing. Run it as root to judge everything.\n" +
			"Codes: 0 nothing fails, 1 the program failed, 2 a wrong command line; else the worst failure: 3 low, 4 medium,\n" +
			"5 high, 6 critical. Failures below --fail-on count as none. What could not be judged is no failure.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "framework", Usage: "only the checks of one framework, by its controls: `ID`; list shows the ids"},
			&cli.StringFlag{Name: "baseline", Usage: "only controls of a baseline of the framework: LOW, MODERATE, HIGH"},
			&cli.StringSliceFlag{Name: "check", Usage: "only the check `NAME`; may be given several times"},
			&cli.BoolFlag{Name: "all", Usage: "also list what passes and what does not apply"},
			&cli.BoolFlag{Name: "json", Usage: "print one JSON object"},
			&cli.BoolFlag{Name: "sarif", Usage: "print SARIF 2.1.0, as code scanners read it"},
			&cli.BoolFlag{Name: "junit", Usage: "print JUnit XML, as test runners read it"},
			&cli.StringFlag{Name: "fail-on", Usage: "lowest `SEVERITY` that counts for the exit code", Value: string(frameworks.Low)},
			rootFlag(), stateFlag(),
		},
		Action: runCheck,
	}
}

func runCheck(c *cli.Context) error {
	if c.Args().Present() {
		return usagef(c, "check takes no argument: %q", c.Args().First())
	}
	least := slices.Index(frameworks.Severities, frameworks.Severity(c.String("fail-on")))
	if least < 0 {
		return usagef(c, "--fail-on is low, medium, high or critical")
	}
	formats := 0
	for _, name := range []string{"json", "sarif", "junit"} {
		if c.Bool(name) {
			formats++
		}
	}
	if formats > 1 {
		return usagef(c, "choose one of --json, --sarif and --junit")
	}
	if c.String("baseline") != "" && c.String("framework") == "" {
		return usagef(c, "--baseline is of a --framework")
	}
	l, err := openLocal(c, nil)
	if err != nil {
		return err
	}
	defer l.close()
	e, host := l.engine, l.host
	library, err := frameworks.LoadFor(frameworks.Embedded(), host.Platform(), e)
	if err != nil {
		return fmt.Errorf("load checks: %w", err)
	}
	if c.String("framework") == "list" {
		return listFrameworks(library)
	}
	checks, focus, err := wantedChecks(c, library)
	if err != nil {
		return err
	}
	options := check.Options{Library: library, Engine: e, Checks: checks}
	var bar *check.Progress
	if t := shell.TerminalOf(os.Stderr); t.Is {
		bar = check.NewProgress(os.Stderr, t.Width)
		options.Progress = bar.Update
	}
	report, err := check.Run(c.Context, options)
	if bar != nil {
		bar.Clear()
	}
	if err != nil {
		return err
	}
	if err := printReport(c, report, library, focus); err != nil {
		return err
	}
	if worst := report.Worst(); slices.Index(frameworks.Severities, worst) >= least {
		return exitCode(checkCodes[worst])
	}
	return nil
}

// wantedChecks gives the checks that the command line asks for, and the framework where it names one.
func wantedChecks(c *cli.Context, l *frameworks.Library) ([]*frameworks.Check, *check.Focus, error) {
	checks := l.Checks()
	var focus *check.Focus
	if id := c.String("framework"); id != "" {
		var err error
		if focus, err = check.NewFocus(l, id, c.String("baseline")); err != nil {
			return nil, nil, usagef(c, "%v", err)
		}
		checks = focus.Checks(l)
	}
	if names := c.StringSlice("check"); len(names) > 0 {
		for _, name := range names {
			if l.Check(name) == nil {
				return nil, nil, usagef(c, "there is no check %q for this system", name)
			}
		}
		checks = slices.DeleteFunc(slices.Clone(checks), func(c *frameworks.Check) bool { return !slices.Contains(names, c.ID) })
	}
	if len(checks) == 0 {
		return nil, nil, fmt.Errorf("there are no such checks for this system")
	}
	return checks, focus, nil
}

func printReport(c *cli.Context, r *check.Report, l *frameworks.Library, focus *check.Focus) error {
	switch {
	case c.Bool("json"):
		return r.WriteJSON(os.Stdout, l, version)
	case c.Bool("sarif"):
		return r.WriteSARIF(os.Stdout, version)
	case c.Bool("junit"):
		return r.WriteJUnit(os.Stdout)
	}
	t := shell.TerminalOf(os.Stdout)
	return r.WriteText(os.Stdout, check.TextOptions{
		Library: l, Focus: focus, All: c.Bool("all"), Color: t.Is && os.Getenv("NO_COLOR") == "", Width: min(t.Width, 120),
	})
}

func listFrameworks(l *frameworks.Library) error {
	for _, f := range l.Frameworks() {
		served := 0
		var baselines []string
		for _, control := range f.Controls {
			if len(f.Checks(l, control.ID)) > 0 {
				served++
			}
			for _, b := range control.Baselines {
				if !slices.Contains(baselines, b) {
					baselines = append(baselines, b)
				}
			}
		}
		fmt.Printf("%-16s %s: %d of %d controls have a check for this system%s\n", f.ID, f.Title, served, len(f.Controls), suffix("; baselines ", strings.Join(baselines, ", ")))
	}
	return nil
}

func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
