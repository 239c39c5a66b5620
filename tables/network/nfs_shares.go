package network

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// nfsShare is one directory that is exported by NFS.
type nfsShare struct {
	Share    string `col:"share" doc:"Directory."`
	Options  string `col:"options" doc:"Options and clients, joined by blanks."`
	Readonly int64  `col:"readonly" type:"INTEGER" doc:"1 where it may only be read."`
}

// NFSShares has a row for each exported directory.
// Source: exports(5).
var NFSShares = tables.Define[nfsShare](tables.Spec{
	Name: "nfs_shares", Doc: "Directories that the machine exports by NFS.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Portable: true,
	Examples: []string{"SELECT share, options FROM nfs_shares WHERE readonly = 0"},
}, generateNFSShares)

const exportsFile = "/etc/exports"

func generateNFSShares(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*nfsShare) error) error {
	data, err := hostfile.Source(ctx, host, exportsFile)
	if err != nil {
		return err
	}
	return parseExports(string(data), emit)
}

// parseExports reads lines such as /a /b -ro -mapall=nobody 192.0.2.0; a backslash at the end continues a line.
func parseExports(text string, emit func(*nfsShare) error) error {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		shares := 0
		for shares < len(words) && strings.HasPrefix(words[shares], "/") {
			shares++
		}
		options := words[shares:]
		row := nfsShare{Options: strings.Join(options, " "), Readonly: flag(slices.Contains(options, "-ro") || slices.Contains(options, "-o"))}
		for _, row.Share = range words[:shares] {
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
