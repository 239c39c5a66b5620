package extension

import "golang.org/x/sys/unix"

// peer gives the user at the other end of a Unix socket: see LOCAL_PEERCRED in unix(4).
func peer(fd int) (uid int, err error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
