package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

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
var VideoInfo = tables.Define[videoInfo](tables.Spec{
	Name: "video_info", Doc: "Graphics adapters.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT model, driver_version, video_mode FROM video_info"},
}, generateVideoInfo)

func generateVideoInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*videoInfo) error) error {
	adapters, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_VideoController", "CurrentBitsPerPixel", "InstalledDisplayDrivers", "DriverDate",
		"DriverVersion", "AdapterCompatibility", "Name", "VideoProcessor", "VideoModeDescription")
	if err != nil {
		return err
	}
	for _, a := range adapters {
		row := videoInfo{
			ColorDepth: int32(a.Number("CurrentBitsPerPixel")), Driver: a.Text("InstalledDisplayDrivers"), DriverDate: wmi.Unix(a.Text("DriverDate")),
			DriverVersion: a.Text("DriverVersion"), Manufacturer: a.Text("AdapterCompatibility"), Model: a.Text("Name"),
			Series: a.Text("VideoProcessor"), VideoMode: a.Text("VideoModeDescription"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
