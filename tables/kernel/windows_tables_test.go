package kernel

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestRegistry(t *testing.T) { tabletest.Run(t, Registry) }

func TestDrivers(t *testing.T) { tabletest.Run(t, Drivers) }

func TestKVARow(t *testing.T) {
	t.Parallel()
	row := kvaRow(0b0101, 1<<0|1<<4|1<<7)
	want := kvaSpeculativeInfo{KVAShadowEnabled: 1, KVAShadowPCID: 1, BPMitigations: 1, CPUSpecCtrlSupported: 1, STIBPSupportEnabled: 1}
	if row != want {
		t.Errorf("%+v", row)
	}
}

func TestDeviceguardStatus(t *testing.T) { tabletest.Run(t, DeviceguardStatus) }
