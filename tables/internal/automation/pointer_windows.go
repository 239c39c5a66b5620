package automation

import (
	"unsafe"

	"github.com/go-ole/go-ole"
)

func pointerOf(d *ole.IDispatch) uintptr { return uintptr(unsafe.Pointer(d)) }
