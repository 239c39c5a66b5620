package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"
)

func TestFlagsOfEveryCommandMayStandAnywhere(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ctl agents --tenant acme -r":          "ctl --tenant acme -r agents",
		"ctl -o json agents --status online":   "ctl -o json agents --status online",
		"ctl agents -o=csv":                    "ctl -o=csv agents",
		"ctl query -t acme -- SELECT -t":       "ctl -t acme query -- SELECT -t",
		"ctl agents --tenant":                  "ctl agents --tenant",
		"ctl packs put --profile staging name": "ctl --profile staging packs put name",
	} {
		if got := strings.Join(hoist(strings.Fields(in)), " "); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}

type item struct{ name string }

func print(t *testing.T, format string, names ...string) string {
	t.Helper()
	var out bytes.Buffer
	app := &cli.App{Writer: &out, Flags: []cli.Flag{&cli.StringFlag{Name: "output"}}, Action: func(c *cli.Context) error {
		return printList(c, func(yield func(item, error) bool) {
			for _, n := range names {
				if !yield(item{n}, nil) {
					return
				}
			}
		}, []column[item]{{"name", func(i item) string { return i.name }}})
	}}
	if err := app.Run([]string{"x", "--output", format}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestHostileTextIsInertInTablesAndCSV(t *testing.T) {
	t.Parallel()
	hostile := []string{"\x1b[2Jgone", "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", "＝1+1", "plain, \"quoted\""}
	if got := print(t, "table", hostile...); strings.ContainsRune(got, 0x1b) {
		t.Errorf("an escape sequence reaches the terminal: %q", got)
	}
	want := []string{"name", "\x1b[2Jgone", "'=cmd|' /C calc'!A0", "'+1", "'@SUM(A1)", "'＝1+1", `"plain, ""quoted"""`}
	if diff := cmp.Diff(want, slices.Collect(strings.SplitSeq(strings.TrimSpace(print(t, "csv", hostile...)), "\n"))); diff != "" {
		t.Error(diff)
	}
}
