package files

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateMagic(ctx context.Context, host tables.Host, q *tables.Query, emit func(*fileType) error) error {
	head := make([]byte, magicHead)
	return selectByPath(ctx, host, q, func(f *found) error {
		if f.listed && f.kind&^fs.ModeSymlink != 0 {
			return nil
		}
		n, err := readHead(host, f.path, head)
		if err != nil {
			hostfile.Skipped(ctx, host, f.path, err)
			return nil
		}
		row := fileType{Path: f.path}
		describeType(&row, head[:n])
		return emit(&row)
	})
}

// readHead reads the first bytes of a regular file, as many as fit.
func readHead(host tables.Host, path string, head []byte) (int, error) {
	file, err := host.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	n, err := io.ReadFull(file, head)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}
