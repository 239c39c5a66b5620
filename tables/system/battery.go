package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/ioreg"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// battery is one battery of the machine. What the system does not tell is NULL.
type battery struct {
	Manufacturer        string              `col:"manufacturer" doc:"Maker."`
	Model               string              `col:"model" doc:"Model."`
	SerialNumber        string              `col:"serial_number" doc:"Serial number."`
	CycleCount          tables.Null[int64]  `col:"cycle_count" type:"INTEGER" doc:"How often it was charged and discharged."`
	State               string              `col:"state" doc:"Battery Power or AC Power."`
	Charging            tables.Null[int64]  `col:"charging" type:"INTEGER" doc:"1 while it is charged."`
	Charged             tables.Null[int64]  `col:"charged" type:"INTEGER" doc:"1 where it is full."`
	DesignedCapacity    tables.Null[int64]  `col:"designed_capacity" type:"INTEGER" doc:"Capacity when new, in mAh."`
	MaxCapacity         tables.Null[int64]  `col:"max_capacity" type:"INTEGER" doc:"Capacity now, in mAh."`
	CurrentCapacity     tables.Null[int64]  `col:"current_capacity" type:"INTEGER" doc:"Charge, in mAh."`
	PercentRemaining    tables.Null[int64]  `col:"percent_remaining" type:"INTEGER" doc:"Charge, in percent."`
	Amperage            tables.Null[int64]  `col:"amperage" type:"INTEGER" doc:"Current in mA; below 0 while it is discharged."`
	Voltage             tables.Null[int64]  `col:"voltage" type:"INTEGER" doc:"Voltage in mV."`
	MinutesUntilEmpty   tables.Null[int64]  `col:"minutes_until_empty" type:"INTEGER" doc:"Minutes until it is empty; NULL where it is not discharged."`
	MinutesToFullCharge tables.Null[int64]  `col:"minutes_to_full_charge" type:"INTEGER" doc:"Minutes until it is full; NULL where it is not charged."`
	Chemistry           tables.Null[string] `col:"chemistry" os:"windows" doc:"Chemistry."`
	Health              tables.Null[string] `col:"health" os:"darwin" doc:"Good, Fair or Poor: at least 80 or 50 percent of its capacity are left, or less."`
	Condition           tables.Null[string] `col:"condition" os:"darwin" doc:"Normal, or Service where the battery says that it fails."`
	ManufactureDate     tables.Null[int64]  `col:"manufacture_date" type:"INTEGER" os:"darwin" doc:"When it was made, in Unix seconds."`
}

// Battery has a row for each battery.
// Source: ioreg(8), class AppleSmartBattery, on a running macOS; Win32_Battery and root/wmi of WMI on Windows.
var Battery = tables.DefineByPlatform(tables.Spec{
	Name: "battery", Doc: "Batteries of the machine and how worn they are.",
	Category: tables.System, Platforms: tables.Darwin | tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT model, cycle_count, max_capacity * 100 / designed_capacity AS health FROM battery"},
}, tables.Generators[battery]{Darwin: generateDarwinBattery, Windows: generateWindowsBattery})

func generateDarwinBattery(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*battery) error) error {
	for _, b := range ioreg.Objects(ctx, host, "AppleSmartBattery") {
		row := darwinBattery(b)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// unknownMinutes stands for a time that the battery does not know.
const unknownMinutes = 65535

func darwinBattery(b plist.Dict) battery {
	number := func(keys ...string) tables.Null[int64] {
		for _, key := range keys {
			if v, ok := b.Int(key); ok {
				return tables.Some(v)
			}
		}
		return tables.Null[int64]{}
	}
	minutes := func(key string) tables.Null[int64] {
		if v := number(key); v.V > 0 && v.V != unknownMinutes {
			return v
		}
		return tables.Null[int64]{}
	}
	row := battery{
		Manufacturer: b.Text("Manufacturer"), Model: b.Text("DeviceName"), SerialNumber: b.Text("Serial"), CycleCount: number("CycleCount"), State: "Battery Power",
		Charging: number("IsCharging"), Charged: number("FullyCharged"), DesignedCapacity: number("DesignCapacity"),
		MaxCapacity: number("AppleRawMaxCapacity", "MaxCapacity"), CurrentCapacity: number("AppleRawCurrentCapacity", "CurrentCapacity"),
		Amperage: number("Amperage"), Voltage: number("Voltage"), MinutesUntilEmpty: minutes("AvgTimeToEmpty"), MinutesToFullCharge: minutes("AvgTimeToFull"),
		Condition: tables.Some("Normal"),
	}
	if raw, ok := b["Amperage"].(uint64); ok { // a negative number that was written as if it had no sign
		row.Amperage = tables.Some(int64(raw))
	}
	if row.SerialNumber == "" {
		row.SerialNumber = b.Text("BatterySerialNumber")
	}
	if b.Bool("ExternalConnected") {
		row.State = "AC Power"
	}
	if row.MaxCapacity.V > 0 && row.CurrentCapacity.Valid {
		row.PercentRemaining = tables.Some(row.CurrentCapacity.V * 100 / row.MaxCapacity.V)
	}
	if row.DesignedCapacity.V > 0 && row.MaxCapacity.Valid {
		switch left := row.MaxCapacity.V * 100 / row.DesignedCapacity.V; {
		case left >= 80:
			row.Health = tables.Some("Good")
		case left >= 50:
			row.Health = tables.Some("Fair")
		default:
			row.Health = tables.Some("Poor")
		}
	}
	if b.IntOr("PermanentFailureStatus", 0) != 0 {
		row.Condition = tables.Some("Service")
	}
	return row
}
