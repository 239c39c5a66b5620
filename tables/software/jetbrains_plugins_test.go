package software

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/agent/host"
	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/tabletest"
)

const pluginXML = `<?xml version="1.0" encoding="UTF-8"?><idea-plugin url="x"><id>a.b</id><name>Rainbow &amp; Co</name><version>1.2</version>
<vendor email="a@b.example" url="https://b.example">
  Ann
</vendor><depends><name>not this</name></depends></idea-plugin>`

// jar packs files; names and contents alternate.
func jar(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJetBrainsPlugins(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name string, data []byte) {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("etc/passwd", []byte("ann:x:1000:1000::/home/ann:/bin/sh\n"))
	const base = "home/ann/.local/share/JetBrains/"
	described := jar(t, "META-INF/plugin.xml", pluginXML)
	write(base+"GoLand2025.1/single.jar", described)
	write(base+"GoLand2025.1/notes.txt", described)
	write(base+"PyCharmCE2024.3/plugins/rainbow/lib/gson.jar", jar(t, "META-INF/MANIFEST.MF", "x"))
	write(base+"PyCharmCE2024.3/plugins/rainbow/lib/rainbow-1.2.jar", described)
	write(base+"PyCharmCE2024.3/plugins/broken/lib/a.jar", described[:len(described)/2])
	write(base+"consentOptions/x.jar", described)
	h, err := host.NewImage(root, tables.Linux, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := tabletest.Rows(t.Context(), JetBrainsPlugins, h, tabletest.Query(JetBrainsPlugins, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	row := func(product, path string) tabletest.Row {
		return tabletest.Row{"product_type": product, "uid": int64(1000), "name": "Rainbow & Co", "version": "1.2", "vendor": "Ann", "path": "/" + base + path}
	}
	want := []tabletest.Row{row("goland", "GoLand2025.1/single.jar"), row("pycharm_community_edition", "PyCharmCE2024.3/plugins/rainbow")}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

// TestZipEntryIsBounded is S35 for archives.
func TestZipEntryIsBounded(t *testing.T) {
	t.Parallel()
	if _, err := zipEntry(jar(t, "a", strings.Repeat("x", zipEntryMax+1)), "a"); err == nil {
		t.Error("a large file is unpacked")
	}
	small := jar(t, "a", "b")
	end := bytes.LastIndex(small, []byte("PK\x05\x06"))
	large := append([]byte(strings.Repeat("PK\x01\x02", zipDirectoryMax/2)), small[end:]...) // a list of half a million names
	binary.LittleEndian.PutUint32(large[len(large)-10:], uint32(len(large)-22))
	binary.LittleEndian.PutUint32(large[len(large)-6:], 0)
	for _, data := range [][]byte{nil, []byte("PK\x05\x06"), large, small[:end]} {
		if _, err := zipEntry(data, "a"); err == nil {
			t.Errorf("%d bytes are taken for an archive", len(data))
		}
	}
	if text, err := zipEntry(small, "a"); err != nil || string(text) != "b" {
		t.Errorf("%q, error %v", text, err)
	}
}

func FuzzZipEntry(f *testing.F) {
	f.Add(jar(f, "META-INF/plugin.xml", pluginXML))
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, err := zipEntry(data, "META-INF/plugin.xml"); err == nil && len(text) > zipEntryMax {
			t.Errorf("%d bytes were unpacked", len(text))
		}
	})
}

func FuzzParseJetBrainsPlugin(f *testing.F) {
	f.Add([]byte(pluginXML))
	f.Add([]byte("<a><name><![CDATA[x]]></name><name>y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if row, ok := parseJetBrainsPlugin(data); ok != (row.Name != "") {
			t.Errorf("%+v, %t", row, ok)
		}
	})
}
