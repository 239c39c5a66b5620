package files

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/authenticode"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// Windows keeps the catalogues of its own files and of drivers here, in a directory for each kind of subject.
const catalogueRoot = "/C:/Windows/System32/CatRoot"

// A Windows 11 has some thousand catalogues with some hundred thousand members; 16 bytes are kept of each.
const (
	cataloguesMax = 50_000
	membersMax    = 4 << 20
)

// catalogues finds the catalogue that lists a file. Only the start of a digest is kept: the catalogue itself is read again.
type catalogues struct {
	paths   []string
	members []catalogueMember // sorted
}

type catalogueMember struct {
	start     uint64 // of the digest
	catalogue uint32
}

// listedSignature gives the catalogue that lists a program, and its signature; authenticode.ErrMissing where none does.
func listedSignature(ctx context.Context, host tables.Host, cache *tables.Cache, file io.ReaderAt, size int64) (catalogue string, s *authenticode.Signature, err error) {
	type key struct{}
	all, err := tables.Cached(cache, key{}, func() (*catalogues, error) { return readCatalogues(ctx, host) })
	if err != nil {
		return "", nil, err
	}
	if len(all.members) == 0 {
		return "", nil, authenticode.ErrMissing
	}
	digests, err := authenticode.FileDigests(ctx, file, size)
	if err != nil {
		return "", nil, err
	}
	return all.find(ctx, host, digests)
}

var errManyCatalogues = errors.New("more catalogues or members of them than are looked through")

// readCatalogues reads which files the system's catalogues list. One that cannot be read is left out.
func readCatalogues(ctx context.Context, host tables.Host) (*catalogues, error) {
	all := &catalogues{}
	for _, dir := range hostfile.List(ctx, host, catalogueRoot) {
		for _, entry := range hostfile.List(ctx, host, path.Join(catalogueRoot, dir.Name())) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			name := path.Join(catalogueRoot, dir.Name(), entry.Name())
			if !strings.EqualFold(path.Ext(name), ".cat") {
				continue
			}
			if len(all.paths) >= cataloguesMax || len(all.members) >= membersMax {
				hostfile.Skipped(ctx, host, name, errManyCatalogues)
				break
			}
			data, ok := hostfile.OneOfMany(ctx, host, name)
			if !ok {
				continue
			}
			number := uint32(len(all.paths)) // #nosec G115 -- bounded by cataloguesMax
			all.paths = append(all.paths, name)
			err := authenticode.Members(data, func(digest []byte) {
				if len(all.members) < membersMax {
					all.members = append(all.members, catalogueMember{binary.BigEndian.Uint64(digest), number})
				}
			})
			if err != nil {
				hostfile.Skipped(ctx, host, name, err)
			}
		}
	}
	slices.SortFunc(all.members, func(a, b catalogueMember) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.catalogue, b.catalogue))
	})
	all.members = slices.Compact(all.members)
	return all, nil
}

// find gives the first catalogue whose signature holds and that lists one of the digests, or one that does so with a broken
// signature.
func (c *catalogues) find(ctx context.Context, host tables.Host, digests [][]byte) (catalogue string, s *authenticode.Signature, err error) {
	for _, digest := range digests {
		start := binary.BigEndian.Uint64(digest)
		at, _ := slices.BinarySearchFunc(c.members, start, func(m catalogueMember, start uint64) int { return cmp.Compare(m.start, start) })
		for ; at < len(c.members) && c.members[at].start == start; at++ {
			if err := ctx.Err(); err != nil {
				return "", nil, err
			}
			name := c.paths[c.members[at].catalogue]
			found, ok := catalogueWith(ctx, host, name, digest)
			if !ok {
				continue
			}
			if found.Intact == nil {
				return name, found, nil
			}
			if s == nil {
				catalogue, s = name, found
			}
		}
	}
	if s == nil {
		return "", nil, authenticode.ErrMissing
	}
	return catalogue, s, nil
}

// catalogueWith reads a catalogue's signature where it lists a digest.
func catalogueWith(ctx context.Context, host tables.Host, name string, digest []byte) (*authenticode.Signature, bool) {
	data, ok := hostfile.OneOfMany(ctx, host, name)
	if !ok {
		return nil, false
	}
	lists := false
	if err := authenticode.Members(data, func(member []byte) { lists = lists || slices.Equal(member, digest) }); err != nil || !lists {
		return nil, false
	}
	s, err := authenticode.ReadCatalogue(data)
	if err != nil {
		hostfile.Skipped(ctx, host, name, err)
		return nil, false
	}
	return s, true
}
