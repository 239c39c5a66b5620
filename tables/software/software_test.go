package software

import (
	"bytes"
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestDebPackages(t *testing.T)     { tabletest.Run(t, DebPackages) }
func TestDebPackageFiles(t *testing.T) { tabletest.Run(t, DebPackageFiles) }

func TestRPMPackages(t *testing.T)     { tabletest.Run(t, RPMPackages) }
func TestRPMPackageFiles(t *testing.T) { tabletest.Run(t, RPMPackageFiles) }

func FuzzReadDebStatus(f *testing.F) {
	f.Add([]byte("Package: a\nVersion: 1-2\nStatus: install ok installed\nInstalled-Size: 4\nDescription: x\n y\n\nPackage: b\n"))
	f.Add([]byte(":\n\n\xff:\nPackage:x\nVersion:-"))
	f.Fuzz(func(t *testing.T, data []byte) {
		err := readDebStatus(t.Context(), bytes.NewReader(data), func(p *debPackage) error {
			if p.Name == "" || p.Version == "" {
				t.Errorf("%+v", p)
			}
			return nil
		})
		if err != nil {
			t.Errorf("reading from memory failed: %v", err)
		}
	})
}
