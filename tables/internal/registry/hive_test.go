package registry

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// testKey is a key of a hive that a test writes.
type testKey struct {
	name   string
	values []Value
	keys   []testKey
	nested bool // its subkeys are listed by a list of lists
}

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// writeHive makes a hive file.
func writeHive(root testKey) []byte {
	w := &hiveWriter{data: make([]byte, cellsStart)}
	copy(w.data, hiveMagic)
	offset := w.key(root, noCell)
	binary.LittleEndian.PutUint32(w.data[rootAt:], offset)
	return w.data
}

type hiveWriter struct{ data []byte }

func (w *hiveWriter) cell(content []byte) uint32 {
	offset := uint32(len(w.data) - cellsStart)
	size := (len(content) + 4 + 7) &^ 7
	w.data = binary.LittleEndian.AppendUint32(w.data, uint32(-int32(size)))
	w.data = append(w.data, content...)
	w.data = append(w.data, make([]byte, size-4-len(content))...)
	return offset
}

func (w *hiveWriter) list(kind string, step int, offsets []uint32) uint32 {
	content := append([]byte(kind), 0, 0)
	binary.LittleEndian.PutUint16(content[2:], uint16(len(offsets)))
	for _, o := range offsets {
		content = binary.LittleEndian.AppendUint32(content, o)
		content = append(content, make([]byte, step-4)...)
	}
	return w.cell(content)
}

func (w *hiveWriter) key(k testKey, parent uint32) uint32 {
	content := make([]byte, keyHeader, keyHeader+len(k.name))
	copy(content, "nk")
	name := []byte(k.name)
	if slices.ContainsFunc(name, func(b byte) bool { return b >= 0x80 }) {
		name = bytes.TrimSuffix(encodeUTF16(k.name), []byte{0, 0})
	} else {
		binary.LittleEndian.PutUint16(content[2:], 0x20)
	}
	binary.LittleEndian.PutUint64(content[4:], uint64(testTime.Unix()+11644473600)*1e7)
	binary.LittleEndian.PutUint32(content[0x10:], parent)
	binary.LittleEndian.PutUint16(content[0x48:], uint16(len(name)))
	offset := w.cell(append(content, name...))
	at := cellsStart + int(offset) + 4

	var keys, values []uint32
	for _, sub := range k.keys {
		keys = append(keys, w.key(sub, offset))
	}
	if len(keys) > 0 {
		list := w.list("lh", 8, keys)
		if k.nested {
			list = w.list("ri", 4, []uint32{w.list("li", 4, keys[:1]), w.list("lf", 8, keys[1:])})
		}
		binary.LittleEndian.PutUint32(w.data[at+0x14:], uint32(len(keys)))
		binary.LittleEndian.PutUint32(w.data[at+0x1C:], list)
	}
	for _, v := range k.values {
		values = append(values, w.value(v))
	}
	if len(values) > 0 {
		list := w.list("xx", 4, values) // a list of values has no head
		binary.LittleEndian.PutUint32(w.data[at+0x24:], uint32(len(values)))
		copy(w.data[cellsStart+int(list)+4:], w.data[cellsStart+int(list)+8:cellsStart+int(list)+8+4*len(values)])
		binary.LittleEndian.PutUint32(w.data[at+0x28:], list)
	}
	return offset
}

func (w *hiveWriter) value(v Value) uint32 {
	content := make([]byte, valueHeader)
	copy(content, "vk")
	binary.LittleEndian.PutUint16(content[2:], uint16(len(v.Name)))
	binary.LittleEndian.PutUint32(content[0xC:], v.Type)
	binary.LittleEndian.PutUint16(content[0x10:], 1)
	length := uint32(len(v.Data))
	switch {
	case length <= 4:
		copy(content[8:], v.Data)
		length |= 1 << 31
	case length <= segmentSize:
		binary.LittleEndian.PutUint32(content[8:], w.cell(v.Data))
	default:
		var segments []uint32
		for part := range slices.Chunk(v.Data, segmentSize) {
			segments = append(segments, w.cell(part))
		}
		var list []byte
		for _, s := range segments {
			list = binary.LittleEndian.AppendUint32(list, s)
		}
		big := append([]byte("db"), byte(len(segments)), byte(len(segments)>>8))
		big = binary.LittleEndian.AppendUint32(big, w.cell(list))
		binary.LittleEndian.PutUint32(content[8:], w.cell(big))
	}
	binary.LittleEndian.PutUint32(content[4:], length)
	return w.cell(append(content, v.Name...))
}

// sampleHive has each form of list, name and data.
func sampleHive() []byte {
	var many []testKey
	for i := range 40 {
		many = append(many, testKey{name: fmt.Sprintf("Key%02d", i)})
	}
	return writeHive(testKey{name: "ROOT", nested: true, keys: []testKey{
		{name: "Software", values: []Value{
			{"", SZ, encodeUTF16("the default")},
			{"Number", DWord, []byte{1, 2, 0, 0}},
			{"Long", QWord, []byte{1, 0, 0, 0, 1, 0, 0, 0}},
			{"Many", MultiSZ, append(encodeUTF16("one"), append(encodeUTF16("two"), 0, 0)...)},
			{"Empty", Binary, nil},
			{"Large", Binary, bytes.Repeat([]byte{0xAB}, 2*segmentSize+5)},
		}},
		{name: "Grüße", keys: []testKey{{name: "Inner"}}},
		{name: "Many", keys: many},
	}})
}

func openSample(t *testing.T, data []byte) *Key {
	t.Helper()
	n, err := readHive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return &Key{Path: "HKEY_TEST", node: n}
}

func TestHive(t *testing.T) {
	t.Parallel()
	root := openSample(t, sampleHive())
	if names := strings.Join(root.Names(), " "); names != "Software Grüße Many" {
		t.Errorf("subkeys %q", names)
	}
	if inner := root.Open(`grüsse\Inner`); inner != nil {
		t.Error("a key of another name was found")
	}
	if inner := root.Open(`GRÜßE\inner`); inner == nil || inner.Name() != "inner" {
		t.Errorf("key by another case: %v", inner)
	}
	if many := root.Open("Many"); len(many.Names()) != 40 || many.Open("key39") == nil {
		t.Errorf("keys of a long list: %v", many.Names())
	}
	software := root.Open("Software")
	if !software.Written().Equal(testTime) || software.WrittenUnix() != testTime.Unix() {
		t.Errorf("written %v", software.Written())
	}
	for name, want := range map[string]string{"": "the default", "number": "513", "Long": "4294967297", "Many": "one,two", "Empty": ""} {
		if v, ok := software.Value(name); !ok || v.Text() != want {
			t.Errorf("value %q is %q, %v; want %q", name, v.Text(), ok, want)
		}
	}
	if v, _ := software.Value("Large"); len(v.Data) != 2*segmentSize+5 || v.Data[len(v.Data)-1] != 0xAB {
		t.Errorf("data in segments has %d bytes", len(v.Data))
	}
	if _, ok := software.Value("none"); ok {
		t.Error("a value that is not there")
	}
}

// A list that names its own key, or the root, must not make a walk endless.
func TestHiveLoops(t *testing.T) {
	t.Parallel()
	data := writeHive(testKey{name: "ROOT", keys: []testKey{{name: "A", keys: []testKey{{name: "B"}}}}})
	root := binary.LittleEndian.Uint32(data[rootAt:])
	h := &hive{file: bytes.NewReader(data), size: int64(len(data)), root: root, pages: map[int64][]byte{}}
	r, _ := h.key(root)
	var offsets []uint32
	r.list(r.u32(0x1C), true, func(o uint32) bool { offsets = append(offsets, o); return true })
	a, _ := h.key(offsets[0])
	list := cellsStart + int(a.u32(0x1C)) + 4 + 4
	for _, back := range []uint32{root, offsets[0]} {
		binary.LittleEndian.PutUint32(data[list:], back)
		if names := openSample(t, data).Open("A").Names(); len(names) != 0 {
			t.Errorf("A lists %v", names)
		}
	}
}

// walk visits all of a key and gives how many keys it met.
func walk(k *Key, depth int) int {
	if depth == 0 {
		return 0
	}
	n := 1
	for _, v := range k.Values() {
		_ = v.Text()
	}
	_ = k.Keys(func(sub *Key) error {
		n += walk(sub, depth-1)
		return nil
	})
	return n
}

func FuzzHive(f *testing.F) {
	f.Add(sampleHive())
	f.Add([]byte(hiveMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := readHive(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if met := walk(&Key{node: n}, DepthMax); met > len(data) {
			t.Errorf("%d keys in %d bytes", met, len(data))
		}
	})
}
