package ioreg

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `+-o Root  <class IORegistryEntry, id 0x100000100, retain 26>
  +-o J314sAP  <class IOPlatformExpertDevice, id 0x100000231, registered, matched, active, busy 0 (38 ms), retain 42>
  | +-o AppleARMPE  <class AppleARMPE, id 0x100000241, !registered, !matched, active, busy 2 (3 ms), retain 9>
  +-o IOResources  <class IOResources, id 0x100000102, registered, matched, active, busy 0, retain 5>
no entry
`

func TestParse(t *testing.T) {
	t.Parallel()
	want := []Entry{
		{Name: "Root", Class: "IORegistryEntry", ID: 0x100000100, Retain: 26},
		{Name: "J314sAP", Class: "IOPlatformExpertDevice", ID: 0x100000231, Parent: 0x100000100, Depth: 1, Retain: 42, Service: true, Path: "/J314sAP"},
		{Name: "AppleARMPE", Class: "AppleARMPE", ID: 0x100000241, Parent: 0x100000231, Depth: 2, Retain: 9, Busy: 2, Service: true, Path: "/J314sAP/AppleARMPE"},
		{Name: "IOResources", Class: "IOResources", ID: 0x100000102, Parent: 0x100000100, Depth: 1, Retain: 5, Service: true, Path: "/IOResources"},
	}
	if diff := cmp.Diff(want, parse(sample)); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("        +-o X  <class Y, id 0xffffffffffffffffff, retain 99999999999999999999>\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, e := range parse(text) {
			if e.Depth < 0 || e.Depth > 0 && e.Path == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
