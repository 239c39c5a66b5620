package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

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
var NTDomains = tables.Define[ntDomain](tables.Spec{
	Name: "ntdomains", Doc: "Domain that the machine belongs to.",
	Category: tables.Identity, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT name, domain_controller_name FROM ntdomains"},
}, generateNTDomains)

func generateNTDomains(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*ntDomain) error) error {
	domains, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_NTDomain", "Name", "ClientSiteName", "DcSiteName", "DnsForestName",
		"DomainControllerAddress", "DomainControllerName", "DomainName", "Status")
	if err != nil {
		return err
	}
	for _, d := range domains {
		row := ntDomain{
			Name: d.Text("Name"), ClientSiteName: d.Text("ClientSiteName"), DCSiteName: d.Text("DcSiteName"), DNSForestName: d.Text("DnsForestName"),
			DomainControllerAddress: d.Text("DomainControllerAddress"), DomainControllerName: d.Text("DomainControllerName"),
			DomainName: d.Text("DomainName"), Status: d.Text("Status"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
