package identity

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// loginDef is one setting of the account tools.
type loginDef struct {
	Keyword string `col:"keyword" collate:"NOCASE" doc:"Name of the setting, in capitals: PASS_MAX_DAYS, UMASK, ENCRYPT_METHOD."`
	Value   string `col:"value" doc:"Value as written."`
	Path    string `col:"path" doc:"File that sets it."`
	Line    int32  `col:"line" doc:"Line in the file, from 1."`
}

// LoginDefs has a row for each setting of login.defs(5). A system without the file, or one that has moved it below
// /usr, is served from where the vendor keeps it.
// Source: /etc/login.defs, else /usr/etc/login.defs.
var LoginDefs = tables.Define[loginDef](tables.Spec{
	Name: "login_defs", Doc: "Settings of the account tools: password ageing, umask, hashing scheme for new passwords.",
	Category: tables.Identity, Platforms: tables.Linux, Cost: tables.Cheap,
	Examples: []string{"SELECT value, path, line FROM login_defs WHERE keyword = 'PASS_MAX_DAYS'"},
}, generateLoginDefs)

func generateLoginDefs(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*loginDef) error) error {
	for _, name := range []string{"/etc/login.defs", "/usr/etc/login.defs"} {
		data, err := hostfile.Source(ctx, host, name)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		for _, row := range parseLoginDefs(data) {
			row.Path = name
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// parseLoginDefs reads login.defs(5) as shadow-utils does: a keyword, blanks, the rest of the line without quotes. The
// last line of a keyword wins there, so the earlier ones are left out.
func parseLoginDefs(data []byte) []loginDef {
	var found []loginDef
	at := map[string]int{}
	number := int32(0)
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		keyword, value := line, ""
		if i := strings.IndexAny(line, " \t"); i >= 0 {
			keyword, value = line[:i], strings.Trim(line[i:], " \t\"")
		}
		row := loginDef{Keyword: strings.ToUpper(keyword), Value: value, Line: number}
		if i, again := at[row.Keyword]; again {
			found[i] = row
			continue
		}
		at[row.Keyword] = len(found)
		found = append(found, row)
	}
	return found
}
