package system

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

const deviceNamespace = "root/wmi"

// generateWindowsBattery joins what WMI's classes tell of a battery by its instance. Capacities come in mWh; with the
// design's voltage they become the mAh of the table.
func generateWindowsBattery(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*battery) error) error {
	statics, err := wmi.Objects(ctx, host, deviceNamespace, "BatteryStaticData", "InstanceName", "DeviceName", "ManufactureName", "SerialNumber",
		"DesignedCapacity", "Chemistry")
	if err != nil {
		return err
	}
	parts := map[string]map[string]wmi.Object{}
	for _, class := range []struct {
		name       string
		properties []string
	}{
		{"BatteryStatus", []string{"InstanceName", "PowerOnline", "Charging", "RemainingCapacity", "Voltage", "ChargeRate", "DischargeRate"}},
		{"BatteryFullChargedCapacity", []string{"InstanceName", "FullChargedCapacity"}},
		{"BatteryCycleCount", []string{"InstanceName", "CycleCount"}},
		{"BatteryRuntime", []string{"InstanceName", "EstimatedRuntime"}},
	} {
		objects, err := wmi.Objects(ctx, host, deviceNamespace, class.name, class.properties...)
		if err != nil {
			return err
		}
		parts[class.name] = map[string]wmi.Object{}
		for _, o := range objects {
			parts[class.name][o.Text("InstanceName")] = o
		}
	}
	for _, s := range statics {
		id := s.Text("InstanceName")
		row := windowsBattery(s, parts["BatteryStatus"][id], parts["BatteryFullChargedCapacity"][id], parts["BatteryCycleCount"][id], parts["BatteryRuntime"][id])
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func windowsBattery(fixed, status, full, cycles, runtime wmi.Object) battery {
	row := battery{Manufacturer: fixed.Text("ManufactureName"), Model: fixed.Text("DeviceName"), SerialNumber: fixed.Text("SerialNumber"), State: "Battery Power"}
	known := func(o wmi.Object, name string) tables.Null[int64] {
		n, ok := o.Int(name)
		return tables.Null[int64]{V: n, Valid: ok}
	}
	row.CycleCount, row.Charging, row.Voltage = known(cycles, "CycleCount"), known(status, "Charging"), known(status, "Voltage")
	if status.Number("PowerOnline") == 1 {
		row.State = "AC Power"
	}
	capacity := func(milliwattHours tables.Null[int64]) tables.Null[int64] {
		if !milliwattHours.Valid || row.Voltage.V <= 0 {
			return tables.Null[int64]{}
		}
		return tables.Some(milliwattHours.V * 1000 / row.Voltage.V)
	}
	remaining, most := known(status, "RemainingCapacity"), known(full, "FullChargedCapacity")
	row.DesignedCapacity, row.MaxCapacity, row.CurrentCapacity = capacity(known(fixed, "DesignedCapacity")), capacity(most), capacity(remaining)
	if remaining.Valid && most.V > 0 {
		row.PercentRemaining = tables.Some(remaining.V * 100 / most.V)
		row.Charged = tables.Some(int64(0))
		if remaining.V >= most.V {
			row.Charged = tables.Some(int64(1))
		}
	}
	charge, discharge := known(status, "ChargeRate"), known(status, "DischargeRate")
	switch {
	case charge.V > 0:
		row.Amperage = capacity(charge)
	case discharge.V > 0:
		row.Amperage = capacity(discharge)
		row.Amperage.V = -row.Amperage.V
	}
	const unknownRuntime = 1<<32 - 1
	if seconds, ok := runtime.Int("EstimatedRuntime"); ok && seconds != unknownRuntime {
		row.MinutesUntilEmpty = tables.Some(seconds / 60)
	}
	if code := fixed.Number("Chemistry"); code > 0 { // four letters in one number
		letters := []byte{byte(code), byte(code >> 8), byte(code >> 16), byte(code >> 24)}
		row.Chemistry = tables.Some(string(trimZeros(letters)))
	}
	return row
}

func trimZeros(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == 0 {
		text = text[:len(text)-1]
	}
	return text
}
