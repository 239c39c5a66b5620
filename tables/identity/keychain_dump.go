package identity

import (
	"encoding/hex"
	"strings"

	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
)

// keychainEntry is one item as security(1) prints it.
type keychainEntry struct {
	kind       string
	attributes map[string]string // as printed
	access     []keychainAccess
}

// keychainAccess is one entry of an item's access list.
type keychainAccess struct {
	authorizations string
	description    string
	applications   []string
}

// keychainClasses are the kinds of item by the code of their class.
var keychainClasses = map[string]string{
	`"genp"`: "password", `"inet"`: "internet password", "0x80001000": "certificate", "0x0000000F": "public key", "0x00000010": "private key",
	"0x00000011": "symmetric key",
}

var (
	keychainAttribute   = lazyregexp.New(`^\s+("[a-z0-9 ]{4}"|0x[0-9A-Fa-f]{8}) ?<[a-z0-9]+>=(.*)$`)
	keychainRights      = lazyregexp.New(`^\s+authorizations \(\d+\): (.*)$`)
	keychainApplication = lazyregexp.New(`^\s+\d+: (/.*?) \((?:OK|status.*)\)$`)
)

// parseKeychain reads what dump-keychain prints: a paragraph for each item, and with -a its access list.
//
//	class: "genp"
//	attributes:
//	    0x00000007 <blob>="Example"
//	    "acct"<blob>="anna"
//	access: 1 entries
//	    entry 0:
//	        authorizations (1): decrypt
//	        description: Example
//	        applications (1):
//	            0: /Applications/Example.app (OK)
func parseKeychain(text string) []keychainEntry {
	var items []keychainEntry
	var item *keychainEntry
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if class, ok := strings.CutPrefix(line, "class: "); ok {
			items = append(items, keychainEntry{kind: keychainClasses[strings.TrimSpace(class)], attributes: map[string]string{}})
			item = &items[len(items)-1]
			continue
		}
		if item == nil {
			continue
		}
		last := len(item.access) - 1
		if m := keychainAttribute().FindStringSubmatch(line); m != nil {
			item.attributes[strings.Trim(m[1], `"`)] = m[2]
		} else if m := keychainRights().FindStringSubmatch(line); m != nil {
			item.access = append(item.access, keychainAccess{authorizations: m[1]})
		} else if last < 0 {
			continue
		} else if description, ok := strings.CutPrefix(strings.TrimSpace(line), "description: "); ok {
			item.access[last].description = description
		} else if m := keychainApplication().FindStringSubmatch(line); m != nil {
			item.access[last].applications = append(item.access[last].applications, m[1])
		}
	}
	return items
}

// label gives the name, which certificates, passwords and keys have in different attributes.
func (e *keychainEntry) label() string {
	if label := e.text("labl", "0x00000007"); label != "" {
		return label
	}
	return e.text("0x00000001", "")
}

// text gives an attribute by one of two names: "text", or 0x… "text with escapes", of which the digits are read; "" for
// <NULL>.
func (e *keychainEntry) text(name, other string) string {
	value := e.printed(name, other)
	if digits := e.hexadecimal(name, other); digits != "" {
		data, err := hex.DecodeString(digits)
		if err != nil {
			return ""
		}
		return strings.TrimRight(string(data), "\x00")
	}
	return strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
}

// hexadecimal gives the bytes of an attribute.
func (e *keychainEntry) hexadecimal(name, other string) string {
	raw, ok := strings.CutPrefix(e.printed(name, other), "0x")
	if !ok {
		return ""
	}
	digits, _, _ := strings.Cut(raw, " ")
	return strings.ToLower(digits)
}

func (e *keychainEntry) printed(name, other string) string {
	if value := e.attributes[name]; value != "" && value != "<NULL>" {
		return value
	}
	if value := e.attributes[other]; value != "<NULL>" {
		return value
	}
	return ""
}
