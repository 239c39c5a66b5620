package files

import (
	"context"
	"crypto/md5"  // #nosec G501 -- indicators of compromise come in MD5
	"crypto/sha1" // #nosec G505 -- and in SHA-1
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"runtime"
	"sync"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const (
	hashWorkersMax = 4
	hashReadBytes  = 128 << 10 // of one read, between which cancellation is seen
	hashAhead      = 64        // files that may wait for their turn to be emitted
)

// wantedDigests says which digests a statement uses.
type wantedDigests struct{ md5, sha1, sha256 bool }

func generateHash(ctx context.Context, host tables.Host, q *tables.Query, emit func(*digests) error) error {
	host = slashed(host)
	want := wantedDigests{q.Wants("md5"), q.Wants("sha1"), q.Wants("sha256")}
	if paths := q.Equal("path"); len(paths) == 1 {
		return hashOne(ctx, host, q, want, emit)
	}
	return hashMany(ctx, host, q, want, emit)
}

// hashOne serves the inner side of joins, where the same few paths come again and again: it remembers them for the
// length of the statement.
func hashOne(ctx context.Context, host tables.Host, q *tables.Query, want wantedDigests, emit func(*digests) error) error {
	return selectPaths(ctx, host, q, func(f *found) error {
		type key struct {
			path string
			want wantedDigests
		}
		row, err := tables.Cached(q.Cache(), key{f.path, want}, func() (*digests, error) {
			row, err := hashFile(ctx, host, f, want)
			if err == nil || ctx.Err() != nil {
				return row, err
			}
			skipUnhashed(ctx, host, f.path, err)
			return nil, nil // an absent file stays absent for the statement, too
		})
		if row == nil || err != nil {
			return err
		}
		return emit(row)
	})
}

// hashJob is one file on its way through the workers.
type hashJob struct {
	found found
	row   *digests
	err   error
	done  chan struct{}
}

// hashMany reads files in parallel and emits them in the order in which the walk found them.
func hashMany(ctx context.Context, host tables.Host, q *tables.Query, want wantedDigests, emit func(*digests) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()

	jobs := make(chan *hashJob)
	ordered := make(chan *hashJob, hashAhead)
	for range min(runtime.GOMAXPROCS(0), hashWorkersMax) {
		workers.Go(func() {
			for job := range jobs {
				job.row, job.err = hashFile(ctx, host, &job.found, want)
				close(job.done)
			}
		})
	}
	var walkErr error
	workers.Go(func() {
		defer close(ordered)
		defer close(jobs)
		walkErr = selectPaths(ctx, host, q, func(f *found) error {
			if f.listed && f.kind&^fs.ModeSymlink != 0 {
				return nil // no regular file, nor a link that may lead to one
			}
			job := &hashJob{found: *f, done: make(chan struct{})}
			for _, queue := range []chan *hashJob{ordered, jobs} {
				select {
				case queue <- job:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for job := range ordered {
		select {
		case <-job.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if job.err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			skipUnhashed(ctx, host, job.found.path, job.err)
			continue
		}
		if err := emit(job.row); err != nil {
			return err
		}
	}
	return walkErr // written before ordered was closed
}

var errNoRegularFile = errors.New("not a regular file")

func skipUnhashed(ctx context.Context, host tables.Host, path string, err error) {
	if !hostfile.Absent(err) && !errors.Is(err, errNoRegularFile) {
		hostfile.Skipped(ctx, host, path, err)
	}
}

func hashFile(ctx context.Context, host tables.Host, f *found, want wantedDigests) (*digests, error) {
	if !f.listed || f.kind&fs.ModeSymlink != 0 {
		// Opening a device can have effects (a watchdog starts), so what it is is asked before.
		info, err := host.Stat(f.path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, errNoRegularFile
		}
	}
	row := &digests{Path: f.shown(), Directory: f.shownDirectory()}
	if want == (wantedDigests{}) {
		return row, nil
	}
	file, err := host.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Some files of /proc and /sys wait for what may never come; closing them ends the wait.
	defer context.AfterFunc(ctx, func() { _ = file.Close() })()
	if err := row.read(ctx, file, want); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.path, err)
	}
	return row, nil
}

var hashBuffers = sync.Pool{New: func() any { return new([hashReadBytes]byte) }}

func (d *digests) read(ctx context.Context, r io.Reader, want wantedDigests) error {
	type sink struct {
		hash.Hash
		text *string
	}
	var sinks []sink
	if want.md5 {
		sinks = append(sinks, sink{md5.New(), &d.MD5}) // #nosec G401
	}
	if want.sha1 {
		sinks = append(sinks, sink{sha1.New(), &d.SHA1}) // #nosec G401
	}
	if want.sha256 {
		sinks = append(sinks, sink{sha256.New(), &d.SHA256})
	}
	buffer := hashBuffers.Get().(*[hashReadBytes]byte)
	defer hashBuffers.Put(buffer)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buffer[:])
		for _, s := range sinks {
			s.Write(buffer[:n]) // a hash never fails
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	for _, s := range sinks {
		*s.text = hex.EncodeToString(s.Sum(nil))
	}
	return nil
}
