package scans

import (
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/packs"
)

// Format is how a pack's text is written.
type Format string

// The formats.
const (
	Own     Format = "tenantra" // our YAML
	Osquery Format = "osquery"  // osquery's JSON packs and configuration
	Fleet   Format = "fleet"    // Fleet's YAML
)

// Convert reads a file of packs in any format. Name is that of a pack whose text has none.
func (s *Service) Convert(name string, format Format, text string) (found []*packs.Pack, err error) {
	if len(text) > packTextMax {
		return nil, fault.Field(fault.TooLarge, "body.text", "a file of packs has at most %d KiB", packTextMax>>10)
	}
	switch format {
	case Osquery:
		var pack *packs.Pack
		pack, err = packs.ParseOsquery(name, name, []byte(text), s.Library.Compilers)
		found = []*packs.Pack{pack}
	case Fleet:
		found, err = packs.ParseFleet(name, name, []byte(text), s.Library.Compilers)
	default:
		var pack *packs.Pack
		pack, err = packs.Parse(name, []byte(text), s.Library.Compilers)
		found = []*packs.Pack{pack}
	}
	if err != nil {
		return nil, fault.Field(fault.Invalid, "body.text", "%v", err)
	}
	return found, nil
}
