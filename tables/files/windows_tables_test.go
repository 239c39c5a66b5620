package files

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/authenticode"
	"github.com/tenantra/tenantra/tables/internal/authenticode/cattest"
	"github.com/tenantra/tenantra/tables/tabletest"
)

// windowsImage makes an image of Windows from files, whose names use forward slashes.
func windowsImage(t *testing.T, files map[string]string) tables.Host {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("an image is scanned from another system here")
	}
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1767323045, 0)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	h, err := host.NewImage(root, tables.Windows, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var windowsFiles = map[string]string{
	"Windows/win.ini": "[fonts]\r\n", "Windows/System32/a.dll": "MZ", "Windows/System32/drivers/b.sys": "bb", "Users/ada/x.txt": "one\r\ntwo",
}

func TestFileByPathsOfWindows(t *testing.T) {
	t.Parallel()
	h := windowsImage(t, windowsFiles)
	for _, c := range []struct {
		equal, like map[string][]string
		want        []string
	}{
		{map[string][]string{"path": {`c:\windows\WIN.INI`, `C:/Windows/win.ini`, `C:\none`, `D:\x`, `\\server\share\x`, "x"}}, nil, []string{`c:\windows\WIN.INI`, `C:/Windows/win.ini`}},
		{map[string][]string{"directory": {`C:\Windows`}}, nil, []string{`C:\Windows\System32`, `C:\Windows\win.ini`}},
		{nil, map[string][]string{"path": {`C:\Windows\%`}}, []string{`C:\Windows\System32\`, `C:\Windows\win.ini`}},
		{nil, map[string][]string{"path": {`C:\Users\%\x.txt`}}, []string{`C:\Users\ada\x.txt`}},
		{nil, map[string][]string{"path": {`C:\Windows\System32\%%`}}, []string{`C:\Windows\System32\a.dll`, `C:\Windows\System32\drivers\`, `C:\Windows\System32\drivers\b.sys`}},
		{nil, map[string][]string{"path": {`\\server\%`, `%`}}, nil},
	} {
		rows, err := tabletest.Rows(t.Context(), File, h, tabletest.Query(File, c.equal, c.like))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			got = append(got, row["path"].(string))
		}
		if len(got) != len(c.want) {
			t.Errorf("%v %v gives %q, want %q", c.equal, c.like, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v %v gives %q, want %q", c.equal, c.like, got, c.want)
				break
			}
		}
	}
}

func TestFileFactsOfWindows(t *testing.T) {
	t.Parallel()
	h := windowsImage(t, windowsFiles)
	rows, err := tabletest.Rows(t.Context(), File, h, tabletest.Query(File, map[string][]string{"path": {`C:\Windows\win.ini`}}, nil))
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	for column, want := range map[string]any{
		"directory": `C:\Windows`, "filename": "win.ini", "size": int64(9), "mtime": int64(1767323045), "type": "regular", "symlink": int64(0),
	} {
		if got := rows[0][column]; got != want {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
}

func TestHashAndLinesOfWindows(t *testing.T) {
	t.Parallel()
	h := windowsImage(t, windowsFiles)
	equal := map[string][]string{"path": {`c:\Users\ADA\x.txt`, `C:\none`}}
	rows, err := tabletest.Rows(t.Context(), Hash, h, tabletest.Query(Hash, equal, nil))
	if err != nil || len(rows) != 1 || rows[0]["path"] != `c:\Users\ADA\x.txt` || rows[0]["md5"] != "9d12a9835c4f0ba19f28510b3512b73b" {
		t.Errorf("hash: %v, %v", rows, err)
	}
	rows, err = tabletest.Rows(t.Context(), FileLines, h, tabletest.Query(FileLines, equal, nil))
	if err != nil || len(rows) != 2 || rows[1]["line"] != "two" {
		t.Errorf("lines: %v, %v", rows, err)
	}
}

func TestAttributeText(t *testing.T) {
	t.Parallel()
	if got := attributeText(0x20 | 0x1 | 0x2 | 0x4); got != "AHRS" {
		t.Error(got)
	}
}

func TestAuthenticode(t *testing.T) { tabletest.Run(t, Authenticode) }

// TestAuthenticodeOfListedFiles looks at programs that a catalogue of the system signs.
func TestAuthenticodeOfListedFiles(t *testing.T) {
	t.Parallel()
	plain, err := os.ReadFile("testdata/authenticode/windows-11/root/Tools/plain.exe")
	if err != nil {
		t.Fatal(err)
	}
	digests, err := authenticode.FileDigests(t.Context(), bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	signer, err := cattest.NewSigner("Contoso Windows")
	if err != nil {
		t.Fatal(err)
	}
	good, err := signer.Catalogue(cattest.Member{Identifier: make([]byte, 32)}, cattest.Member{Identifier: digests[0]})
	if err != nil {
		t.Fatal(err)
	}
	// Another catalogue whose list was changed to name the file after it was signed.
	forged, err := signer.Catalogue(cattest.Member{Identifier: bytes.Repeat([]byte{7}, 20)})
	if err != nil {
		t.Fatal(err)
	}
	forged = bytes.Replace(forged, bytes.Repeat([]byte{7}, 20), digests[1], 1)
	const dir = "Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/"
	changed := bytes.Clone(plain)
	changed[len(changed)-1] ^= 1
	for name, c := range map[string]struct {
		catalogues map[string]string
		want       string
	}{
		"none":            {nil, "missing"},
		"listed":          {map[string]string{dir + "a.cat": string(good)}, "valid"},
		"in other letter": {map[string]string{dir + "A.CAT": string(good)}, "valid"},
		"forged":          {map[string]string{dir + "a.cat": string(forged)}, "untrusted"},
		"forged before":   {map[string]string{dir + "a.cat": string(forged), dir + "b.cat": string(good)}, "valid"},
		"cut":             {map[string]string{dir + "a.cat": string(good[:len(good)/2])}, "missing"},
		"no catalogue":    {map[string]string{dir + "a.cat": "text", dir + "b.txt": string(good)}, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"Windows/explorer.exe": string(plain), "Windows/changed.exe": string(changed)}
			maps.Copy(files, c.catalogues)
			h := windowsImage(t, files)
			equal := map[string][]string{"path": {`C:\Windows\explorer.exe`, `C:\Windows\changed.exe`}}
			rows, err := tabletest.Rows(t.Context(), Authenticode, h, tabletest.Query(Authenticode, equal, nil))
			if err != nil || len(rows) != 2 {
				t.Fatal(rows, err)
			}
			if rows[0]["result"] != c.want || (rows[0]["subject_name"] == "Contoso Windows") == (c.want == "missing") || rows[1]["result"] != "missing" {
				t.Errorf("rows %v, wanted %s", rows, c.want)
			}
		})
	}
}
