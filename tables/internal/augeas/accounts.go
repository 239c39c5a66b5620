package augeas

import (
	"strings"

	"github.com/tenantra/tenantra/tables/internal/mask"
)

// password gives what a password field says about the account without the hash: nothing, a lock, or that there is one.
func password(field string) string {
	rest := strings.TrimLeft(field, "!*")
	if rest == "" || rest == "x" || rest == "NP" || rest == "LK" || rest == "LK*" {
		return field
	}
	return field[:len(field)-len(rest)] + mask.Hidden
}

// accountFile reads lines of fields parted by colons. Each field after the name has a label; one that may be a list of names
// has the label of a member.
type accountFile struct {
	fields []accountField
	least  int // fields that a line must have
}

type accountField struct {
	label string
	list  bool
}

func (f accountFile) read(root *Node, text string) {
	for line := range lines(text) {
		if root.comment(line, "#") {
			continue
		}
		fields := strings.Split(line, ":")
		label, value := accountName(fields[0])
		nis := label != fields[0]
		if len(fields) > 1+len(f.fields) || len(fields) < f.least && !nis || !nis && !word(strings.TrimSuffix(label, "$"), "-_.") {
			continue
		}
		account := root.add(label, value)
		for i, field := range fields[1:] {
			if field != "" || !nis || label == "@nisdefault" { // what takes the place of NIS' own fields
				f.fields[i].add(account, field)
			}
		}
	}
}

func (f accountField) add(account *Node, text string) {
	switch {
	case f.list:
		account.addAll(f.label, commas(text))
	case f.label == "password":
		account.add(f.label, password(text))
	default:
		account.add(f.label, text)
	}
}

// accountName gives the label of an account, which for what stands for accounts of NIS is none of its name.
func accountName(name string) (label, value string) {
	switch {
	case name == "+":
		return "@nisdefault", ""
	case strings.HasPrefix(name, "+@"):
		return "@nis", name[2:]
	case strings.HasPrefix(name, "+"):
		return "@+nisuser", name[1:]
	case strings.HasPrefix(name, "-"):
		return "@-nisuser", name[1:]
	default:
		return name, ""
	}
}

func fieldsOf(labels string) []accountField {
	var fields []accountField
	for _, label := range strings.Fields(labels) {
		name, list := strings.CutSuffix(label, "…")
		fields = append(fields, accountField{name, list})
	}
	return fields
}

func readPasswd(root *Node, text string) {
	accountFile{fieldsOf("password uid gid name home shell"), 7}.read(root, text)
}

func readGroup(root *Node, text string) {
	accountFile{fieldsOf("password gid user…"), 4}.read(root, text)
}

func readShadow(root *Node, text string) {
	accountFile{fieldsOf("password lastchange_date minage_days maxage_days warn_days inactive_days expire_date flag"), 9}.read(root, text)
}

func readGshadow(root *Node, text string) {
	accountFile{fieldsOf("password admin… member…"), 4}.read(root, text)
}
