package system

import (
	"bytes"
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/procfs"
)

// pipeEnd is one descriptor of an anonymous pipe.
type pipeEnd struct {
	pid, fd int64
	mode    string
}

func generateProcessOpenPipes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*processOpenPipe) error) error {
	pipes, order, err := pipeEnds(ctx, host)
	if err != nil {
		return err
	}
	for _, inode := range order {
		for _, end := range pipes[inode] {
			for _, partner := range pipes[inode] {
				if err := ctx.Err(); err != nil {
					return err
				}
				if partner.pid == end.pid || partner.mode == end.mode {
					continue
				}
				err := emit(&processOpenPipe{
					PID: end.pid, FD: end.fd, Mode: end.mode, Inode: int64(inode), Type: "anonymous",
					PartnerPID: partner.pid, PartnerFD: partner.fd, PartnerMode: partner.mode,
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pipeEnds gives the ends of each pipe by its number, and the numbers in the order in which they were met.
func pipeEnds(ctx context.Context, host tables.Host) (pipes map[uint64][]pipeEnd, order []uint64, err error) {
	proc, err := procfs.Open(host)
	if err != nil {
		return nil, nil, absent(err)
	}
	defer proc.Close()
	pids, err := proc.PIDs()
	if err != nil {
		return nil, nil, err
	}
	pipes = map[uint64][]pipeEnd{}
	for _, pid := range pids {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		p, err := proc.Process(pid)
		if err != nil {
			continue
		}
		_ = p.Descriptors(func(fd int64, target []byte) error { // fails where the process is gone or another user's
			if !bytes.HasPrefix(target, []byte("pipe:[")) {
				return nil
			}
			inode, ok := procfs.ParseNamespace(string(target))
			if !ok {
				return nil
			}
			info, err := p.Read("fdinfo/" + strconv.FormatInt(fd, 10))
			if err != nil {
				return nil // closed meanwhile
			}
			if mode, ok := parseOpenMode(info); ok {
				if pipes[inode] == nil {
					order = append(order, inode)
				}
				pipes[inode] = append(pipes[inode], pipeEnd{pid: pid, fd: fd, mode: mode})
			}
			return nil
		})
		p.Close()
	}
	return pipes, order, nil
}
