package software

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
)

func generateChromeExtensions(ctx context.Context, host tables.Host, q *tables.Query, emit func(*chromeExtension) error) error {
	return homes.Each(ctx, host, q, func(home *homes.Home) error {
		for _, root := range chromeRoots {
			// A directory is a profile itself, as of Opera, or holds profiles.
			profiles := []string{root.path}
			for _, name := range home.Directories(root.path) {
				profiles = append(profiles, root.path+"/"+name)
			}
			for _, dir := range profiles {
				if err := ctx.Err(); err != nil {
					return err
				}
				p, ok := readChromeProfile(home, dir)
				if !ok {
					continue
				}
				p.browser = root.browser
				if err := p.extensions(emit); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// chromeProfile is one profile and what its settings say of extensions, by directory below the home.
type chromeProfile struct {
	home     *homes.Home
	browser  string
	dir      string
	name     string
	settings map[string]chromeReference
}

type chromeReference struct {
	id string
	chromeSetting
}

func readChromeProfile(home *homes.Home, dir string) (p *chromeProfile, ok bool) {
	p = &chromeProfile{home: home, dir: dir, settings: map[string]chromeReference{}}
	for _, file := range []string{"Secure Preferences", "Preferences"} {
		data, read := home.Read(dir + "/" + file)
		if !read {
			continue
		}
		ok = true
		var preferences chromePreferences
		decodeJSON(data, &preferences)
		if name := string(preferences.Profile.Name); name != "" {
			p.name = name
		}
		for _, settings := range []map[string]chromeSetting{preferences.Extensions.Settings, preferences.Extensions.OpSettings} {
			for id, setting := range settings {
				if at, inHome := p.locate(string(setting.Path)); inHome {
					p.settings[at] = chromeReference{id, setting}
				}
			}
		}
	}
	return p, ok
}

// locate gives where in the home an extension lies. Those that come with the browser lie elsewhere and are no one's own.
func (p *chromeProfile) locate(name string) (at string, inHome bool) {
	switch {
	case name == "":
		return "", false
	case !p.home.IsAbs(name):
		at = path.Join(p.dir, "Extensions", strings.ReplaceAll(name, `\`, "/"))
	default:
		rest, ok := p.home.Below(name)
		if !ok {
			return "", false
		}
		at = rest
	}
	return at, at != "." && !strings.HasPrefix(at, "../") && at != ".."
}

func (p *chromeProfile) extensions(emit func(*chromeExtension) error) error {
	var directories []string
	base := p.dir + "/Extensions"
	for _, id := range p.home.Directories(base) {
		for _, version := range p.home.Directories(base + "/" + id) {
			directories = append(directories, base+"/"+id+"/"+version)
		}
	}
	for at := range p.settings {
		if !slices.Contains(directories, at) {
			directories = append(directories, at) // loaded from elsewhere, by a developer or by something else
		}
	}
	slices.Sort(directories)
	for _, directory := range directories {
		data, ok := p.home.Read(directory + "/manifest.json")
		if !ok {
			continue
		}
		row, ok := parseChromeManifest(data)
		if !ok {
			continue
		}
		p.localize(directory, &row)
		row.BrowserType, row.UID, row.Profile = p.browser, int64(p.home.User.UID), p.name
		row.ProfilePath, row.Path = p.home.Path(p.dir), p.home.Path(directory)
		if setting, referenced := p.settings[directory]; referenced {
			row.Referenced, row.ReferencedIdentifier = 1, setting.id
			row.State, row.FromWebstore = string(setting.State), string(setting.FromWebstore)
			row.InstallTime, row.InstallTimestamp = string(setting.InstallTime), chromeTime(string(setting.InstallTime))
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

// localize puts texts in the place of placeholders.
func (p *chromeProfile) localize(directory string, row *chromeExtension) {
	var texts map[string]string
	for _, column := range []*string{&row.Name, &row.Description, &row.Author} {
		name, placeholder := chromeMessageName(*column)
		if !placeholder {
			continue
		}
		if texts == nil {
			locale := row.DefaultLocale
			if locale == "" {
				locale = row.CurrentLocale
			}
			if locale == "" {
				locale = "en"
			}
			texts = map[string]string{}
			if data, ok := p.home.Read(path.Join(directory, "_locales", path.Base(locale), "messages.json")); ok {
				texts = chromeMessages(data)
			}
		}
		if text := texts[name]; text != "" {
			*column = text
		}
	}
}
