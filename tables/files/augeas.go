package files

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/augeas"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/like"
)

// augeasNode is one node of the tree of configuration files.
type augeasNode struct {
	Node  string `col:"node" opt:"index" doc:"Path of the node in the tree: /files, the file's path, and the labels down to the node."`
	Value string `col:"value" class:"content" doc:"Value of the node, without credentials; empty where it has none."`
	Label string `col:"label" doc:"Last part of the node's path without the number of equal ones."`
	Path  string `col:"path" opt:"additional" doc:"File that the node is of; for a directory the directory."`
}

// Augeas has a row for each node that Augeas' trees of the files have, with the files and directories that lead to them. Which
// files have a tree is known by their path alone (augeas.Patterns); others have none.
// Source: the configuration files themselves; Augeas need not be there.
var Augeas = tables.DefineByPlatform(tables.Spec{
	Name: "augeas", Aliases: []string{"configurations"}, Doc: "Configuration files as the trees that Augeas makes of them.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{
		"SELECT label, value FROM augeas WHERE path = '/etc/hosts'",
		"SELECT value FROM augeas WHERE node = '/files/etc/ssh/sshd_config/PermitRootLogin'",
		"SELECT path, value FROM augeas WHERE node LIKE '/files/etc/pam.d/%' AND label = 'module'",
	},
}, tables.Generators[augeasNode]{Linux: generateAugeas, Darwin: generateAugeas})

var errNoTree = errors.New("larger than the trees of configuration files may be")

// augeasRoot is where the trees of files hang.
const augeasRoot = "/files"

func generateAugeas(ctx context.Context, host tables.Host, q *tables.Query, emit func(*augeasNode) error) error {
	wanted := augeasConstraints{paths: q.Equal("path"), nodes: q.Equal("node"), likePaths: q.Like("path"), likeNodes: q.Like("node")}
	row := augeasNode{}
	shown := map[string]bool{} // directories
	for _, file := range wanted.files(ctx, host) {
		if err := ctx.Err(); err != nil {
			return err
		}
		for dir := range parents(file) {
			if shown[dir] {
				continue
			}
			shown[dir] = true
			row = augeasNode{Node: augeasRoot + escapePath(dir), Label: path.Base(dir), Path: dir}
			if err := emit(&row); err != nil {
				return err
			}
		}
		data, ok := hostfile.OneOfMany(ctx, host, file)
		if !ok {
			continue
		}
		tree := augeas.Tree(file, data)
		if tree == nil {
			hostfile.Skipped(ctx, host, file, errNoTree)
			continue
		}
		root := augeasRoot + escapePath(file)
		row = augeasNode{Node: root, Label: path.Base(file), Path: file}
		if err := emit(&row); err != nil {
			return err
		}
		err := tree.Walk(root, func(node string, n *augeas.Node) error {
			row.Node, row.Label, row.Value = node, n.Label, n.Value
			return emit(&row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// parents gives the directories above a file, the uppermost first.
func parents(file string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 1; i < len(file); i++ {
			if file[i] == '/' && !yield(file[:i]) {
				return
			}
		}
	}
}

// escapePath writes a path as it stands in the path of a node.
func escapePath(file string) string {
	names := strings.Split(file, "/")
	for i := range names {
		names[i] = augeas.Escape(names[i])
	}
	return strings.Join(names, "/")
}

// augeasConstraints is what a statement asks for. Files that cannot have a wanted row are not read; SQLite checks the rows.
type augeasConstraints struct{ paths, nodes, likePaths, likeNodes []string }

// files gives the files to read in the order of their paths.
func (c augeasConstraints) files(ctx context.Context, host tables.Host) []string {
	var files []string
	add := func(file string) {
		if augeas.Known(file) && c.mayHave(file) {
			if info, err := host.Stat(file); err == nil && info.Mode().IsRegular() {
				files = append(files, file)
			}
		}
	}
	if len(c.paths) > 0 && !slices.ContainsFunc(c.paths, func(p string) bool { return !augeas.Known(p) }) {
		for _, file := range c.paths {
			add(file)
		}
	} else {
		for _, pattern := range augeas.Patterns() {
			found, err := host.Glob(pattern)
			if err != nil {
				hostfile.Skipped(ctx, host, pattern, err)
			}
			for _, file := range found {
				add(file)
			}
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// mayHave tells whether a row of a file, or of a directory above it, can match.
func (c augeasConstraints) mayHave(file string) bool {
	above := func(dir, file string) bool { return dir == file || strings.HasPrefix(file, dir+"/") }
	if c.paths != nil && !slices.ContainsFunc(c.paths, func(p string) bool { return above(strings.TrimSuffix(p, "/"), file) }) {
		return false
	}
	root := augeasRoot + escapePath(file)
	if c.nodes != nil && !slices.ContainsFunc(c.nodes, func(n string) bool { return above(n, root) || above(root, n) }) {
		return false
	}
	for _, pattern := range c.likePaths {
		matches := like.Match(pattern, file)
		for dir := range parents(file) {
			matches = matches || like.Match(pattern, dir)
		}
		if !matches {
			return false
		}
	}
	for _, pattern := range c.likeNodes {
		literal := pattern
		if at := strings.IndexAny(pattern, "%_"); at >= 0 {
			literal = pattern[:at]
		}
		if n := min(len(literal), len(root)); !strings.EqualFold(literal[:n], root[:n]) {
			return false
		}
	}
	return true
}
