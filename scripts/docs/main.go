// Command docs writes the table reference: docs/tables/README.md with every table, and one page a table.
//
//	go run ./scripts/docs
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/all"
)

const dir = "docs/tables"

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func write() error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name, text := range pages() {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// pages gives every file of the reference by its name.
func pages() map[string][]byte {
	files := map[string][]byte{}
	var index bytes.Buffer
	index.WriteString("# Tables\n\nWritten by `make docs` from the tables' own schemas.\n")
	for _, category := range tables.Categories {
		first := true
		for _, t := range all.Tables() {
			if t.Category != category {
				continue
			}
			if first {
				fmt.Fprintf(&index, "\n## %s\n\n| table | what | platforms | cost |\n|---|---|---|---|\n", category)
				first = false
			}
			fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s | %s |\n", t.Name, t.Name, t.Doc, t.Platforms, t.Cost)
			files[t.Name+".md"] = page(t)
		}
	}
	files["README.md"] = index.Bytes()
	return files
}

func page(t *tables.Table) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", t.Name, t.Doc)
	if len(t.Aliases) > 0 {
		fmt.Fprintf(&b, "Also named: %s. ", strings.Join(t.Aliases, ", "))
	}
	fmt.Fprintf(&b, "Category: %s. Platforms: %s. Cost: %s. Privilege: %s.\n\n", t.Category, t.Platforms, t.Cost, t.Privilege)
	b.WriteString("| column | type | what |\n|---|---|---|\n")
	for i := range t.Columns() {
		c := &t.Columns()[i]
		fmt.Fprintf(&b, "| %s | %s | %s%s |\n", c.Name, c.Type, strings.ReplaceAll(c.Doc, "|", `\|`), notes(c))
	}
	if len(t.Examples) > 0 {
		b.WriteString("\n## Examples\n\n")
		for _, sql := range t.Examples {
			fmt.Fprintf(&b, "```sql\n%s\n```\n", sql)
		}
	}
	return b.Bytes()
}

// notes says what a reader of a column must know beside its meaning.
func notes(c *tables.Column) string {
	var list []string
	if c.Required {
		list = append(list, "must be constrained")
	}
	if c.Index {
		list = append(list, "narrows the work")
	}
	if c.OS != 0 {
		list = append(list, "on "+c.OS.String()+" only")
	}
	if c.Hidden {
		list = append(list, "hidden")
	}
	if c.Class != tables.ClassInventory {
		list = append(list, "class "+c.Class.String())
	}
	if len(c.Aliases) > 0 {
		list = append(list, "alias "+strings.Join(c.Aliases, ", "))
	}
	if len(list) == 0 {
		return ""
	}
	return " *(" + strings.Join(list, "; ") + ")*"
}
