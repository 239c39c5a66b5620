package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/tenantra/tenantra/tables"
)

const lineMax = 64 << 10

func generateFileLines(ctx context.Context, host tables.Host, q *tables.Query, emit func(*fileLine) error) error {
	host = slashed(host)
	return selectPaths(ctx, host, q, func(f *found) error {
		if f.listed && f.kind&^fs.ModeSymlink != 0 {
			return nil
		}
		row := fileLine{Path: f.shown(), Directory: f.shownDirectory()}
		stopped, err := eachLine(ctx, host, f, func(line []byte) error {
			row.LineNumber++
			row.Line = string(line)
			return emit(&row)
		})
		if stopped || ctx.Err() != nil {
			return err
		}
		if err != nil {
			skipUnhashed(ctx, host, f.path, err)
		}
		return nil
	})
}

// eachLine streams the lines of a regular file. stopped tells that each, not the file, gave the error.
func eachLine(ctx context.Context, host tables.Host, f *found, each func([]byte) error) (stopped bool, err error) {
	info, err := host.Stat(f.path)
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, errNoRegularFile
	}
	file, err := host.Open(f.path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	defer context.AfterFunc(ctx, func() { _ = file.Close() })()
	r := bufio.NewReaderSize(file, lineMax)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 0 {
			if stop := each(bytes.TrimRight(line, "\r\n")); stop != nil {
				return true, stop
			}
		}
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a line that is too long
			if ctxErr := ctx.Err(); ctxErr != nil {
				return false, ctxErr
			}
			_, err = r.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
