package engine

import "unsafe"

// at gives a typed pointer to memory that SQLite or the engine allocated off the Go heap. Such memory does not move and
// is not collected, so a number may become a pointer; going through the number's address says so to go vet and to the
// race detector's checkptr, which must assume the contrary. Never call it with an address on the Go heap.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// view gives n bytes of off-heap memory.
func view(address uintptr, n int) []byte {
	if address == 0 || n <= 0 {
		return nil
	}
	return unsafe.Slice(at[byte](address), n)
}

// textAt gives off-heap bytes as a string without copying: valid as long as the memory is.
func textAt(address uintptr, n int) string {
	if address == 0 || n <= 0 {
		return ""
	}
	return unsafe.String(at[byte](address), n)
}
