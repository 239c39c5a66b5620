package kernel

import "github.com/tenantra/tenantra/tables"

// driver is one device driver.
type driver struct {
	DeviceID     string `col:"device_id" doc:"Identifier of the device."`
	DeviceName   string `col:"device_name" doc:"Name of the device."`
	Image        string `col:"image" doc:"Path of the driver's file."`
	Description  string `col:"description" doc:"What the driver calls itself."`
	Service      string `col:"service" doc:"Service of the driver."`
	ServiceKey   string `col:"service_key" doc:"Key of the service in the registry."`
	Version      string `col:"version" collate:"VERSION" doc:"Version of the driver."`
	Inf          string `col:"inf" doc:"File of setup instructions."`
	Class        string `col:"class" doc:"Class of device."`
	Provider     string `col:"provider" doc:"Who gave the driver."`
	Manufacturer string `col:"manufacturer" doc:"Who made the device."`
	DriverKey    string `col:"driver_key" doc:"Key of the driver in the registry."`
	Date         int64  `col:"date" doc:"Date of the driver, in Unix seconds."`
	Signed       int32  `col:"signed" doc:"1 where the driver is signed."`
}

// Drivers has a row for each device with a driver.
// Source: Enum, Class and Services in HKEY_LOCAL_MACHINE\SYSTEM's CurrentControlSet, and the drivers' files.
var Drivers = tables.DefineByPlatform(tables.Spec{
	Name: "drivers", Doc: "Drivers of the devices that the machine has or had.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT device_name, image, provider, version FROM drivers WHERE signed = 0"},
}, tables.Generators[driver]{})
