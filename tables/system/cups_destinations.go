package system

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// printerOption is one option of a printer.
type printerOption struct {
	Name        string `col:"name" doc:"Printer."`
	OptionName  string `col:"option_name" doc:"Option, by the name that CUPS gives it."`
	OptionValue string `col:"option_value" doc:"Value; passwords in addresses are masked."`
}

// CUPSDestinations has a row for each option of each printer.
// Source: printers.conf(5), which only root may read.
var CUPSDestinations = tables.Define[printerOption](tables.Spec{
	Name: "cups_destinations", Doc: "Printers and their options.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, option_value FROM cups_destinations WHERE option_name = 'device-uri'"},
}, generateCUPSDestinations)

const printersFile = "/etc/cups/printers.conf"

// printerOptions are CUPS's names of the directives.
var printerOptions = map[string]string{
	"UUID": "printer-uuid", "Info": "printer-info", "Location": "printer-location", "MakeModel": "printer-make-and-model", "DeviceURI": "device-uri",
	"State": "printer-state", "Type": "printer-type", "Accepting": "printer-is-accepting-jobs", "Shared": "printer-is-shared", "ErrorPolicy": "printer-error-policy",
	"OpPolicy": "printer-op-policy", "AuthInfoRequired": "auth-info-required", "StateMessage": "printer-state-message", "PPDTimeStamp": "ppd-timestamp",
}

func generateCUPSDestinations(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*printerOption) error) error {
	data, err := hostfile.Source(ctx, host, printersFile)
	if err != nil {
		return err
	}
	return parsePrinters(string(data), emit)
}

// parsePrinters reads sections such as <Printer Office> … </Printer>, also of the default printer.
func parsePrinters(text string, emit func(*printerOption) error) error {
	name := ""
	for line := range strings.Lines(text) {
		directive, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case directive == "<Printer" || directive == "<DefaultPrinter":
			name = strings.TrimSuffix(strings.TrimSpace(value), ">")
		case strings.HasPrefix(directive, "</"):
			name = ""
		case name != "" && printerOptions[directive] != "":
			row := printerOption{Name: name, OptionName: printerOptions[directive], OptionValue: mask.CommandLine(strings.TrimSpace(value))}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
