package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// physicalDiskPerformance is how busy one disk is.
type physicalDiskPerformance struct {
	Name                    string `col:"name" doc:"Name of the disk."`
	AvgDiskBytesPerRead     int64  `col:"avg_disk_bytes_per_read" doc:"Mean bytes of a read."`
	AvgDiskBytesPerWrite    int64  `col:"avg_disk_bytes_per_write" doc:"Mean bytes of a write."`
	AvgDiskReadQueueLength  int64  `col:"avg_disk_read_queue_length" doc:"Mean number of waiting reads."`
	AvgDiskWriteQueueLength int64  `col:"avg_disk_write_queue_length" doc:"Mean number of waiting writes."`
	AvgDiskSecPerRead       int32  `col:"avg_disk_sec_per_read" doc:"Mean seconds of a read."`
	AvgDiskSecPerWrite      int32  `col:"avg_disk_sec_per_write" doc:"Mean seconds of a write."`
	CurrentDiskQueueLength  int32  `col:"current_disk_queue_length" doc:"Operations that wait now."`
	PercentDiskReadTime     int64  `col:"percent_disk_read_time" doc:"Percent of time spent reading."`
	PercentDiskWriteTime    int64  `col:"percent_disk_write_time" doc:"Percent of time spent writing."`
	PercentDiskTime         int64  `col:"percent_disk_time" doc:"Percent of time spent reading or writing."`
	PercentIdleTime         int64  `col:"percent_idle_time" doc:"Percent of time without work."`
}

// PhysicalDiskPerformance has a row for each disk and one for their sum.
// Source: Win32_PerfFormattedData_PerfDisk_PhysicalDisk of WMI.
var PhysicalDiskPerformance = tables.Define[physicalDiskPerformance](tables.Spec{
	Name: "physical_disk_performance", Doc: "How busy the disks are.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT name, percent_disk_time, current_disk_queue_length FROM physical_disk_performance"},
}, generatePhysicalDiskPerformance)

func generatePhysicalDiskPerformance(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*physicalDiskPerformance) error) error {
	disks, err := wmi.Objects(ctx, host, wmi.CIMv2, "Win32_PerfFormattedData_PerfDisk_PhysicalDisk", "Name", "AvgDiskBytesPerRead", "AvgDiskBytesPerWrite",
		"AvgDiskReadQueueLength", "AvgDiskWriteQueueLength", "AvgDisksecPerRead", "AvgDisksecPerWrite", "CurrentDiskQueueLength",
		"PercentDiskReadTime", "PercentDiskWriteTime", "PercentDiskTime", "PercentIdleTime")
	if err != nil {
		return err
	}
	for _, d := range disks {
		row := physicalDiskPerformance{
			Name: d.Text("Name"), AvgDiskBytesPerRead: d.Number("AvgDiskBytesPerRead"), AvgDiskBytesPerWrite: d.Number("AvgDiskBytesPerWrite"),
			AvgDiskReadQueueLength: d.Number("AvgDiskReadQueueLength"), AvgDiskWriteQueueLength: d.Number("AvgDiskWriteQueueLength"),
			AvgDiskSecPerRead: int32(d.Number("AvgDisksecPerRead")), AvgDiskSecPerWrite: int32(d.Number("AvgDisksecPerWrite")),
			CurrentDiskQueueLength: int32(d.Number("CurrentDiskQueueLength")), PercentDiskReadTime: d.Number("PercentDiskReadTime"),
			PercentDiskWriteTime: d.Number("PercentDiskWriteTime"), PercentDiskTime: d.Number("PercentDiskTime"), PercentIdleTime: d.Number("PercentIdleTime"),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
