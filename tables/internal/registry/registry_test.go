package registry

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
)

// machine makes an image of Windows from hives by their paths.
func machine(t *testing.T, files map[string]string) *Registry {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Windows, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Open(t.Context(), h)
	t.Cleanup(r.Close)
	return r
}

const head = "Windows Registry Editor Version 5.00\r\n\r\n"

var sampleFiles = map[string]string{
	"Windows/System32/config/SYSTEM": head + `[HKEY_LOCAL_MACHINE\SYSTEM\Select]
"Current"=dword:00000002
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control]
"Which"="first"
[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet002\Control]
"Which"="second"
`,
	"Windows/System32/config/SOFTWARE": head + `[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1-2-3-1001]
"ProfileImagePath"=hex(2):25,00,53,00,79,00,73,00,74,00,65,00,6d,00,44,00,72,00,\
  69,00,76,00,65,00,25,00,5c,00,55,00,73,00,65,00,72,00,73,00,5c,00,61,00,64,00,\
  61,00,00,00
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1-2-3-1002]
"ProfileImagePath"="C:\\Users\\gone"
[HKEY_LOCAL_MACHINE\SOFTWARE\Classes\.txt]
@="txtfile"
[HKEY_CURRENT_USER\Elsewhere]
"not"="here"
`,
	"Users/ada/NTUSER.DAT": head + `[HKEY_CURRENT_USER\Software\Contoso]
; written 2026-01-02T03:04:05Z
"Say"="a \"quoted\" \\ text"
`,
	"Users/ada/AppData/Local/Microsoft/Windows/UsrClass.dat": head + `[HKEY_USERS\S-1-5-21-1-2-3-1001_Classes\Local]
"b"=hex:01,ff
`,
}

func TestImage(t *testing.T) {
	t.Parallel()
	r := machine(t, sampleFiles)
	for path, want := range map[string]string{
		`HKEY_LOCAL_MACHINE`:                                        "SOFTWARE SYSTEM",
		`hkey_local_machine\system`:                                 "Select ControlSet001 ControlSet002 CurrentControlSet",
		`HKEY_CLASSES_ROOT`:                                         ".txt",
		`HKEY_USERS`:                                                "S-1-5-21-1-2-3-1001 S-1-5-21-1-2-3-1001_Classes",
		`HKEY_USERS\S-1-5-21-1-2-3-1001\Software`:                   "Contoso Classes",
		`HKEY_USERS\S-1-5-21-1-2-3-1001\SOFTWARE\CLASSES`:           "Local",
		`HKEY_USERS\S-1-5-21-1-2-3-1001_Classes`:                    "Local",
		`HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\Nothing`:  "none",
		`HKEY_LOCAL_MACHINE\SECURITY`:                               "none",
		`HKEY_USERS\S-1-5-21-1-2-3-1002`:                            "none",
		`HKEY_NOWHERE`:                                              "none",
		`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Which`: "none",
	} {
		got := "none"
		if key := r.Key(path); key != nil {
			got = strings.Join(key.Names(), " ")
		}
		if got != want {
			t.Errorf("%s has the keys %q, want %q", path, got, want)
		}
	}
	if got := r.Key(`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control`).Text("which"); got != "second" {
		t.Errorf("the current control set is the %s", got)
	}
	contoso := r.Key(`HKEY_USERS\S-1-5-21-1-2-3-1001\Software\Contoso`)
	if got := contoso.Text("Say"); got != `a "quoted" \ text` {
		t.Errorf("text is %s", got)
	}
	if !contoso.Written().Equal(testTime) {
		t.Errorf("written %v", contoso.Written())
	}
	if got := r.Roots(); !slices.Contains(got, "HKEY_USERS") {
		t.Errorf("roots %v", got)
	}
}

func TestImageWithHives(t *testing.T) {
	t.Parallel()
	r := machine(t, map[string]string{
		"windows/SYSTEM32/Config/software": string(sampleHive()),
		"windows/SYSTEM32/Config/SYSTEM":   "neither",
		"windows/SYSTEM32/Config/SAM":      hiveMagic,
	})
	if got := r.Key(`HKEY_LOCAL_MACHINE\SOFTWARE\Software`).Text("Number"); got != "513" {
		t.Errorf("number is %q", got)
	}
	for _, broken := range []string{"SYSTEM", "SAM"} {
		if r.Key(`HKEY_LOCAL_MACHINE\`+broken) != nil {
			t.Errorf("%s was read", broken)
		}
	}
}

func TestNoRegistry(t *testing.T) {
	t.Parallel()
	r := machine(t, nil)
	for _, path := range []string{`HKEY_LOCAL_MACHINE\SOFTWARE`, `HKEY_USERS\x`, `HKEY_CLASSES_ROOT\x`, ""} {
		if r.Key(path) != nil {
			t.Errorf("%q is there", path)
		}
	}
	if key := r.Key("HKEY_CLASSES_ROOT"); len(key.Names())+len(key.Values()) != 0 || !key.Written().IsZero() {
		t.Error("an absent key holds something")
	}
}

func TestExportErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "neither",
		"[HKEY_X]":                     "neither",
		head + "[HKEY_X]\n\"a\"=what":  "line 4",
		head + "[HKEY_X]\n\"a":         "closing quotation mark",
		head + "[HKEY_X]\nbare=\"b\"":  "without quotation marks",
		head + "[HKEY_X]\n@\"b\"":      "without =",
		head + "[HKEY_X]\n@=hex(2)":    "without a colon",
		head + "[HKEY_X]\n@=hex:0":     "line 4",
		head + "[HKEY_X]\n; written x": "line 4",
		head + "[HKEY_X\\" + strings.Repeat(`a\`, DepthMax) + "b]": "levels",
	} {
		if _, err := parseExport([]byte(text), "HKEY_X"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want one with %q", text, err, want)
		}
	}
}

func TestExportInUTF16(t *testing.T) {
	t.Parallel()
	text := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(head + "[HKEY_X]\r\n@=\"grüße\"\r\n\"q\"=hex(b):01,00,00,00,00,00,00,00\r\n")) {
		text = binary.LittleEndian.AppendUint16(text, unit)
	}
	n, err := parseExport(text, "HKEY_X")
	if err != nil {
		t.Fatal(err)
	}
	key := &Key{node: n}
	if q, ok := key.Int("q"); key.Text("") != "grüße" || q != 1 || !ok {
		t.Errorf("values %v", key.Values())
	}
}

func FuzzExport(f *testing.F) {
	for _, text := range sampleFiles {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if n, err := parseExport(text, `HKEY_LOCAL_MACHINE\SOFTWARE`); err == nil {
			walk(&Key{node: n}, DepthMax)
		}
	})
}
