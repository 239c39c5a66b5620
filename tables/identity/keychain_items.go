package identity

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// keychainItem is one item of a keychain, without its secret.
type keychainItem struct {
	Label       string `col:"label" doc:"Name."`
	Description string `col:"description" doc:"What it is."`
	Comment     string `col:"comment" doc:"Remarks."`
	Account     string `col:"account" class:"personal" doc:"Account that it is for."`
	Created     string `col:"created" doc:"When it was made, as YYYYMMDDhhmmssZ."`
	Modified    string `col:"modified" doc:"Last change, as YYYYMMDDhhmmssZ."`
	Type        string `col:"type" doc:"password, internet password, certificate, public key, private key or symmetric key."`
	PKHash      string `col:"pk_hash" collate:"NOCASE" doc:"Digest of a key."`
	Path        string `col:"path" opt:"additional" doc:"Keychain."`
}

// KeychainItems has a row for each item of the keychains of the system and of the users, or of those that a statement names.
// Source: security(1), dump-keychain without secrets, on a running system.
var KeychainItems = tables.Define[keychainItem](tables.Spec{
	Name: "keychain_items", Doc: "Items of keychains, without their secrets.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT label, type, path FROM keychain_items WHERE type = 'private key'"},
}, generateKeychainItems)

const securityCommand = "/usr/bin/security"

// systemKeychains are those of the machine; the users' are below their homes.
var systemKeychains = [...]string{"/Library/Keychains/System.keychain", "/Library/Keychains/apsd.keychain", "/System/Library/Keychains/SystemRootCertificates.keychain"}

const keychainsOfUsers = "Library/Keychains"

func generateKeychainItems(ctx context.Context, host tables.Host, q *tables.Query, emit func(*keychainItem) error) error {
	return eachKeychain(ctx, host, q.Equal("path"), func(name string) error {
		out, err := host.Run(ctx, securityCommand, "dump-keychain", name)
		if err != nil {
			hostfile.Skipped(ctx, host, name, err)
			return ctx.Err()
		}
		for _, item := range parseKeychain(string(out)) {
			row := keychainItem{
				Label: item.label(), Description: item.text("desc", ""), Comment: item.text("icmt", ""), Account: item.text("acct", ""),
				Created: item.text("cdat", ""), Modified: item.text("mdat", ""), Type: item.kind, PKHash: item.hexadecimal("hpky", "0x00000006"), Path: name,
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachKeychain visits the keychains of the given paths, or the known ones where that is nil.
func eachKeychain(ctx context.Context, host tables.Host, wanted []string, visit func(name string) error) error {
	if wanted != nil {
		for _, name := range wanted {
			if !strings.HasPrefix(name, "/") {
				continue // would be taken for an option, or searched for
			}
			if err := visit(name); err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range systemKeychains {
		if _, err := host.Stat(name); err != nil {
			continue
		}
		if err := visit(name); err != nil {
			return err
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(keychainsOfUsers) {
			name := entry.Name()
			if entry.IsDir() || !strings.HasSuffix(name, ".keychain") && !strings.HasSuffix(name, ".keychain-db") {
				continue
			}
			if err := visit(home.Path(keychainsOfUsers + "/" + name)); err != nil {
				return err
			}
		}
		return nil
	})
}
