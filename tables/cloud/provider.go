package cloud

import (
	"net/http"
	"strings"

	"github.com/tenantra/tenantra/tables"
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

// provider tells by the firmware's identity, which the kernel shows to all, in which cloud a Linux machine runs; "" for none.
func provider(host tables.Host) string {
	id := func(name string) string {
		data, err := host.ReadFile("/sys/class/dmi/id/" + name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(data))
	}
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
// the machine that would be asked, so only a live system is.
func inCloud(host tables.Host, name string) (*service, bool) {
	if !host.Live() || provider(host) != name {
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
