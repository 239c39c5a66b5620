package httpapi_test

import (
	"strings"
	"testing"

	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

type place struct {
	Name string `json:"n"`
	ID   int64  `json:"i"`
}

func TestPages(t *testing.T) {
	t.Parallel()
	key := func(last int) any { return place{"x", int64(last)} }
	for _, test := range []struct {
		name  string
		items []int
		shown int
		more  bool
	}{
		{"nothing", nil, 0, false}, {"less than a page", []int{1}, 1, false}, {"a page", []int{1, 2}, 2, false}, {"one more", []int{1, 2, 3}, 2, true},
	} {
		page, err := httpapi.NewPage(test.items, 2, key)
		if err != nil || len(page.Items) != test.shown || page.Items == nil || (page.NextCursor != "") != test.more {
			t.Errorf("%s: %+v %v", test.name, page, err)
		}
		after := place{ID: -1}
		if err := httpapi.DecodeCursor(page.NextCursor, &after); err != nil || test.more != (after == place{"x", 2}) || !test.more && after.ID != -1 {
			t.Errorf("%s: the next page starts after %+v, %v", test.name, after, err)
		}
	}
}

func FuzzDecodeCursor(f *testing.F) {
	good, err := httpapi.EncodeCursor(place{"host-1", 7})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", good, good[:5], "e30", "bnVsbA", "W10", "MQ", "!", strings.Repeat("W3", 500), "eyJuIjoiXHVkODAwIn0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		var after place
		if err := httpapi.DecodeCursor(cursor, &after); err != nil && fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q gives %v", cursor, err)
		}
	})
}
