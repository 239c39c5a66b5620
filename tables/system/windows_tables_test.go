package system

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestDefaultEnvironment(t *testing.T) { tabletest.Run(t, DefaultEnvironment) }

func TestWindowsCrashes(t *testing.T)          { tabletest.Run(t, WindowsCrashes) }
func TestBitlockerInfo(t *testing.T)           { tabletest.Run(t, BitlockerInfo) }
func TestDiskInfo(t *testing.T)                { tabletest.Run(t, DiskInfo) }
func TestVideoInfo(t *testing.T)               { tabletest.Run(t, VideoInfo) }
func TestTPMInfo(t *testing.T)                 { tabletest.Run(t, TPMInfo) }
func TestPhysicalDiskPerformance(t *testing.T) { tabletest.Run(t, PhysicalDiskPerformance) }
func TestWMIBIOSInfo(t *testing.T)             { tabletest.Run(t, WMIBIOSInfo) }
