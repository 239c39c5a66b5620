package audit

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// fields are the name=value pairs of a record as they stand there. Of a name that comes twice the first counts: what programs
// report comes after what the kernel says of them.
type fields map[string]string

// fieldsMax bounds how many are read of one record.
const fieldsMax = 1024

// parseFields reads a record's pairs. A value is in quotes, or ends at a blank; what a program reported stands in single
// quotes as the value of msg, and has pairs of its own.
func parseFields(text string) fields {
	f := fields{}
	f.parse(text, 1)
	return f
}

func (f fields) parse(text string, depth int) {
	for len(text) > 0 && len(f) < fieldsMax {
		text = strings.TrimLeft(text, " \x1d,")
		end := strings.IndexAny(text, "= ")
		if end < 0 {
			return
		}
		if text[end] == ' ' {
			text = text[end:] // a word alone
			continue
		}
		name := text[:end]
		text = text[end+1:]
		value := text
		if text != "" && (text[0] == '"' || text[0] == '\'') {
			if last := strings.IndexByte(text[1:], text[0]); last >= 0 {
				value, text = text[:last+2], text[last+2:]
			} else {
				text = ""
			}
		} else if blank := strings.IndexAny(text, " \x1d"); blank >= 0 {
			value, text = text[:blank], text[blank:]
		} else {
			text = ""
		}
		if name == "msg" && depth > 0 && strings.HasPrefix(value, "'") {
			f.parse(strings.Trim(value, "'"), depth-1)
		}
		if _, twice := f[name]; !twice && name != "" {
			f[name] = value
		}
	}
}

// text gives a value that a program could choose: in quotes, or hexadecimal where it has bytes that a line must not have.
func (f fields) text(name string) string {
	value := f[name]
	switch {
	case strings.HasPrefix(value, `"`):
		return strings.Trim(value, `"`)
	case value == "?", value == "(null)", value == "(none)":
		return ""
	}
	if raw, err := hex.DecodeString(value); err == nil && len(value) > 0 && value == strings.ToUpper(value) {
		return string(raw)
	}
	return value
}

// word gives a value that is never hexadecimal.
func (f fields) word(name string) string {
	value := strings.Trim(f[name], `"'`)
	if value == "?" || value == "(null)" || value == "(none)" {
		return ""
	}
	return value
}

// number gives a decimal value; 0 where there is none.
func (f fields) number(name string) int64 {
	n, err := strconv.ParseInt(f[name], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// maybe gives a decimal value, NULL where there is none or where it is the kernel's word for unset.
func (f fields) maybe(name string) tables.Null[int64] {
	const unset = 1<<32 - 1
	n, err := strconv.ParseInt(f[name], 10, 64)
	if err != nil || n == unset || n < 0 {
		return tables.Null[int64]{}
	}
	return tables.Some(n)
}

// arguments gives the arguments of an EXECVE record, and how many bytes they had before the kernel cut them. The kernel splits
// long ones over several records, as a1[0], a1[1].
func (f fields) arguments() (list []string, size int64) {
	const argumentsMax = 4096
	count := min(f.number("argc"), argumentsMax)
	for i := range count {
		name := "a" + strconv.FormatInt(i, 10)
		argument := ""
		if _, whole := f[name]; whole {
			argument = f.text(name)
		} else {
			for part := 0; ; part++ {
				key := name + "[" + strconv.Itoa(part) + "]"
				if _, there := f[key]; !there {
					break
				}
				argument += f.text(key)
			}
		}
		list = append(list, argument)
		size += max(int64(len(argument)), f.number(name+"_len")/2) + 1
	}
	return list, size
}
