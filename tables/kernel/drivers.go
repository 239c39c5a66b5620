package kernel

import (
	"context"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// driver is one device driver.
type driver struct {
	DeviceID     string             `col:"device_id" doc:"Identifier of the device."`
	DeviceName   string             `col:"device_name" doc:"Name of the device."`
	Image        string             `col:"image" doc:"Path of the driver's file."`
	Description  string             `col:"description" doc:"What the driver calls itself."`
	Service      string             `col:"service" doc:"Service of the driver."`
	ServiceKey   string             `col:"service_key" doc:"Key of the service in the registry."`
	Version      string             `col:"version" collate:"VERSION" doc:"Version of the driver."`
	INF          string             `col:"inf" doc:"File of setup instructions."`
	Class        string             `col:"class" doc:"Class of device."`
	Provider     string             `col:"provider" doc:"Who gave the driver."`
	Manufacturer string             `col:"manufacturer" doc:"Who made the device."`
	DriverKey    string             `col:"driver_key" doc:"Key of the driver in the registry."`
	Date         int64              `col:"date" doc:"Date of the driver, in Unix seconds."`
	Signed       tables.Null[int64] `col:"signed" type:"INTEGER" doc:"1 where the driver is signed; NULL where that takes the catalogues of a running system."`
}

// Drivers has a row for each device with a driver.
// Source: Enum, Class and Services in HKEY_LOCAL_MACHINE\SYSTEM's CurrentControlSet, and the drivers' files.
var Drivers = tables.Define[driver](tables.Spec{
	Name: "drivers", Doc: "Drivers of the devices that the machine has or had.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT device_name, image, provider, version FROM drivers WHERE signed = 0"},
}, generateDrivers)

const (
	devicesKey  = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Enum`
	classesKey  = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Class`
	servicesKey = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services`
)

func generateDrivers(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*driver) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	// Devices lie three levels deep: bus, kind of device, instance.
	return r.Key(devicesKey).Keys(func(bus *registry.Key) error {
		return bus.Keys(func(kind *registry.Key) error {
			return kind.Keys(func(device *registry.Key) error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if row, ok := driverOf(r, device); ok {
					return emit(&row)
				}
				return nil
			})
		})
	})
}

// driverOf makes the row of a device; ok is false for one that has no driver.
func driverOf(r *registry.Registry, device *registry.Key) (driver, bool) {
	row := driver{
		DeviceID: strings.TrimPrefix(device.Path, devicesKey+`\`), DeviceName: resourceText(device.Text("FriendlyName")),
		Description: resourceText(device.Text("DeviceDesc")), Service: device.Text("Service"), Class: device.Text("Class"),
		Manufacturer: resourceText(device.Text("Mfg")),
	}
	name := device.Text("Driver")
	if name == "" && row.Service == "" {
		return row, false
	}
	if row.DeviceName == "" {
		row.DeviceName = row.Description
	}
	if name != "" {
		row.DriverKey = classesKey + `\` + name
		key := r.Key(row.DriverKey)
		row.Version, row.INF, row.Provider = key.Text("DriverVersion"), key.Text("InfPath"), resourceText(key.Text("ProviderName"))
		if date, err := time.Parse("1-2-2006", key.Text("DriverDate")); err == nil {
			row.Date = date.Unix()
		}
		if row.Class == "" { // since Windows 10 the class has its own key only
			class, _, _ := strings.Cut(name, `\`)
			row.Class = r.Key(classesKey + `\` + class).Text("Class")
		}
	}
	if row.Service != "" {
		row.ServiceKey = servicesKey + `\` + row.Service
		row.Image = driverImage(r.Key(row.ServiceKey).Text("ImagePath"))
	}
	return row, true
}

// resourceText takes the text that stands behind a reference: @oem1.inf,%name%;Text.
func resourceText(text string) string {
	if strings.HasPrefix(text, "@") {
		if i := strings.LastIndexByte(text, ';'); i >= 0 {
			return text[i+1:]
		}
	}
	return text
}

// driverImage writes the path of a driver's file as people do: services give it below Windows, or as the kernel names it.
func driverImage(path string) string {
	if path == "" {
		return ""
	}
	lower := strings.ToLower(path)
	for _, prefix := range []string{`\??\`, `\\?\`} {
		if strings.HasPrefix(lower, prefix) {
			return path[len(prefix):]
		}
	}
	for _, prefix := range []string{`\systemroot\`, `%systemroot%\`} {
		if strings.HasPrefix(lower, prefix) {
			return `C:\Windows\` + path[len(prefix):]
		}
	}
	if strings.HasPrefix(lower, `system32\`) {
		return `C:\Windows\` + path
	}
	return path
}
