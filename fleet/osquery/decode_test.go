package osquery

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

func TestRunsOfEveryFormat(t *testing.T) {
	t.Parallel()
	type told struct{ Added, Removed []map[string]any }
	for name, test := range map[string]struct {
		lines   string
		want    map[runKey]told
		unknown int
	}{
		"events of one run": {`
{"name":"q","epoch":"7","counter":3,"action":"added","columns":{"a":"1"}},
{"name":"q","epoch":7,"counter":"3","action":"removed","columns":{"a":"2"}}`,
			map[runKey]told{{"q", 7, 3, false}: {[]map[string]any{{"a": "1"}}, []map[string]any{{"a": "2"}}}}, 0},
		"a batch": {`{"name":"q","counter":1,"diffResults":{"added":[{"a":"1"}],"removed":""}}`,
			map[runKey]told{{"q", 0, 1, false}: {[]map[string]any{{"a": "1"}}, nil}}, 0},
		"a snapshot": {`{"name":"q","counter":0,"action":"snapshot","snapshot":[{"a":9007199254740993}]}`,
			map[runKey]told{{"q", 0, 0, true}: {[]map[string]any{{"a": json.Number("9007199254740993")}}, nil}}, 0},
		"an empty snapshot": {`{"name":"q","counter":2,"action":"snapshot","snapshot":[]}`,
			map[runKey]told{{"q", 0, 2, true}: {}}, 0},
		"a snapshot as events": {`{"name":"q","action":"snapshot","columns":{"a":"1"}},{"name":"q","action":"snapshot","columns":{"a":"2"}}`,
			map[runKey]told{{"q", 0, 0, true}: {[]map[string]any{{"a": "1"}, {"a": "2"}}, nil}}, 0},
		"lines without a result": {`{"name":"q"},{"columns":{"a":"1"},"action":"added"},{"name":"q","columns":{},"action":"moved"}`, map[runKey]told{}, 3},
	} {
		var r logRequest
		if err := decode([]byte(`{"node_key":"k","log_type":"result","data":[`+test.lines+`]}`), &r); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		runs, unknown := runsOf(r.Data)
		got := map[runKey]told{}
		for _, one := range runs {
			got[one.runKey] = told{one.added, one.removed}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || unknown != test.unknown {
			t.Errorf("%s: %d lines are unknown, want %d; runs (-want +got)\n%s", name, unknown, test.unknown, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `[`, `{} {}`, `{"data":{}}`, `{"data":[{"columns":[]}]}`, `{"data":[{"snapshot":{"a":1}}]}`, `{"node_key":1}`} {
		if err := decode([]byte(text), &logRequest{}); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

func TestCollectionsOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"pack:net/ports#00aa11bb":          {"pack:net/ports"},
		"check:ssh-root#00aa11bb":          {"check:ssh-root"},
		"pack/pack:net/ports#00aa11bb/q":   {"pack:net/ports"},
		"pack_pack:net/ports#00aa11bb_q":   {"pack:net/ports"},
		"pack/net/ports":                   {"pack/net/ports", "pack:net/ports"},
		"pack_my_net_ports":                {"pack_my_net_ports", "pack:my/net_ports", "pack:my_net/ports"},
		"pack":                             {"pack"},
		"pack/":                            {"pack/"},
		"something":                        {"something"},
		"check:ssh-root/applies#0123abcd":  {"check:ssh-root/applies"},
		"packages":                         {"packages"},
		"pack:inventory/os_version#012345": {"pack:inventory/os_version"},
	} {
		if diff := cmp.Diff(want, collectionsOf(name)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestValuesHaveTheirTypes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cell any
		typ  tables.Type
		want tables.Value
	}{
		{"12", tables.Integer, tables.IntValue(12)},
		{"-9223372036854775808", tables.BigInt, tables.IntValue(-9223372036854775808)},
		{"", tables.BigInt, tables.Value{}},
		{"none", tables.Integer, tables.TextValue("none")},
		{"18446744073709551615", tables.UnsignedBigInt, tables.TextValue("18446744073709551615")},
		{"0.5", tables.Double, tables.FloatValue(0.5)},
		{"12", tables.Text, tables.TextValue("12")},
		{"12", "", tables.TextValue("12")},
		{json.Number("12"), "", tables.IntValue(12)},
		{json.Number("12"), tables.Double, tables.FloatValue(12)},
		{json.Number("1e3"), "", tables.FloatValue(1000)},
		{true, "", tables.IntValue(1)},
		{nil, tables.Text, tables.Value{}},
	} {
		got, err := valueOf(test.cell, test.typ)
		if err != nil || got != test.want {
			t.Errorf("%v as %q: %+v, %v, want %+v", test.cell, test.typ, got, err, test.want)
		}
	}
	if _, err := valueOf([]any{}, ""); err == nil {
		t.Error("a list is a cell")
	}
}

func TestSchemaReads(t *testing.T) {
	t.Parallel()
	core, err := parseSchema(schemaText)
	if err != nil || len(core) < 250 {
		t.Fatalf("%d tables, %v", len(core), err)
	}
	for _, text := range []string{"users l", "users x uid", "users l uid more"} {
		if _, err := parseSchema(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestBodiesAreShared(t *testing.T) {
	t.Parallel()
	b := bodies{held: map[string]int64{}}
	if !b.take("a", bodyMax) || b.take("a", bodyMax) || !b.take("b", bodyMax) {
		t.Error("one address takes what is others'")
	}
	b.give("a", bodyMax)
	b.give("b", bodyMax)
	if b.all != 0 || len(b.held) != 0 {
		t.Errorf("%d bytes are held for nobody", b.all)
	}
}

// FuzzLog has any body make runs that can be stored, or an error.
func FuzzLog(f *testing.F) {
	for _, seed := range []string{
		`{"node_key":"k","log_type":"result","data":[{"name":"q","action":"added","columns":{"a":"1"},"epoch":1,"counter":"2","unixTime":3}]}`,
		`{"data":[{"name":"pack/a/b","snapshot":[{"a":1.5,"b":null}]},{"name":"q","diffResults":{"added":"","removed":[{}]}}]}`,
		`{"data":[{"severity":"1","line":12,"message":"m"}]}`, strings.Repeat("[", 20_000),
	} {
		f.Add([]byte(seed))
	}
	p := &plan{columns: []string{"a"}, types: map[string]tables.Type{"a": tables.Integer}}
	f.Fuzz(func(t *testing.T, body []byte) {
		var r logRequest
		if decode(body, &r) != nil {
			return
		}
		runs, unknown := runsOf(r.Data)
		if unknown > len(r.Data) || len(runs) > len(r.Data) {
			t.Fatalf("%d runs and %d unknown lines of %d", len(runs), unknown, len(r.Data))
		}
		for _, one := range runs {
			collectionsOf(one.name)
			columns := p.shape(one.added, one.removed)
			values, err := p.values(columns, one.added)
			if err == nil && len(values) != len(one.added) {
				t.Fatalf("%d rows of %d", len(values), len(one.added))
			}
		}
	})
}
