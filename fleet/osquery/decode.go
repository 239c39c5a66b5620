package osquery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// logRequest is the body of a log post.
type logRequest struct {
	NodeKey string   `json:"node_key"`
	Type    string   `json:"log_type"` // result, status
	Data    []record `json:"data"`
}

// record is a line of a log: of a run's results in one of osquery's formats, or of its own status.
type record struct {
	Name     string         `json:"name"`
	Host     string         `json:"hostIdentifier"`
	UnixTime whole          `json:"unixTime"`
	Epoch    whole          `json:"epoch"`
	Counter  whole          `json:"counter"`
	Action   string         `json:"action"`
	Columns  map[string]any `json:"columns"` // event format: one row
	Snapshot rowList        `json:"snapshot"`
	Diff     *struct {
		Added   rowList `json:"added"`
		Removed rowList `json:"removed"`
	} `json:"diffResults"` // batch format: a run's changes

	Severity whole  `json:"severity"`
	File     string `json:"filename"`
	Line     whole  `json:"line"`
	Message  string `json:"message"`
}

// whole is a number that osquery tells as a number or as text, 0 where it is neither.
type whole int64

// UnmarshalJSON reads it.
func (w *whole) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	if err != nil {
		n = 0
	}
	*w = whole(n)
	return nil
}

// rowList is a list of rows. Some versions tell an empty one as "".
type rowList []map[string]any

// UnmarshalJSON reads it.
func (l *rowList) UnmarshalJSON(text []byte) error {
	if string(text) == `""` {
		return nil
	}
	var list []map[string]any
	if err := decodeNumbers(text, &list); err != nil {
		return err
	}
	*l = list
	return nil
}

// decode reads one JSON value. Unlike our own protocol's, its objects may have fields that are not known here.
func decode(text []byte, v any) error {
	if err := decodeNumbers(text, v); err != nil {
		return fmt.Errorf("the body is no valid JSON of this request: %w", err)
	}
	return nil
}

// decodeNumbers keeps numbers as they are written: as float64 large ones would change.
func decodeNumbers(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}

// run is what a post tells of one run of a query.
type run struct {
	runKey
	at             int64
	added, removed []map[string]any
}

type runKey struct {
	name           string
	epoch, counter int64
	snapshot       bool
}

// runsOf gathers lines of results into runs, in the order in which they began. It gives the number of lines that hold no
// result too.
func runsOf(records []record) (runs []*run, unknown int) {
	known := map[runKey]*run{}
	for i := range records {
		r := &records[i]
		key := runKey{r.Name, int64(r.Epoch), int64(r.Counter), r.Action == "snapshot" || r.Snapshot != nil}
		event := r.Columns != nil && (r.Action == "added" || r.Action == "removed" || r.Action == "snapshot")
		if r.Name == "" || !event && r.Diff == nil && !key.snapshot {
			unknown++
			continue
		}
		one := known[key]
		if one == nil {
			one = &run{runKey: key, at: int64(r.UnixTime)}
			known[key] = one
			runs = append(runs, one)
		}
		switch {
		case event && r.Action == "removed":
			one.removed = append(one.removed, r.Columns)
		case event:
			one.added = append(one.added, r.Columns)
		}
		one.added = append(one.added, r.Snapshot...)
		if r.Diff != nil {
			one.added, one.removed = append(one.added, r.Diff.Added...), append(one.removed, r.Diff.Removed...)
		}
	}
	return runs, unknown
}

// collectionsOf gives the collections that a result's name may mean, the likeliest first: as our configuration names it, or
// as osquery names the query of a pack with this delimiter or that.
func collectionsOf(name string) []string {
	if pack, ok := strings.CutPrefix(name, "pack"); ok && len(pack) > 2 && strings.Contains(pack, "#") {
		delimiter := pack[:1]
		if inner, ok := strings.CutSuffix(pack[1:], delimiter+packQuery); ok {
			name = inner // a pack made for a discovery
		}
	}
	if i := strings.LastIndexByte(name, '#'); i > 0 {
		return []string{name[:i]}
	}
	out := []string{name}
	if rest, ok := strings.CutPrefix(name, "pack"); ok && len(rest) > 2 {
		delimiter := rest[0]
		for i := 2; i < len(rest)-1; i++ {
			if rest[i] == delimiter {
				out = append(out, "pack:"+rest[1:i]+"/"+rest[i+1:])
			}
		}
	}
	return out
}
