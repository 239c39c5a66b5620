package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// A directory says what tenants should have:
//
//	packs/*.yaml, *.json, *.conf   our YAML, Fleet's YAML, osquery's JSON; one file may hold several packs
//	schedules.yaml                 a map from packs to true or false
//	groups.yaml                    a list of groups: name, kind, rule, description
//	tenants/<slug>/…               the same for another tenant
const (
	packsDir      = "packs"
	schedulesFile = "schedules.yaml"
	groupsFile    = "groups.yaml"
	tenantsDir    = "tenants"
	fileMax       = 1 << 20
)

// desired is what one tenant should have.
type desired struct {
	tenant    string // slug; "" for the command's own
	packs     []packFile
	schedules map[string]bool
	groups    []groupFile
}

// packFile is a file with one pack or several.
type packFile struct {
	name   string // of a pack whose text has none
	format string // tenantra, osquery, fleet
	text   string
}

// groupFile is a group as files have it.
type groupFile struct {
	Name        string `yaml:"name" json:"name"`
	Description string `yaml:"description,omitempty" json:"description"`
	Kind        string `yaml:"kind" json:"kind"`
	Rule        string `yaml:"rule,omitempty" json:"rule"`
}

// readDesired reads a directory: the tenant of the command first, then the others by slug.
func readDesired(dir string) ([]desired, error) {
	own, err := readTenant(dir, "")
	if err != nil {
		return nil, err
	}
	all := []desired{own}
	entries, err := os.ReadDir(filepath.Join(dir, tenantsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		one, err := readTenant(filepath.Join(dir, tenantsDir, entry.Name()), entry.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	all = slices.DeleteFunc(all, func(d desired) bool {
		return len(d.packs) == 0 && d.schedules == nil && d.groups == nil && d.tenant == ""
	})
	if len(all) == 0 {
		return nil, usageError(fmt.Sprintf("%s has neither %s, %s, %s nor %s", dir, packsDir, schedulesFile, groupsFile, tenantsDir))
	}
	return all, nil
}

func readTenant(dir, slug string) (desired, error) {
	d := desired{tenant: slug}
	entries, err := os.ReadDir(filepath.Join(dir, packsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return d, fmt.Errorf("read packs: %w", err)
	}
	for _, entry := range entries {
		extension := filepath.Ext(entry.Name())
		if entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json", ".conf"}, extension) {
			continue
		}
		text, err := readBounded(filepath.Join(dir, packsDir, entry.Name()))
		if err != nil {
			return d, err
		}
		d.packs = append(d.packs, packFile{name: strings.TrimSuffix(entry.Name(), extension), format: formatOf(extension, text), text: text})
	}
	if err := readYAML(filepath.Join(dir, schedulesFile), &d.schedules); err != nil {
		return d, err
	}
	return d, readYAML(filepath.Join(dir, groupsFile), &d.groups)
}

// formatOf tells formats apart by what only they have.
func formatOf(extension, text string) string {
	if extension == ".json" || extension == ".conf" {
		return "osquery"
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "kind:") || strings.HasPrefix(line, "apiVersion:") {
			return "fleet"
		}
	}
	return "tenantra"
}

func readBounded(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > fileMax {
		return "", fmt.Errorf("%s: not a regular file of at most %d KiB", path, fileMax>>10)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	return string(text), nil
}

// readYAML reads a file strictly; one that is not there leaves out as it is.
func readYAML(path string, out any) error {
	text, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), out, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %s", path, yaml.FormatError(err, false, false))
	}
	return nil
}
