package threat

import "github.com/tenantra/tenantra/tables"

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
var WindowsSecurityProducts = tables.DefineByPlatform(tables.Spec{
	Name: "windows_security_products", Doc: "Products that protect the machine, as they registered.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT type, name, state FROM windows_security_products WHERE signatures_up_to_date = 0"},
}, tables.Generators[windowsSecurityProduct]{})
