package network

import (
	"net"
	"testing"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPorts(t *testing.T) { tabletest.Run(t, Ports) }

// TestPortsOfThisProcess opens a listener and a connection to it, and finds both with this process as their owner.
func TestPortsOfThisProcess(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	port, own := int32(listener.Addr().(*net.TCPAddr).Port), int32(conn.LocalAddr().(*net.TCPAddr).Port)
	h, err := host.New("/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	err = generatePorts(t.Context(), h, tabletest.Query(Ports, nil, nil), func(row *portRow) error {
		if row.Port == port || row.Port == own {
			if row.Exposure != "local" || row.Risk != "none" || !row.PID.Valid || !row.ProcessPath.Valid || !row.ProcessName.Valid || !row.UID.Valid {
				t.Errorf("%+v", row)
			}
			found[row.Direction] = true
		}
		return nil
	})
	if err != nil || !found["listening"] || !found["inbound"] || !found["outbound"] {
		t.Errorf("found %v, error %v", found, err)
	}
}
