package tables

import (
	"encoding/json"
	"math"
	"testing"
)

func TestValueKeepsItsKindThroughJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		value Value
		json  string
	}{
		{Value{}, `null`},
		{IntValue(math.MaxInt64), `9223372036854775807`},
		{IntValue(-3), `-3`},
		{FloatValue(3), `3.0`},
		{FloatValue(1e300), `1e+300`},
		{TextValue("a\"\x01é"), `"a\"\u0001é"`},
		{TextValue(""), `""`},
		{BlobValue([]byte{0, 255}), `{"blob":"AP8="}`},
		{BlobValue(nil), `{"blob":""}`},
	} {
		text, err := json.Marshal(tc.value)
		if err != nil || string(text) != tc.json {
			t.Errorf("%#v is written %s (%v), want %s", tc.value, text, err, tc.json)
		}
		var back Value
		if err := json.Unmarshal(text, &back); err != nil || back != tc.value {
			t.Errorf("%s is read %#v (%v), want %#v", text, back, err, tc.value)
		}
	}
}

func TestValueRefusesWhatIsNoCell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"x":1}`, `[1]`, `18446744073709551616`, `1e999`} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s was read as %#v", text, v)
		}
	}
}
