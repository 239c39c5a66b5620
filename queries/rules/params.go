package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"
)

// Params are the tunable values of a rule: bool, int, float64, string, []any or map[string]any of these, by name.
type Params map[string]any

// NewParams brings decoded YAML or JSON to the types above. A value of another kind, a nested one more than four deep
// or a number outside of int is an error.
func NewParams(decoded map[string]any) (Params, error) {
	params := make(Params, len(decoded))
	for _, name := range slices.Sorted(maps.Keys(decoded)) {
		if !isName(name) {
			return nil, fmt.Errorf("parameter %q: a name has letters, digits and _ and starts with a letter", name)
		}
		value, err := plain(decoded[name], 0)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", name, err)
		}
		params[name] = value
	}
	return params, nil
}

func plain(value any, depth int) (any, error) {
	if depth > 4 {
		return nil, fmt.Errorf("nested more than 4 deep")
	}
	switch v := value.(type) {
	case bool, string, int:
		return v, nil
	case int64:
		if int64(int(v)) != v {
			return nil, fmt.Errorf("%d is too large", v)
		}
		return int(v), nil
	case uint64:
		if v > math.MaxInt {
			return nil, fmt.Errorf("%d is too large", v)
		}
		return int(v), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v), nil // JSON knows no integers
		}
		return v, nil
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			var err error
			if out[i], err = plain(element, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, element := range v {
			var err error
			if out[name], err = plain(element, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return nil, fmt.Errorf("use true or false, a number, a text, a list or a map instead of %v", value)
	}
}

// With gives the parameters with other values for some of them. A name that does not exist or a value of another type is
// an error.
func (p Params) With(override map[string]any) (Params, error) {
	if len(override) == 0 {
		return p, nil
	}
	values, err := NewParams(override)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(p)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		old, ok := p[name]
		if !ok {
			return nil, fmt.Errorf("there is no parameter %s; there are %s", name, strings.Join(slices.Sorted(maps.Keys(p)), ", "))
		}
		value := values[name]
		if whole, ok := value.(int); ok && typeOf(old).Equal(types.Float64) {
			value = float64(whole)
		}
		if !fits(value, typeOf(old)) {
			return nil, fmt.Errorf("parameter %s: %v has type %s; the default has %s", name, value, typeOf(value), typeOf(old))
		}
		out[name] = value
	}
	return out, nil
}

// fits tells whether a value may stand where the default has a type: a list may have other elements and any length.
func fits(value any, want types.Type) bool {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return ok && strings.HasPrefix(want.String(), "Array") || !ok && want.Equal(typeOf(value))
	}
	return want.Equal(typeOf(value)) || want.String() == types.Array(types.Any).String()
}

// mapType is the type of params in expressions: unknown names do not compile.
func (p Params) mapType() types.Map {
	m := types.Map{}
	for name, value := range p {
		m[name] = typeOf(value)
	}
	return m
}

func typeOf(value any) types.Type {
	switch v := value.(type) {
	case []any:
		if len(v) == 0 {
			return types.Array(types.Any)
		}
		first := typeOf(v[0])
		for _, element := range v[1:] {
			if !first.Equal(typeOf(element)) {
				return types.Array(types.Any)
			}
		}
		return types.Array(first)
	case map[string]any:
		return Params(v).mapType()
	default:
		return types.TypeOf(value)
	}
}

func isName(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
