package system

import (
	"context"
	"fmt"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/smbios"
)

// fromFirmware makes the generator of a table whose rows are the structures of one kind in the firmware's tables; it is
// nil, as the table is absent, where this build cannot read them.
func fromFirmware[T any](kind byte, rows func(s *smbios.Structure, emit func(*T) error) error) tables.Generator[T] {
	if readFirmwareTables == nil {
		return nil
	}
	return func(_ context.Context, host tables.Host, _ *tables.Query, emit func(*T) error) error {
		structures, err := firmwareStructures(host)
		if err != nil {
			return err
		}
		for i := range structures {
			if structures[i].Type != kind {
				continue
			}
			if err := rows(&structures[i], emit); err != nil {
				return err
			}
		}
		return nil
	}
}

// firmwareStructures gives all structures; none on a machine without, or without the right to see them.
func firmwareStructures(host tables.Host) ([]smbios.Structure, error) {
	data, err := readFirmwareTables(host)
	if err != nil {
		return nil, err
	}
	return smbios.Parse(data), nil
}

// oneRow is for structures that are one row each.
func oneRow[T any](rowOf func(*smbios.Structure) T) func(*smbios.Structure, func(*T) error) error {
	return func(s *smbios.Structure, emit func(*T) error) error {
		row := rowOf(s)
		return emit(&row)
	}
}

// handleText writes the number by which structures refer to each other.
func handleText(handle uint16) string { return fmt.Sprintf("0x%04x", handle) }

// handleAt gives the handle in a field.
func handleAt(s *smbios.Structure, at int) tables.Null[string] {
	handle, ok := s.Word(at)
	if !ok {
		return tables.Null[string]{}
	}
	return tables.Some(handleText(handle))
}

// nameAt gives the name that a field's number stands for; NULL for numbers without a name.
func nameAt(s *smbios.Structure, at int, names map[byte]string) tables.Null[string] {
	number, _ := s.Byte(at)
	name, ok := names[number]
	return tables.Null[string]{V: name, Valid: ok}
}

// byteAt gives the number in a field.
func byteAt(s *smbios.Structure, at int) tables.Null[int64] {
	v, ok := s.Byte(at)
	return tables.Null[int64]{V: int64(v), Valid: ok}
}

// wordAt gives the number in a field, NULL where it is one of those that mean unknown.
func wordAt(s *smbios.Structure, at int, unknown ...uint16) tables.Null[int64] {
	v, ok := s.Word(at)
	for _, u := range unknown {
		ok = ok && v != u
	}
	if !ok {
		return tables.Null[int64]{}
	}
	return tables.Some(int64(v))
}

// addressRange gives the first and last address of a range: in fields of four bytes in KiB as the firmware counts them,
// and in fields of eight bytes where these do not suffice.
func addressRange(s *smbios.Structure, at, extendedAt int) (start, end tables.Null[string]) {
	const seeExtended = 0xFFFF_FFFF
	if first, ok := s.DWord(at); ok && first != seeExtended {
		last, _ := s.DWord(at + 4)
		return tables.Some(fmt.Sprintf("0x%08x", first)), tables.Some(fmt.Sprintf("0x%08x", last))
	}
	first, ok := s.QWord(extendedAt)
	last, alsoOK := s.QWord(extendedAt + 8)
	if !ok || !alsoOK {
		return start, end
	}
	return tables.Some(fmt.Sprintf("0x%012x", first)), tables.Some(fmt.Sprintf("0x%012x", last))
}

// bitNames joins the names of the bits that are set.
func bitNames(bits uint16, names []string) string {
	var set []string
	for i, name := range names {
		if bits&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return strings.Join(set, " ")
}
