package threat

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// windowsSecurityProduct is one product that protects the machine.
type windowsSecurityProduct struct {
	Type               string `col:"type" collate:"NOCASE" doc:"Kind: Firewall, Antivirus or Antispyware."`
	Name               string `col:"name" doc:"Name of the product."`
	State              string `col:"state" collate:"NOCASE" doc:"On, Off, Snoozed or Expired."`
	StateTimestamp     string `col:"state_timestamp" doc:"When the state changed last."`
	RemediationPath    string `col:"remediation_path" doc:"Program that mends it."`
	SignaturesUpToDate int32  `col:"signatures_up_to_date" doc:"1 where its signatures are up to date."`
}

// WindowsSecurityProducts has a row for each firewall, antivirus and antispyware product.
// Source: the classes FirewallProduct, AntiVirusProduct and AntiSpywareProduct of root\SecurityCenter2 of WMI.
var WindowsSecurityProducts = tables.Define[windowsSecurityProduct](tables.Spec{
	Name: "windows_security_products", Doc: "Products that protect the machine, as they registered.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT type, name, state FROM windows_security_products WHERE signatures_up_to_date = 0"},
}, generateWindowsSecurityProducts)

func generateWindowsSecurityProducts(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*windowsSecurityProduct) error) error {
	for _, kind := range []struct{ class, name string }{{"FirewallProduct", "Firewall"}, {"AntiVirusProduct", "Antivirus"}, {"AntiSpywareProduct", "Antispyware"}} {
		products, err := wmi.Objects(ctx, host, "root/SecurityCenter2", kind.class, "displayName", "productState", "timestamp", "pathToSignedReportingExe")
		if err != nil {
			return err
		}
		for _, p := range products {
			row := windowsSecurityProduct{Type: kind.name, Name: p.Text("displayName"), StateTimestamp: p.Text("timestamp"), RemediationPath: p.Text("pathToSignedReportingExe")}
			row.State, row.SignaturesUpToDate = productState(p.Number("productState"))
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// productState reads the bits of a product's state: the second nibble of the second byte tells whether it is on, the first
// byte whether its signatures are old.
func productState(state int64) (text string, upToDate int32) {
	const on, snoozed, expired, outdated = 0x1000, 0x2000, 0x3000, 0x10
	switch state & 0xF000 {
	case on:
		text = "On"
	case snoozed:
		text = "Snoozed"
	case expired:
		text = "Expired"
	default:
		text = "Off"
	}
	if state&0xF0 != outdated {
		upToDate = 1
	}
	return text, upToDate
}
