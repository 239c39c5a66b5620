package system

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestKernelInfo(t *testing.T)                  { tabletest.Run(t, KernelInfo) }
func TestLoadAverage(t *testing.T)                 { tabletest.Run(t, LoadAverage) }
func TestMemoryInfo(t *testing.T)                  { tabletest.Run(t, MemoryInfo) }
func TestOSVersion(t *testing.T)                   { tabletest.Run(t, OSVersion) }
func TestProcessEnvs(t *testing.T)                 { tabletest.Run(t, ProcessEnvs) }
func TestProcessOpenFiles(t *testing.T)            { tabletest.Run(t, ProcessOpenFiles) }
func TestProcessOpenSockets(t *testing.T)          { tabletest.Run(t, ProcessOpenSockets) }
func TestProcesses(t *testing.T)                   { tabletest.Run(t, Processes) }
func TestSystemInfo(t *testing.T)                  { tabletest.Run(t, SystemInfo) }
func TestUptime(t *testing.T)                      { tabletest.Run(t, Uptime) }
func TestMemoryMap(t *testing.T)                   { tabletest.Run(t, MemoryMap) }
func TestProcessMemoryMap(t *testing.T)            { tabletest.Run(t, ProcessMemoryMap) }
func TestProcessNamespaces(t *testing.T)           { tabletest.Run(t, ProcessNamespaces) }
func TestSharedMemory(t *testing.T)                { tabletest.Run(t, SharedMemory) }
func TestTime(t *testing.T)                        { tabletest.Run(t, Time) }
func TestUlimitInfo(t *testing.T)                  { tabletest.Run(t, UlimitInfo) }
func TestCPUInfo(t *testing.T)                     { tabletest.Run(t, CPUInfo) }
func TestMemoryArrayMappedAddresses(t *testing.T)  { tabletest.Run(t, MemoryArrayMappedAddresses) }
func TestMemoryArrays(t *testing.T)                { tabletest.Run(t, MemoryArrays) }
func TestMemoryDeviceMappedAddresses(t *testing.T) { tabletest.Run(t, MemoryDeviceMappedAddresses) }
func TestMemoryDevices(t *testing.T)               { tabletest.Run(t, MemoryDevices) }
func TestMemoryErrorInfo(t *testing.T)             { tabletest.Run(t, MemoryErrorInfo) }
func TestOEMStrings(t *testing.T)                  { tabletest.Run(t, OEMStrings) }
func TestPlatformInfo(t *testing.T)                { tabletest.Run(t, PlatformInfo) }
func TestSMBIOSTables(t *testing.T)                { tabletest.Run(t, SMBIOSTables) }
func TestBlockDevices(t *testing.T)                { tabletest.Run(t, BlockDevices) }
func TestPCIDevices(t *testing.T)                  { tabletest.Run(t, PCIDevices) }
func TestUSBDevices(t *testing.T)                  { tabletest.Run(t, USBDevices) }
func TestCPUID(t *testing.T)                       { tabletest.Run(t, CPUID) }
func TestACPITables(t *testing.T)                  { tabletest.Run(t, ACPITables) }
func TestCPUTime(t *testing.T)                     { tabletest.Run(t, CPUTime) }
func TestDiskEncryption(t *testing.T)              { tabletest.Run(t, DiskEncryption) }
func TestSecureBoot(t *testing.T)                  { tabletest.Run(t, SecureBoot) }
