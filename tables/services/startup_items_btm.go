package services

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// darwinStartupDirectories hold the startup items of older systems.
var darwinStartupDirectories = [...]string{"/System/Library/StartupItems", "/Library/StartupItems"}

// darwinBackgroundItems is the database of what may start in the background, of macOS 13 and later.
const darwinBackgroundItems = "/private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v*.btm"

// generateDarwinStartupItems lists the startup items of older systems and what the newest database of background items
// holds.
func generateDarwinStartupItems(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*startupItem) error) error {
	for _, dir := range darwinStartupDirectories {
		for _, entry := range hostfile.List(ctx, host, dir) {
			name := dir + "/" + entry.Name()
			if !entry.IsDir() {
				continue
			}
			if err := emit(&startupItem{Name: name, Path: name, Type: startupType, Source: dir + "/", Status: "enabled"}); err != nil {
				return err
			}
		}
	}
	files, err := host.Glob(darwinBackgroundItems)
	if err != nil || len(files) == 0 {
		return err
	}
	newest := slices.MaxFunc(files, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // v10 is after v9
		}
		return strings.Compare(a, b)
	})
	archive, ok := plist.Read(ctx, host, newest)
	if !ok {
		return ctx.Err()
	}
	for _, item := range backgroundItems(archive) {
		if err := emit(&item); err != nil {
			return err
		}
	}
	return nil
}

// backgroundItems reads the records of an archive made by NSKeyedArchiver: those of its objects that have a disposition.
// What a record refers to are numbers of objects.
func backgroundItems(archive plist.Dict) []startupItem {
	objects := archive.List("$objects")
	follow := func(value any) any {
		if number, ok := value.(plist.UID); ok && uint64(number) < uint64(len(objects)) {
			return objects[number]
		}
		return value
	}
	text := func(value any) string {
		value = follow(value)
		if url, ok := value.(plist.Dict); ok { // an NSURL, or a string object
			if value = follow(url["NS.relative"]); value == nil {
				value = follow(url["NS.string"])
			}
		}
		if t := plist.Text(value); t != "$null" {
			return t
		}
		return ""
	}
	var items []startupItem
	for _, object := range objects {
		record, ok := object.(plist.Dict)
		if !ok || !record.Has("disposition") || !record.Has("type") {
			continue
		}
		item := startupItem{
			Name: text(record["name"]), Path: text(record["executablePath"]), Type: flagNames(record.IntOr("type", 0), backgroundTypes),
			Status: flagNames(record.IntOr("disposition", 0), backgroundStates), Source: "Background Task Management",
		}
		if item.Path == "" {
			item.Path = strings.TrimPrefix(text(record["url"]), "file://")
		}
		if item.Name == "" {
			item.Name = path.Base(item.Path)
		}
		items = append(items, item)
	}
	return items
}

type flagName struct {
	bit  int64
	name string
}

// The bits of a record's type and disposition.
var (
	backgroundTypes = []flagName{
		{0x1, "user item"}, {0x2, "app"}, {0x4, "login item"}, {0x8, "agent"}, {0x10, "daemon"}, {0x20, "developer"}, {0x40, "spotlight"}, {0x800, "quicklook"},
		{0x10000, "legacy"}, {0x80000, "curated"},
	}
	backgroundStates = []flagName{{0x1, "enabled"}, {0x2, "allowed"}, {0x4, "hidden"}, {0x8, "notified"}}
)

// flagNames joins the names of the bits that are set.
func flagNames(bits int64, names []flagName) string {
	var set []string
	for _, n := range names {
		if bits&n.bit != 0 {
			set = append(set, n.name)
		}
	}
	if len(set) == 0 {
		return "unknown"
	}
	return strings.Join(set, ", ")
}
