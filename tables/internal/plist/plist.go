// Package plist reads Apple's property lists, XML and binary. They lie in users' homes as much as in the system, so all
// of it is bounded: a binary list of a few hundred bytes may name one object a billion times (libraries expand it), and
// XML may nest until the stack ends.
package plist

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Dict is a dictionary. A value is a string, int64, uint64 (above the largest int64), float64, bool, time.Time, []byte,
// UID, []any or Dict; nil stands for the null of binary lists.
type Dict map[string]any

// UID is a reference of an archive made by NSKeyedArchiver.
type UID uint64

// What one list may hold. Real ones are far below.
const (
	depthMax  = 64
	valuesMax = 1 << 20  // values, each counted as often as it occurs
	bytesMax  = 64 << 20 // of texts and data, counted so too
)

var (
	errDepth = fmt.Errorf("nested deeper than %d", depthMax)
	errLarge = errors.New("holds too much")
)

// Parse reads a property list of either format.
func Parse(data []byte) (any, error) {
	if bytes.HasPrefix(data, []byte(binaryMagic)) {
		return parseBinary(data)
	}
	return parseXML(data)
}

// ParseDict reads a property list whose outermost value is a dictionary.
func ParseDict(data []byte) (Dict, error) {
	value, err := Parse(data)
	if err != nil {
		return nil, err
	}
	dict, ok := value.(Dict)
	if !ok {
		return nil, errors.New("property list is no dictionary")
	}
	return dict, nil
}

// budget is what may still be read.
type budget struct{ values, bytes int }

func newBudget() budget { return budget{valuesMax, bytesMax} }

func (b *budget) take(size int) error {
	b.values--
	b.bytes -= size
	if b.values < 0 || b.bytes < 0 {
		return errLarge
	}
	return nil
}

// Keys lists a dictionary's keys in order.
func (d Dict) Keys() []string {
	keys := make([]string, 0, len(d))
	for key := range d {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Has tells whether the dictionary has a key.
func (d Dict) Has(key string) bool {
	_, ok := d[key]
	return ok
}

// Text gives a value as text, see Text; "" where there is none.
func (d Dict) Text(key string) string { return Text(d[key]) }

// Texts gives the texts of a list, or a single text as a list of one.
func (d Dict) Texts(key string) []string {
	list, ok := d[key].([]any)
	if !ok {
		if text := d.Text(key); text != "" {
			return []string{text}
		}
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, value := range list {
		texts = append(texts, Text(value))
	}
	return texts
}

// Dict gives a dictionary within; a nil one, which can be read like an empty one, where there is none.
func (d Dict) Dict(key string) Dict {
	inner, _ := d[key].(Dict)
	return inner
}

// Dicts gives the dictionaries of a list within.
func (d Dict) Dicts(key string) []Dict { return Dicts(d[key]) }

// List gives a list within.
func (d Dict) List(key string) []any {
	list, _ := d[key].([]any)
	return list
}

// Data gives bytes within.
func (d Dict) Data(key string) []byte {
	data, _ := d[key].([]byte)
	return data
}

// Int gives an integer, a boolean as 0 or 1, or a text that is an integer.
func (d Dict) Int(key string) (int64, bool) {
	switch v := d[key].(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == float64(int64(v))
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// IntOr gives an integer, or what stands for its absence.
func (d Dict) IntOr(key string, absent int64) int64 {
	if v, ok := d.Int(key); ok {
		return v
	}
	return absent
}

// Float gives a number.
func (d Dict) Float(key string) (float64, bool) {
	switch v := d[key].(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// Bool tells whether a value is true, not 0, or a text that says yes.
func (d Dict) Bool(key string) bool {
	switch v := d[key].(type) {
	case bool:
		return v
	case int64:
		return v != 0
	case string:
		return v == "1" || v == "true" || v == "YES" || v == "yes"
	}
	return false
}

// Time gives a date in Unix seconds.
func (d Dict) Time(key string) (seconds int64, ok bool) {
	t, ok := d[key].(time.Time)
	if !ok {
		return 0, false
	}
	return t.Unix(), true
}

// Dicts gives the dictionaries of a value that is a list.
func Dicts(value any) []Dict {
	list, _ := value.([]any)
	var dicts []Dict
	for _, item := range list {
		if dict, ok := item.(Dict); ok {
			dicts = append(dicts, dict)
		}
	}
	return dicts
}

// Text shows a value as osquery does: a boolean as 1 or 0, a date in Unix seconds, bytes in base64; "" for a dictionary
// or list.
func Text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case UID:
		return strconv.FormatUint(uint64(v), 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case time.Time:
		return strconv.FormatInt(v.Unix(), 10)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	}
	return ""
}

// JSON gives a value as encoding/json writes it well: a date as RFC 3339 text, all else as it is.
func JSON(value any) any {
	switch v := value.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case Dict:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = JSON(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = JSON(inner)
		}
		return out
	default:
		return value
	}
}
