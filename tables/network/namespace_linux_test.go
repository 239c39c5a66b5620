package network

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// TestAddressesOfTheHostOfAContainer looks at this system by another way to its /, as an agent in a container does that shares its
// host's network.
func TestAddressesOfTheHostOfAContainer(t *testing.T) {
	t.Parallel()
	own, err := os.Stat("/proc/self/net/dev")
	if err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat("/proc/1/net/dev")
	if err != nil || !os.SameFile(own, first) {
		t.Skip("process 1 is in another network than this test")
	}
	h, err := host.New("/proc/self/root", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !sharesNetwork(h) {
		t.Fatal("the network is said to be another's")
	}
	rows, err := tabletest.Rows(t.Context(), InterfaceAddresses, h, tabletest.Query(InterfaceAddresses, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(liveRows(t, InterfaceAddresses), rows); diff != "" {
		t.Errorf("live -, by the other way +:\n%s", diff)
	}
}

// TestAnImageHasNoNetwork holds that a system at rest is never told this machine's addresses.
func TestAnImageHasNoNetwork(t *testing.T) {
	t.Parallel()
	h, err := host.NewImage(t.TempDir(), tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sharesNetwork(h) {
		t.Error("an image shares this machine's network")
	}
}
