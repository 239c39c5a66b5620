package audit

import (
	"encoding/json"
	"reflect"
)

// Change is one field of an object before and after.
type Change struct {
	Before any `json:"before"`
	After  any `json:"after"`
}

// Changes tells which fields differ between two states of an object, as JSON has them. Give it what may be read by
// whoever reads the log: never a struct with a secret in it.
func Changes(before, after map[string]any) map[string]Change {
	changes := map[string]Change{}
	for name, was := range before {
		if is := after[name]; !same(was, is) {
			changes[name] = Change{Before: was, After: is}
		}
	}
	for name, is := range after {
		if _, known := before[name]; !known && is != nil {
			changes[name] = Change{After: is}
		}
	}
	return changes
}

// same compares as readers of the log will: an int and the number it becomes in JSON are the same.
func same(x, y any) bool {
	if reflect.DeepEqual(x, y) {
		return true
	}
	one, err := json.Marshal(x)
	other, err2 := json.Marshal(y)
	return err == nil && err2 == nil && string(one) == string(other)
}
