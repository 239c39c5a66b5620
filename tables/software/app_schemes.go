package software

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// appScheme is one application that opens addresses of one scheme.
type appScheme struct {
	Scheme    string `col:"scheme" doc:"Scheme, such as https."`
	Handler   string `col:"handler" doc:"Application."`
	Enabled   int64  `col:"enabled" type:"INTEGER" doc:"1 where a user chose it as the handler, or where it is the only one."`
	External  int64  `col:"external" type:"INTEGER" doc:"1 where no application of the system handles the scheme."`
	Protected int64  `col:"protected" type:"INTEGER" doc:"1 where Apple reserves the scheme for the system."`
}

// AppSchemes has a row for each scheme that an application says it handles.
// Source: CFBundleURLTypes of the bundles, and the handlers that users chose,
// Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist.
var AppSchemes = tables.Define[appScheme](tables.Spec{
	Name: "app_schemes", Doc: "Which applications open addresses of which scheme.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Moderate, Portable: true,
	Examples: []string{"SELECT scheme, handler FROM app_schemes WHERE external = 1 AND enabled = 1"},
}, generateAppSchemes)

// reservedSchemes are those that Apple's documentation of communication between applications reserves.
var reservedSchemes = [...]string{"afp", "at", "facetime", "file", "ftp", "http", "https", "mailto", "news", "nwnode", "smb", "sms", "tel", "vnc"}

const handlersFile = "Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist"

// schemeHandler is an application that handles a scheme.
type schemeHandler struct{ bundle, identifier string }

func generateAppSchemes(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*appScheme) error) error {
	handlers := map[string][]schemeHandler{}
	err := eachApp(ctx, host, nil, func(bundle string, info plist.Dict) error {
		for _, scheme := range schemesOf(info) {
			handlers[scheme] = append(handlers[scheme], schemeHandler{bundle, info.Text("CFBundleIdentifier")})
		}
		return nil
	})
	if err != nil {
		return err
	}
	chosen, err := chosenHandlers(ctx, host)
	if err != nil {
		return err
	}
	for _, scheme := range slices.Sorted(maps.Keys(handlers)) {
		all := handlers[scheme]
		ofSystem := slices.ContainsFunc(all, func(h schemeHandler) bool { return strings.HasPrefix(h.bundle, "/System/") })
		row := appScheme{Scheme: scheme, External: flag(!ofSystem), Protected: flag(slices.Contains(reservedSchemes[:], scheme))}
		for _, h := range all {
			row.Handler = h.bundle
			row.Enabled = flag(len(all) == 1 || chosen[scheme+" "+strings.ToLower(h.identifier)])
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}

// schemesOf lists the schemes of a bundle, each once.
func schemesOf(info plist.Dict) []string {
	var schemes []string
	for _, kind := range info.Dicts("CFBundleURLTypes") {
		for _, scheme := range kind.Texts("CFBundleURLSchemes") {
			if scheme = strings.ToLower(scheme); scheme != "" && !slices.Contains(schemes, scheme) {
				schemes = append(schemes, scheme)
			}
		}
	}
	return schemes
}

// chosenHandlers gives what users chose, as "scheme identifier".
func chosenHandlers(ctx context.Context, host tables.Host) (map[string]bool, error) {
	chosen := map[string]bool{}
	err := homes.All(ctx, host, func(home *homes.Home) error {
		data, ok := home.Read(handlersFile)
		if !ok {
			return nil
		}
		list, err := plist.ParseDict(data)
		if err != nil {
			hostfile.Skipped(ctx, host, home.Path(handlersFile), err)
			return nil
		}
		for _, h := range list.Dicts("LSHandlers") {
			if scheme := h.Text("LSHandlerURLScheme"); scheme != "" {
				chosen[strings.ToLower(scheme+" "+h.Text("LSHandlerRoleAll"))] = true
			}
		}
		return nil
	})
	return chosen, err
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
