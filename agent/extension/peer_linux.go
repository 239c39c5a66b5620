package extension

import "golang.org/x/sys/unix"

// peer gives the user at the other end of a Unix socket: see SO_PEERCRED in unix(7).
func peer(fd int) (uid int, err error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
