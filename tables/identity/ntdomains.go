package identity

import "github.com/tenantra/tenantra/tables"

// ntDomain is one domain or workgroup.
type ntDomain struct {
	Name                    string `col:"name" doc:"Name of the object."`
	ClientSiteName          string `col:"client_site_name" doc:"Site that the machine is in."`
	DCSiteName              string `col:"dc_site_name" doc:"Site that the domain controller is in."`
	DNSForestName           string `col:"dns_forest_name" doc:"Root of the forest."`
	DomainControllerAddress string `col:"domain_controller_address" doc:"Address of the domain controller."`
	DomainControllerName    string `col:"domain_controller_name" doc:"Name of the domain controller."`
	DomainName              string `col:"domain_name" doc:"Name of the domain."`
	Status                  string `col:"status" doc:"State of the object."`
}

// NTDomains has a row for each domain that the machine knows of.
// Source: Win32_NTDomain of WMI.
var NTDomains = tables.DefineByPlatform(tables.Spec{
	Name: "ntdomains", Doc: "Domain that the machine belongs to.",
	Category: tables.Identity, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT name, domain_controller_name FROM ntdomains"},
}, tables.Generators[ntDomain]{})
