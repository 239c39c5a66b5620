package extension

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// DefaultPath is the manager's pipe. Pipes lie in no directory, so the state directory does not matter.
func DefaultPath(string) string { return `\\.\pipe\tenantra-agent.extensions` }

// TemporaryPath gives a name for the pipe of one command, and what removes it.
func TemporaryPath() (path string, remove func() error, err error) {
	var suffix [8]byte
	if _, err := rand.Read(suffix[:]); err != nil {
		return "", nil, fmt.Errorf("extension pipe: %w", err)
	}
	return `\\.\pipe\tenantra-` + hex.EncodeToString(suffix[:]), func() error { return nil }, nil
}

// listen makes a pipe for SYSTEM, the Administrators and this account. It fails where somebody made the pipe before.
func listen(_ context.Context, path string) (net.Listener, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("extension pipe: whose process: %w", err)
	}
	l, err := winio.ListenPipe(path, &winio.PipeConfig{
		SecurityDescriptor: "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;" + user.User.Sid.String() + ")",
	})
	if err != nil {
		return nil, fmt.Errorf("extension pipe: %w", err)
	}
	return l, nil
}

// dial connects to a pipe that SYSTEM, an Administrator or this account made. The server cannot act as the caller.
func dial(ctx context.Context, path string) (net.Conn, error) {
	conn, err := winio.DialPipeContext(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("extension pipe: %w", err)
	}
	if err := checkPipeOwner(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func checkPipeOwner(conn net.Conn) error {
	file, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return errors.New("extension pipe: the connection is not one of a pipe")
	}
	sd, err := windows.GetSecurityInfo(windows.Handle(file.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return fmt.Errorf("extension pipe: whose pipe: %w", err)
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("extension pipe: whose pipe: %w", err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return fmt.Errorf("extension pipe: whose process: %w", err)
	}
	if owner.IsWellKnown(windows.WinLocalSystemSid) || owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) || owner.Equals(user.User.Sid) {
		return nil
	}
	return fmt.Errorf("extension pipe: it belongs to %s", owner)
}

// removeSocket does nothing: a pipe ends with its server.
func removeSocket(string) error { return nil }

// checkPeer does nothing: the pipe's access list says who may connect.
func checkPeer(net.Conn) error { return nil }
