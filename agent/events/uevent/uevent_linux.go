// Package uevent records devices that come and go, as the kernel's device events tell. Where udev runs, its own events are
// listened to: they have the names that udev finds out.
package uevent

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
	"github.com/tenantra/tenantra/tables/threat"
)

// The names under which events are recorded.
const (
	Table     = "hardware_events"
	Publisher = "udev"
)

// The multicast groups of NETLINK_KOBJECT_UEVENT.
const (
	groupKernel = 1
	groupUdev   = 2
)

// Run records device events until the context ends.
func Run(ctx context.Context, to *buffer.Buffer, log *slog.Logger) error {
	group, reason := uint32(groupUdev), ""
	if _, err := os.Stat("/run/udev/control"); errors.Is(err, fs.ErrNotExist) {
		group, reason = groupKernel, "udev does not run: vendor and model are what the kernel knows"
	}
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return fmt.Errorf("the kernel's device events are refused: %w", err)
	}
	f := os.NewFile(uintptr(fd), "uevent")
	defer f.Close()
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return fmt.Errorf("listen to device events: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: group}); err != nil {
		return fmt.Errorf("listen to device events: %w", err)
	}
	defer context.AfterFunc(ctx, func() { f.Close() })()
	to.SetStatus(Table, buffer.Status{Publisher: Publisher, Active: true, Reason: reason, Subscriptions: 1})
	raw, err := f.SyscallConn()
	if err != nil {
		return fmt.Errorf("listen to device events: %w", err)
	}
	data, control := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for {
		var n, controlled int
		var received error
		waited := raw.Read(func(fd uintptr) bool {
			n, controlled, _, _, received = unix.Recvmsg(int(fd), data, control, unix.MSG_DONTWAIT)
			return !errors.Is(received, unix.EAGAIN)
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case waited != nil:
			return fmt.Errorf("receive device events: %w", waited)
		case errors.Is(received, unix.ENOBUFS):
			to.Dropped(Table, 1, "the socket's buffer overflowed: an unknown number of device events was lost")
			continue
		case received != nil:
			return fmt.Errorf("receive device events: %w", received)
		}
		if !fromRoot(control[:controlled]) {
			continue // any program may send to the socket
		}
		properties, ok := parse(data[:n])
		if !ok {
			log.DebugContext(ctx, "a device event could not be read", "bytes", n)
			continue
		}
		now := time.Now()
		row := rowOf(properties)
		row.Time = now.Unix()
		if group == groupKernel {
			fromSys(row, "/sys")
		}
		to.Record(Table, now, row)
	}
}

// fromRoot tells whether the kernel or a program of root sent a message.
func fromRoot(control []byte) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for i := range messages {
		if credentials, err := unix.ParseUnixCredentials(&messages[i]); err == nil {
			return credentials.Uid == 0
		}
	}
	return false
}

// propertiesMax bounds how many properties are read of one event.
const propertiesMax = 256

// parse reads the properties of an event: the kernel's, action@path and NAME=value each ended by NUL, or udev's, which has a
// header that says where they begin.
func parse(data []byte) (map[string]string, bool) {
	switch {
	case bytes.HasPrefix(data, []byte("libudev\x00")):
		const magic, header = 0xfeedcafe, 40
		if len(data) < header || binary.BigEndian.Uint32(data[8:]) != magic {
			return nil, false
		}
		offset, size := binary.NativeEndian.Uint32(data[16:]), binary.NativeEndian.Uint32(data[20:])
		if uint64(offset)+uint64(size) > uint64(len(data)) {
			return nil, false
		}
		data = data[offset : offset+size]
	default:
		first, rest, found := bytes.Cut(data, []byte{0})
		if !found || !bytes.Contains(first, []byte("@/")) {
			return nil, false
		}
		data = rest
	}
	properties := map[string]string{}
	for line := range bytes.SplitSeq(data, []byte{0}) {
		name, value, found := strings.Cut(string(line), "=")
		if found && name != "" && len(properties) < propertiesMax {
			properties[name] = strings.ToValidUTF8(value, "\ufffd")
		}
	}
	return properties, properties["ACTION"] != "" && properties["DEVPATH"] != ""
}

func rowOf(p map[string]string) *threat.HardwareEvent {
	row := &threat.HardwareEvent{
		Action: p["ACTION"], Path: p["DEVPATH"], Type: p["DEVTYPE"], Driver: first(p["ID_USB_DRIVER"], p["DRIVER"]),
		Vendor: first(p["ID_VENDOR_FROM_DATABASE"], p["ID_VENDOR"]), VendorID: p["ID_VENDOR_ID"],
		Model: first(p["ID_MODEL_FROM_DATABASE"], p["ID_MODEL"]), ModelID: p["ID_MODEL_ID"], Serial: first(p["ID_SERIAL_SHORT"], p["ID_SERIAL"]), Revision: p["ID_REVISION"],
	}
	row.Type = first(row.Type, p["SUBSYSTEM"])
	// The kernel writes PRODUCT=vendor/model/revision of USB devices, and PCI_ID=VENDOR:MODEL.
	if parts := strings.Split(p["PRODUCT"], "/"); len(parts) == 3 && row.VendorID == "" {
		row.VendorID, row.ModelID, row.Revision = padded(parts[0]), padded(parts[1]), first(row.Revision, padded(parts[2]))
	}
	if vendor, model, found := strings.Cut(p["PCI_ID"], ":"); found && row.VendorID == "" {
		row.VendorID, row.ModelID = vendor, model
	}
	return row
}

// fromSys adds what the kernel shows of a device that is still there.
func fromSys(row *threat.HardwareEvent, sys string) {
	if !filepath.IsLocal(strings.TrimPrefix(row.Path, "/")) {
		return
	}
	for name, to := range map[string]*string{"manufacturer": &row.Vendor, "product": &row.Model, "serial": &row.Serial} {
		text, err := os.ReadFile(filepath.Join(sys, row.Path, name)) // the kernel's files are short, and root's
		if err == nil && *to == "" {
			*to = strings.TrimSpace(string(text))
		}
	}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// padded writes a number of the kernel with the four digits that people write.
func padded(hex string) string {
	return strings.Repeat("0", max(0, 4-len(hex))) + hex
}
