package kernel

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

// The classes of NtQuerySystemInformation that tell of speculation; a Windows without the defences lacks them.
const (
	kvaShadowInformation          = 196
	speculationControlInformation = 201
)

func generateKVASpeculativeInfo(_ context.Context, host tables.Host, _ *tables.Query, emit func(*kvaSpeculativeInfo) error) error {
	if !host.Live() {
		return nil
	}
	shadow, shadowKnown := systemFlags(kvaShadowInformation)
	control, controlKnown := systemFlags(speculationControlInformation)
	if !shadowKnown && !controlKnown {
		return nil
	}
	row := kvaRow(shadow, control)
	return emit(&row)
}

func systemFlags(class int32) (uint32, bool) {
	var flags [2]uint32 // later versions tell a second word
	for _, size := range []uint32{4, 8} {
		var got uint32
		if windows.NtQuerySystemInformation(class, unsafe.Pointer(&flags), size, &got) == nil {
			return flags[0], true
		}
	}
	return 0, false
}
