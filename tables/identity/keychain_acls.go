package identity

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// keychainACL is one program that may use an item of a keychain.
type keychainACL struct {
	KeychainPath   string `col:"keychain_path" doc:"Keychain."`
	Authorizations string `col:"authorizations" doc:"What they may do, joined by blanks."`
	Path           string `col:"path" doc:"Program."`
	Description    string `col:"description" doc:"What the list is called."`
	Label          string `col:"label" doc:"Item."`
}

// KeychainACLs has a row for each program in the access list of each item; one with an empty path where a list names none.
// Source: security(1), dump-keychain -a without secrets, on a running system.
var KeychainACLs = tables.Define[keychainACL](tables.Spec{
	Name: "keychain_acls", Doc: "Which programs may use which items of keychains.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT label, path, authorizations FROM keychain_acls WHERE path LIKE '/Users/%'"},
}, generateKeychainACLs)

func generateKeychainACLs(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*keychainACL) error) error {
	return eachKeychain(ctx, host, nil, func(name string) error {
		out, err := host.Run(ctx, securityCommand, "dump-keychain", "-a", name)
		if err != nil {
			hostfile.Skipped(ctx, host, name, err)
			return ctx.Err()
		}
		for _, item := range parseKeychain(string(out)) {
			label := item.label()
			for _, access := range item.access {
				row := keychainACL{KeychainPath: name, Label: label, Authorizations: access.authorizations, Description: access.description}
				programs := access.applications
				if len(programs) == 0 {
					programs = []string{""}
				}
				for _, row.Path = range programs {
					if err := emit(&row); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}
