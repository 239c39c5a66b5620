// Package wmi asks Windows Management Instrumentation: which objects of a class are there, and what are their properties?
// It answers on a running Windows. A fixture may hold the answer as the recorded output of a command (see tabletest)
//
//	/wmi root/cimv2 Win32_DiskDrive
//
// in JSON: a list of objects. An image of Windows has no objects.
package wmi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tenantra/tenantra/tables"
)

// CIMv2 is the namespace of the computer's own objects.
const CIMv2 = "root/cimv2"

// Object is one object: values are nil, string, bool, int64, float64 or []any of those.
type Object map[string]any

// errDenied says that the namespace or class is for administrators.
var errDenied = errors.New("access denied")

// Objects gives the objects of a class with the properties named. A class or namespace that this Windows lacks has none; one that
// this user may not ask for has none and a warning.
func Objects(ctx context.Context, host tables.Host, namespace, class string, properties ...string) ([]Object, error) {
	if host.Live() {
		objects, err := query(ctx, namespace, class, properties)
		if errors.Is(err, errDenied) {
			host.Log().WarnContext(ctx, "WMI refuses this user the class: run the agent as an administrator or as the system's service", "namespace", namespace, "class", class)
			return nil, nil
		}
		return objects, err
	}
	text, err := host.Run(ctx, "/wmi", namespace, class)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var objects []Object
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&objects); err != nil {
		return nil, fmt.Errorf("recorded objects of %s: %w", class, err)
	}
	return objects, nil
}

// Text gives a property as text; "" where it has no value.
func (o Object) Text(property string) string { return text(o[property]) }

func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "TRUE"
		}
		return "FALSE"
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = text(part)
		}
		return strings.Join(parts, ",")
	default:
		return fmt.Sprint(v)
	}
}

// Int gives a number; a truth value is 1 or 0, and 64-bit numbers come as text.
func (o Object) Int(property string) (int64, bool) {
	if v, isBool := o[property].(bool); isBool {
		if v {
			return 1, true
		}
		return 0, true
	}
	n, err := strconv.ParseInt(o.Text(property), 10, 64)
	return n, err == nil
}

// Number is Int, 0 where there is none.
func (o Object) Number(property string) int64 {
	n, _ := o.Int(property)
	return n
}

// Numbers gives the numbers of a list.
func (o Object) Numbers(property string) []int64 {
	list, _ := o[property].([]any)
	var numbers []int64
	for _, v := range list {
		if n, err := strconv.ParseInt(text(v), 10, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Unix reads a time such as 20240117000000.000000+060, whose zone is in minutes, as Unix seconds; 0 where it is none.
func Unix(datetime string) int64 {
	const digits = len("20060102150405")
	if len(datetime) < digits {
		return 0
	}
	t, err := time.Parse("20060102150405", datetime[:digits])
	if err != nil {
		return 0
	}
	seconds := t.Unix()
	if len(datetime) == len("20060102150405.000000+000") {
		if minutes, err := strconv.Atoi(datetime[len(datetime)-4:]); err == nil {
			seconds -= int64(minutes) * 60
		}
	}
	return seconds
}
