package software

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// ieExtension is one extension of Internet Explorer.
type ieExtension struct {
	Name         string              `col:"name" doc:"Name of the extension."`
	RegistryPath string              `col:"registry_path" doc:"Key or value that names it."`
	Version      tables.Null[string] `col:"version" collate:"VERSION" doc:"Version of its file."`
	Path         string              `col:"path" doc:"Path of its file."`
}

// IEExtensions has a row for each helper object, toolbar, URL search hook and button.
// Source: keys of Internet Explorer in HKEY_LOCAL_MACHINE and HKEY_USERS.
var IEExtensions = tables.Define[ieExtension](tables.Spec{
	Name: "ie_extensions", Doc: "Extensions of Internet Explorer.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT name, path FROM ie_extensions"},
}, generateIEExtensions)

const (
	ieHooks    = `SOFTWARE\Microsoft\Internet Explorer\URLSearchHooks`
	ieToolbar  = `SOFTWARE\Microsoft\Internet Explorer\Toolbar`
	ieButtons  = `SOFTWARE\Microsoft\Internet Explorer\Extensions`
	ieHelpers  = `SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Browser Helper Objects`
	ieOtherBit = `SOFTWARE\Wow6432Node\` // of 32-bit programs, in place of SOFTWARE\
)

func generateIEExtensions(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*ieExtension) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	bases := []string{"HKEY_LOCAL_MACHINE"}
	for _, user := range r.Key("HKEY_USERS").Names() {
		bases = append(bases, `HKEY_USERS\`+user)
	}
	found := func(class, path string) error {
		row := ieExtension{RegistryPath: path}
		for _, classes := range []string{`HKEY_CLASSES_ROOT\CLSID\`, `HKEY_CLASSES_ROOT\Wow6432Node\CLSID\`} {
			if key := r.Key(classes + class); key != nil {
				row.Name, row.Path = key.Text(""), key.Open("InprocServer32").Text("")
				break
			}
		}
		return emit(&row)
	}
	for _, base := range bases {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, name := range []string{ieHooks, ieToolbar, ieButtons, ieHelpers} {
			for _, software := range []string{`SOFTWARE\`, ieOtherBit} {
				key := r.Key(base + `\` + software + strings.TrimPrefix(name, `SOFTWARE\`))
				if err := ieClasses(key, found); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ieClasses visits what a key names by class: by the names of its values or of the keys below, or by a value in those.
func ieClasses(key *registry.Key, found func(class, path string) error) error {
	isClass := func(name string) bool { return len(name) == 38 && name[0] == '{' && name[37] == '}' }
	for _, v := range key.Values() {
		if isClass(v.Name) {
			if err := found(v.Name, key.Path+`\`+v.Name); err != nil {
				return err
			}
		}
	}
	return key.Keys(func(sub *registry.Key) error {
		names := []string{sub.Text("ClsidExtension"), sub.Text("BandCLSID"), sub.Name()}
		if i := slices.IndexFunc(names, isClass); i >= 0 {
			return found(names[i], sub.Path)
		}
		return nil
	})
}
