package network

import (
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// The kernel answers a request for all links, addresses or routes with messages that each hold a fixed part and
// attributes, rtnetlink(7). The standard library asks and cuts them; what is cut is in the machine's byte order.

// dump asks the kernel for all objects of a kind in this network namespace: RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE.
func dump(kind int) ([]byte, error) {
	data, err := syscall.NetlinkRIB(kind, unix.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("ask the kernel for its network configuration: %w", err)
	}
	return data, nil
}

// eachMessage calls visit for each message of a kind with its fixed part, of the given size, and its attributes.
func eachMessage(data []byte, kind uint16, size int, visit func(fixed []byte, attributes []syscall.NetlinkRouteAttr) error) error {
	messages, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return fmt.Errorf("parse the kernel's network configuration: %w", err)
	}
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != kind || len(m.Data) < size {
			continue
		}
		attributes, err := syscall.ParseNetlinkRouteAttr(m)
		if err != nil {
			continue // one malformed object does not hide the others
		}
		if err := visit(m.Data[:size], attributes); err != nil {
			return err
		}
	}
	return nil
}

// uint32At reads a number of an attribute; 0 where it is too short.
func uint32At(data []byte, at int) uint32 {
	if len(data) < at+4 {
		return 0
	}
	return binary.NativeEndian.Uint32(data[at:])
}

func uint64At(data []byte, at int) uint64 {
	if len(data) < at+8 {
		return 0
	}
	return binary.NativeEndian.Uint64(data[at:])
}
