package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/codesign"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// codeSignature is the code signature of one architecture of a program.
type codeSignature struct {
	Path           string `col:"path" opt:"required,index" doc:"Program or bundle."`
	HashResources  int64  `col:"hash_resources" type:"INTEGER" opt:"additional" doc:"1, or 0 in a statement that wants the files of a bundle left unchecked."`
	HashExecutable int64  `col:"hash_executable" type:"INTEGER" opt:"additional" doc:"1, or 0 in a statement that wants the program's pages left unchecked."`
	Arch           string `col:"arch" doc:"Architecture."`
	Signed         int64  `col:"signed" type:"INTEGER" doc:"1 where it is signed and unchanged."`
	Identifier     string `col:"identifier" doc:"Identifier that it was signed with."`
	CDHash         string `col:"cdhash" collate:"NOCASE" doc:"Digest of what was signed."`
	TeamIdentifier string `col:"team_identifier" doc:"Team of the signer."`
	Authority      string `col:"authority" doc:"Common name of the signer's certificate; empty where it is signed without one."`
	Entitlements   string `col:"entitlements" doc:"What the program is entitled to, as JSON."`
}

// CodeSignature has a row for each architecture of the programs and bundles that a statement names. signed tells that all
// that was signed is unchanged and that the signer's signature over it holds; that Apple vouches for the signer, and that a
// notary looked, is not checked, which takes a framework.
// Source: the signatures in Mach-O files, and Contents/_CodeSignature of bundles.
var CodeSignature = tables.Define[codeSignature](tables.Spec{
	Name: "signature", Doc: "Code signatures of programs and bundles of macOS: who signed, and whether it is still that.",
	Category: tables.Files, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT path, signed, identifier, team_identifier, authority FROM signature WHERE path = '/Applications/Safari.app'",
		"SELECT p.pid, s.path, s.cdhash FROM processes p JOIN signature s ON s.path = p.path WHERE s.signed = 0",
	},
}, generateCodeSignature)

func generateCodeSignature(ctx context.Context, host tables.Host, q *tables.Query, emit func(*codeSignature) error) error {
	check := signatureCheck{ctx: ctx, host: host, resources: wantsCheck(q, "hash_resources"), pages: wantsCheck(q, "hash_executable")}
	for _, name := range q.Equal("path") {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !strings.HasPrefix(name, "/") {
			continue
		}
		rows, err := tables.Cached(q.Cache(), signatureKey{name, check.resources, check.pages}, func() ([]codeSignature, error) {
			return check.signatures(name)
		})
		if err != nil {
			return err
		}
		for i := range rows {
			if err := emit(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

type signatureKey struct {
	path             string
	resources, pages bool
}

// wantsCheck tells whether a statement leaves a check on: all do that do not say 0.
func wantsCheck(q *tables.Query, column string) bool { return !slices.Contains(q.Equal(column), "0") }

// signatureCheck is what a statement wants to have checked.
type signatureCheck struct {
	ctx              context.Context
	host             tables.Host
	resources, pages bool
}

// signatures gives the rows of one path. What is neither program nor bundle, or cannot be read, has none.
func (c *signatureCheck) signatures(name string) ([]codeSignature, error) {
	base := codeSignature{Path: name, HashResources: boolean(c.resources), HashExecutable: boolean(c.pages)}
	program, contents := c.program(path.Clean(name))
	file, err := c.host.Open(program)
	if err != nil {
		hostfile.Skipped(c.ctx, c.host, program, err)
		return nil, c.ctx.Err()
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		hostfile.Skipped(c.ctx, c.host, program, err)
		return nil, c.ctx.Err()
	}
	signatures, err := codesign.Read(file, info.Size())
	switch {
	case errors.Is(err, codesign.ErrUnsigned):
		return []codeSignature{base}, nil
	case err != nil:
		hostfile.Skipped(c.ctx, c.host, program, err)
		if errors.Is(err, codesign.ErrNotMachO) {
			return nil, c.ctx.Err()
		}
		return []codeSignature{base}, c.ctx.Err() // what is damaged is not signed
	}
	var rows []codeSignature
	for _, s := range signatures {
		row := base
		row.Arch, row.Identifier, row.CDHash, row.TeamIdentifier, row.Authority = s.Arch, s.Identifier, s.CDHash, s.TeamID, s.Authority
		row.Entitlements = entitlements(s.Entitlements)
		if err := c.verify(s, contents); err != nil {
			hostfile.Skipped(c.ctx, c.host, program, err)
		} else {
			row.Signed = 1
		}
		rows = append(rows, row)
	}
	return rows, c.ctx.Err()
}

// program gives the program of a bundle, and the directory of its contents; for a program itself it tells whether that is
// the main one of a bundle.
func (c *signatureCheck) program(name string) (program, contents string) {
	if info, err := c.host.Stat(name); err == nil && info.IsDir() {
		contents = name + "/Contents"
		main := strings.TrimSuffix(path.Base(name), path.Ext(name))
		if list, ok := plist.Read(c.ctx, c.host, contents+"/Info.plist"); ok && list.Text("CFBundleExecutable") != "" {
			main = path.Base(list.Text("CFBundleExecutable"))
		}
		return contents + "/MacOS/" + main, contents
	}
	dir := path.Dir(name)
	if path.Base(dir) != "MacOS" || path.Base(path.Dir(dir)) != "Contents" {
		return name, ""
	}
	contents = path.Dir(dir)
	if list, ok := plist.Read(c.ctx, c.host, contents+"/Info.plist"); !ok || list.Text("CFBundleExecutable") != path.Base(name) {
		return name, ""
	}
	return name, contents
}

const codeResources = "/_CodeSignature/CodeResources"

func (c *signatureCheck) verify(s *codesign.Signature, contents string) error {
	var bundle func(slot int) []byte
	if contents != "" {
		bundle = func(slot int) []byte {
			name := contents + "/Info.plist"
			if slot == codesign.SlotResources {
				name = contents + codeResources
			}
			data, ok := hostfile.OneOfMany(c.ctx, c.host, name)
			if !ok {
				return []byte{} // what was signed and is gone was changed
			}
			return data
		}
	}
	if err := s.Verify(c.ctx, !c.pages, bundle); err != nil {
		return err
	}
	if contents == "" || !c.resources {
		return nil
	}
	list, ok := plist.Read(c.ctx, c.host, contents+codeResources)
	if !ok {
		return nil // a bundle without files to check
	}
	return c.verifyResources(contents, list.Dict("files2"))
}

// verifyResources checks the files of a bundle that have a digest. Links and code with a signature of its own are left to
// their own rows.
func (c *signatureCheck) verifyResources(contents string, files plist.Dict) error {
	for _, name := range files.Keys() {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		entry := files.Dict(name)
		want := entry.Data("hash2")
		if len(want) == 0 {
			continue
		}
		full := path.Join(contents, path.Join("/", name)) // which no name leaves
		got, err := c.sha256(full)
		if err != nil && entry.Bool("optional") {
			continue
		}
		if err != nil {
			return fmt.Errorf("file of the bundle: %w", err)
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s was changed", full)
		}
	}
	return nil
}

func (c *signatureCheck) sha256(name string) ([]byte, error) {
	file, err := c.host.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	defer context.AfterFunc(c.ctx, func() { _ = file.Close() })()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// entitlements shows a property list as JSON; "" where there is none.
func entitlements(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	list, err := plist.ParseDict(text)
	if err != nil {
		return ""
	}
	out, err := json.Marshal(plist.JSON(list))
	if err != nil {
		return ""
	}
	return string(out)
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
