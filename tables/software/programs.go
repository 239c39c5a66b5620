package software

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// program is one installed program.
type program struct {
	Name              string `col:"name" doc:"Name of the program."`
	Version           string `col:"version" collate:"VERSION" doc:"Version."`
	InstallLocation   string `col:"install_location" doc:"Directory that it is in."`
	InstallSource     string `col:"install_source" doc:"Directory that it was installed from."`
	Language          string `col:"language" doc:"Language by its number."`
	Publisher         string `col:"publisher" doc:"Who published it."`
	UninstallString   string `col:"uninstall_string" doc:"Command that removes it."`
	InstallDate       string `col:"install_date" doc:"Day on which it was installed, mostly as YYYYMMDD."`
	IdentifyingNumber string `col:"identifying_number" doc:"Product code of MSI, or the name of the key."`
	PackageFamilyName string `col:"package_family_name" doc:"Family of an application package."`
	UpgradeCode       string `col:"upgrade_code" doc:"Code of MSI that all versions of the product share."`
}

// Programs has a row for each program that can be removed and each application package.
// Source: the keys Uninstall in HKEY_LOCAL_MACHINE and HKEY_USERS, those of MSI, and the repository of application packages.
var Programs = tables.Define[program](tables.Spec{
	Name: "programs", Aliases: []string{"programs_and_features"}, Doc: "Programs that are installed.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT name, version, publisher FROM programs WHERE name LIKE '%Java%'"},
}, generatePrograms)

const (
	uninstallKey  = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
	uninstall32   = `SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall`
	upgradeCodes  = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes`
	packagesOfApp = `Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages`
)

func generatePrograms(ctx context.Context, host tables.Host, q *tables.Query, emit func(*program) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	upgrades := map[string]string{}
	if q.Wants("upgrade_code") {
		upgrades = readUpgradeCodes(r)
	}
	bases := []string{"HKEY_LOCAL_MACHINE"}
	users := r.Key("HKEY_USERS").Names()
	for _, user := range users {
		bases = append(bases, `HKEY_USERS\`+user)
	}
	for _, base := range bases {
		for _, name := range []string{uninstallKey, uninstall32} {
			err := r.Key(base + `\` + name).Keys(func(k *registry.Key) error {
				row, ok := uninstallEntry(k)
				if !ok {
					return ctx.Err()
				}
				row.UpgradeCode = upgrades[packedGUID(row.IdentifyingNumber)]
				return emit(&row)
			})
			if err != nil {
				return err
			}
		}
	}
	seen := map[string]bool{} // each user has a list of the same packages
	for _, user := range users {
		err := r.Key(`HKEY_USERS\` + user).Open(packagesOfApp).Keys(func(k *registry.Key) error {
			row, ok := packageEntry(k)
			if !ok || seen[row.IdentifyingNumber] {
				return ctx.Err()
			}
			seen[row.IdentifyingNumber] = true
			return emit(&row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// uninstallEntry reads one entry of the list of programs that can be removed. One without a name is not shown to people.
func uninstallEntry(k *registry.Key) (program, bool) {
	values := map[string]registry.Value{}
	for _, v := range k.Values() {
		values[strings.ToLower(v.Name)] = v
	}
	text := func(name string) string { return values[name].Text() }
	row := program{
		Name: text("displayname"), Version: text("displayversion"), InstallLocation: text("installlocation"), InstallSource: text("installsource"),
		Language: text("language"), Publisher: text("publisher"), UninstallString: text("uninstallstring"), InstallDate: text("installdate"),
		IdentifyingNumber: k.Name(),
	}
	return row, row.Name != ""
}

// packageEntry reads one package: its name is Name_Version_Architecture_Resource_Publisher, its family Name_Publisher.
func packageEntry(k *registry.Key) (program, bool) {
	parts := strings.Split(k.Name(), "_")
	if len(parts) != 5 {
		return program{}, false
	}
	row := program{
		Name: parts[0], Version: parts[1], InstallLocation: k.Text("PackageRootFolder"), IdentifyingNumber: k.Name(),
		PackageFamilyName: parts[0] + "_" + parts[4],
	}
	if name := k.Text("DisplayName"); name != "" && !strings.HasPrefix(name, "@") && !strings.HasPrefix(name, "ms-resource:") {
		row.Name = name
	}
	return row, true
}

// readUpgradeCodes gives the upgrade code of each product by its packed code.
func readUpgradeCodes(r *registry.Registry) map[string]string {
	codes := map[string]string{}
	_ = r.Key(upgradeCodes).Keys(func(k *registry.Key) error {
		for _, v := range k.Values() {
			codes[strings.ToUpper(v.Name)] = unpackGUID(k.Name())
		}
		return nil
	})
	return codes
}

// packedOrder is the order in which MSI writes the digits of {01234567-89AB-CDEF-0123-456789ABCDEF}.
var packedOrder = [32]int{7, 6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 15, 14, 13, 12, 17, 16, 19, 18, 21, 20, 23, 22, 25, 24, 27, 26, 29, 28, 31, 30}

// packedGUID writes an identifier as MSI does in names of keys; "" where it is none.
func packedGUID(guid string) string {
	digits := strings.ToUpper(strings.NewReplacer("{", "", "}", "", "-", "").Replace(guid))
	if len(digits) != len(packedOrder) || len(guid) != 38 {
		return ""
	}
	packed := make([]byte, len(packedOrder))
	for i, from := range packedOrder {
		packed[i] = digits[from]
	}
	return string(packed)
}

// unpackGUID is the inverse of packedGUID.
func unpackGUID(packed string) string {
	if len(packed) != len(packedOrder) {
		return ""
	}
	digits := make([]byte, len(packedOrder))
	for i, to := range packedOrder {
		digits[to] = packed[i]
	}
	d := string(digits)
	return "{" + d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:] + "}"
}
