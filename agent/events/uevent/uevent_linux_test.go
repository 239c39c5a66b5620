package uevent

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/threat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const kernelStick = "add@/devices/pci0000:00/usb1/1-1\x00ACTION=add\x00DEVPATH=/devices/pci0000:00/usb1/1-1\x00SUBSYSTEM=usb\x00DEVTYPE=usb_device\x00PRODUCT=781/5567/100\x00"

const udevProperties = "ACTION=remove\x00DEVPATH=/devices/x\x00DEVTYPE=usb_device\x00ID_VENDOR=SanDisk\x00ID_VENDOR_FROM_DATABASE=SanDisk Corp.\x00ID_VENDOR_ID=0781\x00" +
	"ID_MODEL=Cruzer\x00ID_MODEL_ID=5567\x00ID_SERIAL_SHORT=4C53\x00ID_REVISION=0100\x00DRIVER=usb\x00"

// udevMessage is one of udev's.
func udevMessage(properties string) []byte {
	b := append([]byte("libudev\x00"), 0xfe, 0xed, 0xca, 0xfe)
	for _, v := range []uint32{40, 40, uint32(len(properties))} {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return append(append(b, make([]byte, 16)...), properties...)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		want *threat.HardwareEvent
	}{
		"kernel": {[]byte(kernelStick), &threat.HardwareEvent{Action: "add", Path: "/devices/pci0000:00/usb1/1-1", Type: "usb_device", VendorID: "0781", ModelID: "5567", Revision: "0100"}},
		"udev": {udevMessage(udevProperties), &threat.HardwareEvent{Action: "remove", Path: "/devices/x", Type: "usb_device", Driver: "usb", Vendor: "SanDisk Corp.", VendorID: "0781",
			Model: "Cruzer", ModelID: "5567", Serial: "4C53", Revision: "0100"}},
		"pci":                 {[]byte("bind@/d\x00ACTION=bind\x00DEVPATH=/d\x00SUBSYSTEM=pci\x00DRIVER=e1000\x00PCI_ID=8086:100E\x00"), &threat.HardwareEvent{Action: "bind", Path: "/d", Type: "pci", Driver: "e1000", VendorID: "8086", ModelID: "100E"}},
		"no path":             {[]byte("add@/d\x00ACTION=add\x00"), nil},
		"no header":           {[]byte("ACTION=add\x00DEVPATH=/d\x00"), nil},
		"udev, cut":           {udevMessage(udevProperties)[:60], nil},
		"udev, another magic": {append([]byte("libudev\x00\x00\x00\x00\x00"), make([]byte, 60)...), nil},
		"udev, header alone":  {[]byte("libudev\x00"), nil},
		"nothing":             {nil, nil},
	} {
		properties, ok := parse(c.data)
		var got *threat.HardwareEvent
		if ok {
			got = rowOf(properties)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestNamesThatTheKernelShows(t *testing.T) {
	t.Parallel()
	sys := t.TempDir()
	if err := os.MkdirAll(filepath.Join(sys, "devices/x"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(sys, "devices/x/product"), []byte("Cruzer\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	row := &threat.HardwareEvent{Path: "/devices/x"}
	fromSys(row, sys)
	if row.Model != "Cruzer" || row.Vendor != "" {
		t.Errorf("%+v", row)
	}
	outside := &threat.HardwareEvent{Path: "/../" + filepath.Base(sys) + "/devices/x"}
	if fromSys(outside, sys); outside.Model != "" {
		t.Errorf("a path that leads out of /sys was read: %+v", outside)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(kernelStick))
	f.Add(udevMessage(udevProperties))
	f.Fuzz(func(t *testing.T, data []byte) {
		if properties, ok := parse(data); ok && rowOf(properties).Path == "" {
			t.Error("an event without a device")
		}
	})
}

// TestDevicesOfThisMachine has the running kernel tell of a device again.
func TestDevicesOfThisMachine(t *testing.T) {
	const device = "/sys/class/mem/null/uevent"
	if os.Geteuid() != 0 {
		t.Skip("only root has the kernel tell of a device again")
	}
	if _, err := os.Stat("/run/udev/control"); err == nil {
		t.Skip("udev runs here, and decides what is told")
	}
	to, err := buffer.Open(t.Context(), t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, to, slog.New(slog.DiscardHandler)) }()
	found := false
	for deadline := time.Now().Add(20 * time.Second); !found; {
		list, err := to.EventTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 && list[0].Active {
			if err := os.WriteFile(device, []byte("change"), 0o600); err != nil {
				t.Skipf("the kernel tells of no device here: %v", err)
			}
		}
		if err := to.Events(t.Context(), tables.EventQuery{Table: Table}, func(e tables.Event) error {
			var row threat.HardwareEvent
			err := json.Unmarshal(e.Row, &row)
			found = found || row.Action == "change" && row.Path == "/devices/virtual/mem/null" && row.Type == "mem"
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the device is not told of")
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
}
