package cloud

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// The clouds that have tables.
const (
	aws    = "aws"
	azure  = "azure"
	google = "gcp"
	yandex = "yandex"
)

// azureAssetTag is on the chassis of each virtual machine of Azure, and of no other of Hyper-V.
const azureAssetTag = "7783-7084-3265-9085-8269-3286-77"

// windowsFirmware are the names under which Windows keeps the firmware's identity in the registry.
var windowsFirmware = map[string]string{"sys_vendor": "SystemManufacturer", "bios_version": "BIOSVersion", "product_name": "SystemProductName"}

// firmware gives a fact of the firmware's identity, which the kernel shows to all, by its name on Linux. Windows does not keep
// the chassis's tag; there each virtual machine of Azure has its agent.
func firmware(ctx context.Context, host tables.Host) func(name string) string {
	if host.Platform() == tables.Windows {
		r := registry.Open(ctx, host)
		defer r.Close()
		facts := map[string]string{}
		bios := r.Key(`HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS`)
		for name, value := range windowsFirmware {
			facts[name] = strings.TrimSpace(bios.Text(value))
		}
		if r.Key(`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows Azure`) != nil && facts["sys_vendor"] == "Microsoft Corporation" {
			facts["chassis_asset_tag"] = azureAssetTag
		}
		return func(name string) string { return facts[name] }
	}
	return func(name string) string {
		data, err := host.ReadFile("/sys/class/dmi/id/" + name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(data))
	}
}

// provider tells by the firmware in which cloud a machine runs; "" for none.
func provider(ctx context.Context, host tables.Host) string {
	id := firmware(ctx, host)
	vendor := id("sys_vendor")
	switch {
	case vendor == "Amazon EC2" || strings.HasSuffix(id("bios_version"), ".amazon"): // the latter on Xen
		return aws
	case id("chassis_asset_tag") == azureAssetTag:
		return azure
	case vendor == "Google" && id("product_name") == "Google Compute Engine":
		return google
	case vendor == "Yandex":
		return yandex
	}
	return ""
}

// inCloud gives the metadata service where the machine runs in the cloud named. What an image's firmware was says nothing of
// the machine that would be asked, so only a running system is.
func inCloud(ctx context.Context, host tables.Host, name string) (*service, bool) {
	if !host.Running() || provider(ctx, host) != name {
		return nil, false
	}
	return newService(metadataBase, headerOf(name)), true
}

// headerOf is what a cloud's service wants, so that no request forged through a proxy is answered.
func headerOf(name string) http.Header {
	switch name {
	case azure:
		return http.Header{"Metadata": {"true"}}
	case google, yandex:
		return http.Header{"Metadata-Flavor": {"Google"}}
	}
	return http.Header{}
}
