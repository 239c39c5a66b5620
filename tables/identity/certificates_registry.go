package identity

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// storeKeys hold stores of certificates, below HKEY_LOCAL_MACHINE and below each user: those of the machine's or the user's
// own, those by group policy, and those by the enterprise's directory.
var storeKeys = [...]string{
	`SOFTWARE\Microsoft\SystemCertificates`, `SOFTWARE\Policies\Microsoft\SystemCertificates`, `SOFTWARE\Microsoft\EnterpriseCertificates`,
}

// personalStore is where the certificates lie that belong to keys of a user's own.
const personalStore = "AppData/Roaming/Microsoft/SystemCertificates/My/Certificates"

// storeNames are the names that people see, as osquery shows them.
var storeNames = map[string]string{
	"my": "Personal", "root": "Trusted Root Certification Authorities", "ca": "Intermediate Certification Authorities",
	"authroot": "Third-Party Root Certification Authorities", "disallowed": "Untrusted Certificates", "trustedpublisher": "Trusted Publishers",
	"trustedpeople": "Trusted People", "trust": "Enterprise Trust", "addressbook": "Other People", "smartcardroot": "Smart Card Trusted Roots",
	"clientauthissuer": "Client Authentication Issuers", "trusteddevices": "Trusted Devices",
}

func generateWindowsCertificates(ctx context.Context, host tables.Host, q *tables.Query, emit func(*certificateRow) error) error {
	if paths := q.Equal("path"); paths != nil {
		for _, path := range paths {
			if err := certificatesIn(ctx, host, path, emit); err != nil {
				return err
			}
		}
	}
	users, err := accounts.Users(ctx, host)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, u := range users {
		names[u.UUID] = u.Name
	}
	r := registry.Open(ctx, host)
	defer r.Close()
	stores := certificateStores{ctx: ctx, host: host, emit: emit}
	if err := stores.below(r.Key("HKEY_LOCAL_MACHINE"), certificateRow{StoreLocation: "LocalMachine"}); err != nil {
		return err
	}
	for _, id := range r.Key("HKEY_USERS").Names() {
		if strings.HasSuffix(id, "_Classes") {
			continue
		}
		if err := stores.below(r.Key(`HKEY_USERS\`+id), certificateRow{StoreLocation: "Users", SID: id, Username: names[id], StoreID: id}); err != nil {
			return err
		}
	}
	return homes.All(ctx, host, func(home *homes.Home) error {
		owner := certificateRow{
			StoreLocation: "Users", SID: home.User.UUID, Username: home.User.Name, StoreID: home.User.UUID, Store: storeNames["my"],
		}
		for _, entry := range home.List(personalStore) {
			data, ok := home.Read(personalStore + "/" + entry.Name())
			if !ok {
				continue
			}
			if err := stores.one(home.Path(personalStore+"/"+entry.Name()), data, owner); err != nil {
				return err
			}
		}
		return nil
	})
}

// certificatesIn emits the certificates of a file that a statement names.
func certificatesIn(ctx context.Context, host tables.Host, path string, emit func(*certificateRow) error) error {
	data, err := hostfile.Source(ctx, host, path)
	if err != nil {
		hostfile.Skipped(ctx, host, path, err)
		return nil
	}
	return eachCertificate(data, func(row *certificateRow, err error) error {
		if err != nil {
			hostfile.Skipped(ctx, host, path, err)
			return nil
		}
		row.Path = path
		return emit(row)
	})
}

type certificateStores struct {
	ctx  context.Context
	host tables.Host
	emit func(*certificateRow) error
}

func (s *certificateStores) below(base *registry.Key, owner certificateRow) error {
	for _, name := range storeKeys {
		err := base.Open(name).Keys(func(store *registry.Key) error {
			owner.Store = store.Name()
			if shown, known := storeNames[strings.ToLower(store.Name())]; known {
				owner.Store = shown
			}
			return store.Open("Certificates").Keys(func(k *registry.Key) error {
				if err := s.ctx.Err(); err != nil {
					return err
				}
				blob, _ := k.Value("Blob")
				return s.one(k.Path, blob.Data, owner)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// one emits the certificate of one entry of a store.
func (s *certificateStores) one(name string, blob []byte, owner certificateRow) error {
	der := certificateOf(blob)
	if der == nil {
		return nil
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		hostfile.Skipped(s.ctx, s.host, name, err)
		return nil
	}
	row := describeCertificate(cert)
	row.StoreLocation, row.Store, row.SID, row.Username, row.StoreID = owner.StoreLocation, owner.Store, owner.SID, owner.Username, owner.StoreID
	row.Path = owner.StoreLocation + `\` + owner.Store
	if owner.SID != "" {
		row.Path = owner.StoreLocation + `\` + owner.SID + `\` + owner.Store
	}
	return s.emit(row)
}

// certificateOf finds the certificate among the properties of an entry: each has a number, a 1, and its length.
func certificateOf(blob []byte) []byte {
	const head, certificate = 12, 32
	for len(blob) >= head {
		length := uint64(binary.LittleEndian.Uint32(blob[8:]))
		if length > uint64(len(blob)-head) {
			return nil
		}
		if binary.LittleEndian.Uint32(blob) == certificate {
			return blob[head : head+length]
		}
		blob = blob[head+length:]
	}
	return nil
}
