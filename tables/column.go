package tables

import (
	"fmt"
	"reflect"
	"strings"
)

// Type is the declared SQL type of a column, as in osquery's schema.
type Type string

// The SQL types.
const (
	Text           Type = "TEXT"
	Integer        Type = "INTEGER"
	BigInt         Type = "BIGINT"
	UnsignedBigInt Type = "UNSIGNED_BIGINT"
	Double         Type = "DOUBLE"
	Blob           Type = "BLOB"
)

// Kind is how a column's field is laid out in the row struct.
type Kind uint8

// The kinds of field. The Null kinds are Null[T] fields.
const (
	KindInt64 Kind = iota
	KindInt32
	KindUint32
	KindUint16
	KindUint8
	KindBool
	KindFloat64
	KindString
	KindBytes
	KindNullInt64
	KindNullFloat64
	KindNullString
	KindValue
)

// Column is one column of a table.
type Column struct {
	Name       string
	Doc        string
	Type       Type
	Aliases    []string  // further, hidden names
	Required   bool      // a statement must constrain it (or another required column of the table)
	Index      bool      // the generator narrows its work by it
	Additional bool      // part of a row's identity, and the generator may use it
	Hidden     bool      // left out of SELECT *
	OS         Platforms // where it has a value; on other platforms it is hidden and NULL. 0 means everywhere
	Collate    string    // NOCASE, VERSION, VERSION_DPKG, VERSION_RHEL or "" for BINARY
	Class      Class

	Offset uintptr // of the field in the row struct
	Kind   Kind
}

// Pushed tells whether constraints on the column are handed to the generator.
func (c *Column) Pushed() bool { return c.Required || c.Index || c.Additional }

// Null is a value that may be unknown; the zero Null is SQL NULL.
type Null[T int64 | float64 | string] struct {
	V     T
	Valid bool
}

// Some is a known value.
func Some[T int64 | float64 | string](v T) Null[T] { return Null[T]{V: v, Valid: true} }

// Value is a cell whose type is only known at run time: registry data, stored rows. The zero Value is SQL NULL.
type Value struct {
	Kind  ValueKind
	Int   int64
	Float float64
	Text  string // text or, for ValueBlob, bytes
}

// ValueKind says which field of a Value counts.
type ValueKind uint8

// The kinds of value.
const (
	ValueNull ValueKind = iota
	ValueInt
	ValueFloat
	ValueText
	ValueBlob
)

var fieldKinds = map[reflect.Type]struct {
	kind Kind
	typ  Type
}{
	reflect.TypeFor[int64]():         {KindInt64, BigInt},
	reflect.TypeFor[int32]():         {KindInt32, Integer},
	reflect.TypeFor[uint32]():        {KindUint32, BigInt},
	reflect.TypeFor[uint16]():        {KindUint16, Integer},
	reflect.TypeFor[uint8]():         {KindUint8, Integer},
	reflect.TypeFor[bool]():          {KindBool, Integer},
	reflect.TypeFor[float64]():       {KindFloat64, Double},
	reflect.TypeFor[string]():        {KindString, Text},
	reflect.TypeFor[[]byte]():        {KindBytes, Blob},
	reflect.TypeFor[Null[int64]]():   {KindNullInt64, BigInt},
	reflect.TypeFor[Null[float64]](): {KindNullFloat64, Double},
	reflect.TypeFor[Null[string]]():  {KindNullString, Text},
	reflect.TypeFor[Value]():         {KindValue, Text},
}

// columnsOf reads the schema from a row struct's tags; embedded structs contribute their columns in place. Tags:
//
//	col:"name[,alias…]"   the column's name and hidden aliases
//	doc:"…"               one sentence
//	type:"INTEGER"        where the field's Go type does not already say it
//	opt:"required,index,additional,hidden"
//	os:"windows,darwin"   an extended column
//	collate:"NOCASE"      class:"personal"
func columnsOf(row reflect.Type, base uintptr) ([]Column, error) {
	if row.Kind() != reflect.Struct {
		return nil, fmt.Errorf("row type %s is not a struct", row)
	}
	var columns []Column
	for i := range row.NumField() {
		field := row.Field(i)
		name, tagged := field.Tag.Lookup("col")
		if field.Anonymous && !tagged {
			inner, err := columnsOf(field.Type, base+field.Offset)
			if err != nil {
				return nil, err
			}
			columns = append(columns, inner...)
			continue
		}
		if !tagged {
			continue // working state of the generator
		}
		column, err := columnOf(field, name)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
		column.Offset = base + field.Offset
		columns = append(columns, column)
	}
	return columns, nil
}

func columnOf(field reflect.StructField, names string) (Column, error) {
	known, ok := fieldKinds[field.Type]
	if !ok {
		return Column{}, fmt.Errorf("type %s cannot be a column", field.Type)
	}
	all := strings.Split(names, ",")
	c := Column{Name: all[0], Aliases: all[1:], Doc: field.Tag.Get("doc"), Type: known.typ, Kind: known.kind, Collate: field.Tag.Get("collate")}
	if c.Name == "" || c.Doc == "" {
		return Column{}, fmt.Errorf("a column needs a name and a doc")
	}
	if t := field.Tag.Get("type"); t != "" {
		switch c.Type = Type(t); c.Type {
		case Text, Integer, BigInt, UnsignedBigInt, Double, Blob:
		default:
			return Column{}, fmt.Errorf("unknown SQL type %q", t)
		}
	}
	for _, option := range strings.FieldsFunc(field.Tag.Get("opt"), func(r rune) bool { return r == ',' }) {
		switch option {
		case "required":
			c.Required = true
		case "index":
			c.Index = true
		case "additional":
			c.Additional = true
		case "hidden":
			c.Hidden = true
		default:
			return Column{}, fmt.Errorf("unknown option %q", option)
		}
	}
	var err error
	if c.OS, err = ParsePlatforms(field.Tag.Get("os")); err != nil {
		return Column{}, err
	}
	if class := field.Tag.Get("class"); class != "" {
		if c.Class, err = ParseClass(class); err != nil {
			return Column{}, err
		}
	}
	return c, nil
}
