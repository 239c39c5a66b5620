package system

import (
	"context"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateMSR(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*modelRegisters) error) error {
	if !host.Running() { // a device in an image is one of this machine
		return nil
	}
	var processors []int64
	for _, entry := range hostfile.List(ctx, host, "/dev/cpu") {
		if number, err := strconv.ParseInt(entry.Name(), 10, 32); err == nil {
			processors = append(processors, number)
		}
	}
	slices.Sort(processors)
	for _, number := range processors {
		if err := ctx.Err(); err != nil {
			return err
		}
		device := "/dev/cpu/" + strconv.FormatInt(number, 10) + "/msr"
		f, err := openRegisters(host, device)
		if err != nil {
			hostfile.Skipped(ctx, host, device, err)
			continue
		}
		row := readModelRegisters(f)
		f.Close()
		row.Processor = number
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func openRegisters(host tables.Host, device string) (*os.File, error) {
	real, err := host.RealPath(device)
	if err != nil {
		return nil, err
	}
	return os.OpenFile(real, os.O_RDONLY|unix.O_NONBLOCK, 0)
}
