package cloud

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// answers serves entries by path, and only to requests that carry the header of the cloud.
func answers(t *testing.T, name string, entries map[string]string) *service {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "credentials") || strings.HasSuffix(r.URL.Path, "/token") && r.Method == http.MethodGet {
			t.Errorf("a credential is asked for: %s", r.URL)
		}
		if r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && name == aws {
			_, _ = w.Write([]byte("canary-token\n"))
			return
		}
		for key, values := range headerOf(name) {
			if r.Header.Get(key) != values[0] {
				w.WriteHeader(http.StatusForbidden)
				return
			}
		}
		if name == aws && r.Header.Get("X-Aws-Ec2-Metadata-Token") != "canary-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		text, ok := entries[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	s := newService(server.URL, headerOf(name))
	t.Cleanup(s.close)
	return s
}

var ec2Entries = map[string]string{
	"/latest/dynamic/instance-identity/document": `{"instanceId": "i-0abc", "instanceType": "t3.micro", "privateIp": "10.0.0.5", "availabilityZone": "eu-central-1a",
		"region": "eu-central-1", "accountId": "123456789012", "architecture": "x86_64", "imageId": "ami-0def", "devpayProductCodes": null}`,
	"/latest/meta-data/instance-id": "i-0abc", "/latest/meta-data/mac": "02:29:96:8f:6a:2d", "/latest/meta-data/local-hostname": "ip-10-0-0-5.internal",
	"/latest/meta-data/security-groups": "web\nssh", "/latest/meta-data/reservation-id": "r-0fea", "/latest/meta-data/public-ipv4": "198.51.100.7",
	"/latest/meta-data/iam/info":      `{"Code": "Success", "InstanceProfileArn": "arn:aws:iam::123456789012:instance-profile/web"}`,
	"/latest/meta-data/tags/instance": "Name\nenv\ngone", "/latest/meta-data/tags/instance/Name": "shop", "/latest/meta-data/tags/instance/env": "prod",
}

func TestEC2(t *testing.T) {
	t.Parallel()
	row, err := askEC2(t.Context(), answers(t, aws, ec2Entries))
	if err != nil {
		t.Fatal(err)
	}
	want := &ec2Metadata{
		InstanceID: "i-0abc", InstanceType: "t3.micro", Architecture: "x86_64", Region: "eu-central-1", AvailabilityZone: "eu-central-1a",
		LocalHostname: tables.Some("ip-10-0-0-5.internal"), LocalIPv4: "10.0.0.5", MAC: tables.Some("02:29:96:8f:6a:2d"), SecurityGroups: tables.Some("web,ssh"),
		IAMARN: tables.Some("arn:aws:iam::123456789012:instance-profile/web"), AMIID: "ami-0def", ReservationID: tables.Some("r-0fea"), AccountID: "123456789012",
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Error(diff)
	}
	var tags []ec2Tag
	err = askEC2Tags(t.Context(), answers(t, aws, ec2Entries), func(tag *ec2Tag) error { tags = append(tags, *tag); return nil })
	if diff := cmp.Diff([]ec2Tag{{"i-0abc", "Name", "shop"}, {"i-0abc", "env", "prod"}}, tags); err != nil || diff != "" {
		t.Errorf("error %v, tags (- wanted):\n%s", err, diff)
	}
}

func TestInstance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entries map[string]string
		want    instance
	}{
		aws: {ec2Entries, instance{
			Provider: aws, InstanceID: "i-0abc", InstanceType: tables.Some("t3.micro"), Region: tables.Some("eu-central-1"), Zone: tables.Some("eu-central-1a"),
			AccountID: "123456789012", Image: tables.Some("ami-0def"), PrivateIP: tables.Some("10.0.0.5"), PublicIP: tables.Some("198.51.100.7"),
		}},
		azure: {map[string]string{
			"/metadata/instance/compute": azureAnswer,
			"/metadata/instance/network/interface/0/ipv4/ipAddress/0/privateIpAddress": "10.1.0.4",
		}, instance{
			Provider: azure, InstanceID: "13f5-6a", Name: tables.Some("web"), InstanceType: tables.Some("Standard_B2s"), Region: tables.Some("westeurope"),
			Zone: tables.Some("1"), AccountID: "sub-1", Image: tables.Some("Debian:debian-12:12:0.1"), PrivateIP: tables.Some("10.1.0.4"),
		}},
		google: {map[string]string{
			"/computeMetadata/v1/instance/id": "42", "/computeMetadata/v1/instance/name": "web", "/computeMetadata/v1/project/project-id": "shop-1",
			"/computeMetadata/v1/instance/machine-type": "projects/7/machineTypes/e2-small", "/computeMetadata/v1/instance/zone": "projects/7/zones/europe-west3-a",
		}, instance{
			Provider: google, InstanceID: "42", Name: tables.Some("web"), InstanceType: tables.Some("e2-small"), Region: tables.Some("europe-west3"),
			Zone: tables.Some("europe-west3-a"), AccountID: "shop-1",
		}},
		yandex: {map[string]string{"/computeMetadata/v1/instance/": yandexAnswer}, instance{
			Provider: yandex, InstanceID: "fhm1", Name: tables.Some("web"), Zone: tables.Some("ru-central1-a"), AccountID: "b1g",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row, err := askInstance(t.Context(), answers(t, name, c.entries), name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, row); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const (
	azureAnswer = `{"location": "westeurope", "name": "web", "offer": "debian-12", "publisher": "Debian", "sku": "12", "version": "0.1", "osType": "Linux",
		"platformUpdateDomain": "0", "platformFaultDomain": "1", "vmId": "13f5-6a", "vmSize": "Standard_B2s", "subscriptionId": "sub-1",
		"resourceGroupName": "rg", "placementGroupId": "", "vmScaleSetName": "", "zone": "1", "tagsList": [{"name": "env", "value": "prod"}],
		"userData": "canary", "customData": "canary"}`
	yandexAnswer = `{"id": "fhm1", "name": "web", "description": "", "hostname": "web.internal", "zone": "projects/b1g/zones/ru-central1-a",
		"vendor": {"folderId": "b1g", "cloudId": "b1c"}, "attributes": {"ssh-keys": "ann:ssh-ed25519 AAAA ann", "serial-port-enable": "1", "user-data": "canary"}}`
)

func TestAzure(t *testing.T) {
	t.Parallel()
	s := answers(t, azure, map[string]string{"/metadata/instance/compute": azureAnswer})
	row, err := askAzure(t.Context(), s)
	if err != nil || row.VMID != "13f5-6a" || row.FaultDomain != "1" || row.OSType != "Linux" {
		t.Errorf("%+v, error %v", row, err)
	}
	var tags []azureTag
	err = askAzureTags(t.Context(), s, func(tag *azureTag) error { tags = append(tags, *tag); return nil })
	if diff := cmp.Diff([]azureTag{{"13f5-6a", "env", "prod"}}, tags); err != nil || diff != "" {
		t.Errorf("error %v, tags (- wanted):\n%s", err, diff)
	}
}

func TestYandex(t *testing.T) {
	t.Parallel()
	s := answers(t, yandex, map[string]string{"/computeMetadata/v1/instance/": yandexAnswer})
	row, err := askYandex(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	want := &yandexMetadata{
		InstanceID: "fhm1", FolderID: "b1g", CloudID: "b1c", Name: "web", Hostname: "web.internal", Zone: "ru-central1-a",
		SSHPublicKey: "ssh-ed25519 AAAA ann", SerialPortEnabled: "true", MetadataEndpoint: s.base,
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Error(diff)
	}
}

func TestHostileService(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"refusal": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		},
		"large": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, metadataMax+1)) },
	} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		for _, cloud := range []string{aws, azure, google, yandex} {
			row, err := askInstance(t.Context(), newService(server.URL, headerOf(cloud)), cloud)
			if err == nil && (cloud != google || name != "no JSON") { // Google's entries are plain text
				t.Errorf("%s, %s: %+v", name, cloud, row)
			}
		}
	}
}

func TestSilentServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer server.Close()
	defer close(stop)
	s := newService(server.URL, headerOf(azure))
	s.client.Timeout = 50 * time.Millisecond
	if _, err := askAzure(t.Context(), s); err == nil {
		t.Error("a service that never answers is no error")
	}
}

func TestProviderIsToldByTheFirmware(t *testing.T) {
	t.Parallel()
	for want, ids := range map[string]map[string]string{
		aws:    {"sys_vendor": "Amazon EC2\n"},
		azure:  {"sys_vendor": "Microsoft Corporation\n", "chassis_asset_tag": azureAssetTag + "\n"},
		google: {"sys_vendor": "Google\n", "product_name": "Google Compute Engine\n"},
		yandex: {"sys_vendor": "Yandex\n"},
		"":     {"sys_vendor": "Google\n", "product_name": "Chromebook\n"},
	} {
		root := t.TempDir()
		dir := filepath.Join(root, "sys/class/dmi/id")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range ids {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		h, err := host.NewImage(root, tables.Linux, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := provider(t.Context(), h); got != want {
			t.Errorf("%v is %q, want %q", ids, got, want)
		}
		// An image is never asked for, whatever its firmware says.
		for _, table := range Tables {
			if rows, err := tabletest.Rows(t.Context(), table, h, tabletest.Query(table, nil, nil)); err != nil || rows != nil {
				t.Errorf("table %s: %d rows, error %v", table.Name, len(rows), err)
			}
		}
	}
}

func TestProviderOfWindows(t *testing.T) {
	t.Parallel()
	h := tabletest.NewHost(t, "testdata/provider/windows-azure")
	if got := provider(t.Context(), h); got != "" { // an image has no HARDWARE: its firmware is not known
		t.Errorf("the image of a machine of Azure is taken for %q", got)
	}
	if got := firmware(t.Context(), h)("chassis_asset_tag"); got != "" {
		t.Errorf("tag %q", got)
	}
}
