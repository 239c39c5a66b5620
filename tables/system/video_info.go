package system

import "github.com/tenantra/tenantra/tables"

// videoInfo is one graphics adapter.
type videoInfo struct {
	ColorDepth    int32  `col:"color_depth" doc:"Bits of a pixel."`
	Driver        string `col:"driver" doc:"Files of the driver."`
	DriverDate    int64  `col:"driver_date" doc:"Date of the driver, in Unix seconds."`
	DriverVersion string `col:"driver_version" collate:"VERSION" doc:"Version of the driver."`
	Manufacturer  string `col:"manufacturer" doc:"Who made it."`
	Model         string `col:"model" doc:"Model."`
	Series        string `col:"series" doc:"Series."`
	VideoMode     string `col:"video_mode" doc:"Size and colours of the picture."`
}

// VideoInfo has a row for each adapter.
// Source: Win32_VideoController of WMI.
var VideoInfo = tables.DefineByPlatform(tables.Spec{
	Name: "video_info", Doc: "Graphics adapters.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT model, driver_version, video_mode FROM video_info"},
}, tables.Generators[videoInfo]{})
