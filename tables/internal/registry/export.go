package registry

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// exportKey is a key of a text that regedit wrote.
type exportKey struct {
	name     string
	children []*exportKey
	vals     []Value
	changed  time.Time
}

func (k *exportKey) subkeys() []string {
	names := make([]string, len(k.children))
	for i, child := range k.children {
		names[i] = child.name
	}
	return names
}

func (k *exportKey) child(name string) node {
	if child := k.find(name); child != nil {
		return child
	}
	return nil
}

func (k *exportKey) find(name string) *exportKey {
	for _, child := range k.children {
		if sameName(child.name, name) {
			return child
		}
	}
	return nil
}

func (k *exportKey) values() []Value { return k.vals }

func (k *exportKey) written() time.Time { return k.changed }

// parseExport reads a text that regedit wrote, in UTF-16 or UTF-8, as the hive that is mounted on a path. Keys outside that
// path are left out. What the format cannot tell, the time of a key's last change, may stand in a comment after the key:
//
//	[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]
//	; written 2026-01-02T03:04:05Z
//	"Version"="1.2"
func parseExport(text []byte, mount string) (*exportKey, error) {
	lines := exportLines(text)
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "Windows Registry Editor Version 5") && !strings.HasPrefix(lines[0], "REGEDIT4") {
		return nil, errNoHive
	}
	root := &exportKey{}
	var at *exportKey
	for i, line := range lines[1:] {
		var err error
		switch {
		case strings.HasPrefix(line, "["):
			at, err = root.enter(strings.TrimSuffix(line[1:], "]"), mount)
		case strings.HasPrefix(line, "; written "):
			if at != nil {
				at.changed, err = time.Parse(time.RFC3339, strings.TrimPrefix(line, "; written "))
			}
		case line == "" || strings.HasPrefix(line, ";") || at == nil:
		default:
			var v Value
			if v, err = parseExportValue(line); err == nil {
				at.vals = append(at.vals, v)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return root, nil
}

// exportLines gives the lines, those that end in a backslash joined with the next.
func exportLines(text []byte) []string {
	if bytes.HasPrefix(text, []byte{0xFF, 0xFE}) {
		text = []byte(UTF16(text[2:]))
	}
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	var lines []string
	var whole strings.Builder
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if whole.Len() > 0 {
			line = strings.TrimLeft(line, " ")
		}
		if part, more := strings.CutSuffix(line, `\`); more && !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, ";") {
			whole.WriteString(part)
			continue
		}
		whole.WriteString(line)
		lines = append(lines, whole.String())
		whole.Reset()
	}
	return lines
}

// enter gives the key of a path of the whole registry, making it where it is new; nil where it is not in this hive.
func (k *exportKey) enter(path, mount string) (*exportKey, error) {
	rest, inside := cutPath(path, mount)
	if !inside && strings.HasPrefix(strings.ToUpper(mount), `HKEY_USERS\`) {
		if strings.HasSuffix(strings.ToLower(mount), "_classes") {
			rest, inside = cutPath(path, `HKEY_CURRENT_USER\Software\Classes`)
		} else {
			rest, inside = cutPath(path, "HKEY_CURRENT_USER")
		}
	}
	if !inside {
		return nil, nil
	}
	at := k
	if rest == "" {
		return at, nil
	}
	if strings.Count(rest, `\`) >= DepthMax {
		return nil, fmt.Errorf("key is more than %d levels deep", DepthMax)
	}
	for name := range strings.SplitSeq(rest, `\`) {
		child := at.find(name)
		if child == nil {
			child = &exportKey{name: name}
			at.children = append(at.children, child)
		}
		at = child
	}
	return at, nil
}

// cutPath gives what follows a key in a path of keys.
func cutPath(path, key string) (rest string, inside bool) {
	if len(path) < len(key) || !sameName(path[:len(key)], key) {
		return "", false
	}
	rest = path[len(key):]
	if rest == "" {
		return "", true
	}
	return strings.CutPrefix(rest, `\`)
}

func parseExportValue(line string) (Value, error) {
	var v Value
	rest, isDefault := strings.CutPrefix(line, "@")
	if !isDefault {
		var err error
		if v.Name, rest, err = quoted(line); err != nil {
			return v, err
		}
	}
	rest, ok := strings.CutPrefix(rest, "=")
	if !ok {
		return v, errors.New("value without =")
	}
	switch {
	case strings.HasPrefix(rest, `"`):
		text, _, err := quoted(rest)
		v.Type, v.Data = SZ, encodeUTF16(text)
		return v, err
	case strings.HasPrefix(rest, "dword:"):
		n, err := strconv.ParseUint(strings.TrimSpace(rest[6:]), 16, 32)
		v.Type, v.Data = DWord, binary.LittleEndian.AppendUint32(nil, uint32(n))
		return v, err
	case strings.HasPrefix(rest, "hex"):
		kind, digits, found := strings.Cut(rest[3:], ":")
		v.Type = Binary
		if kind != "" {
			n, err := strconv.ParseUint(strings.Trim(kind, "()"), 16, 32)
			if err != nil {
				return v, err
			}
			v.Type = uint32(n)
		}
		if !found {
			return v, errors.New("hexadecimal value without a colon")
		}
		var err error
		v.Data, err = hex.DecodeString(strings.NewReplacer(",", "", " ", "").Replace(digits))
		return v, err
	default:
		return v, errors.New("value of an unknown form")
	}
}

// quoted reads a text in quotation marks, in which a backslash takes the next character as it is.
func quoted(text string) (value, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", errors.New("text without quotation marks")
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", errors.New("text without its closing quotation mark")
}

func encodeUTF16(text string) []byte {
	var data []byte
	for _, unit := range utf16.Encode([]rune(text + "\x00")) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return data
}
