package wmi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tenantra/tenantra/tables/internal/automation"
)

// What WMI answers where a machine lacks the class, its namespace, its provider, or where it is for administrators.
const (
	accessDenied     = 0x80041003
	notFound         = 0x80041002
	invalidNamespace = 0x8004100E
	invalidClass     = 0x80041010
	invalidQuery     = 0x80041017 // a property that an older version of the class lacks
	providerMissing  = 0x80041011
	providerFailed   = 0x80041004
	notSupported     = 0x8004100C
)

// objectsMax bounds what a provider can make a statement cost.
const objectsMax = 100_000

func query(ctx context.Context, namespace, class string, properties []string) ([]Object, error) {
	var objects []Object
	err := automation.Do(func(s *automation.Scope) error {
		locator, err := s.Create("WbemScripting.SWbemLocator")
		if err != nil {
			return err
		}
		connected, err := locator.Call("ConnectServer", ".", strings.ReplaceAll(namespace, "/", `\`))
		if err != nil {
			return err
		}
		service, ok := connected.(*automation.Object)
		if !ok {
			return errors.New("WMI gave no service")
		}
		const forwardOnly = 0x20 | 0x10 // and return at once
		found, err := service.Call("ExecQuery", "SELECT "+strings.Join(properties, ", ")+" FROM "+class, "WQL", forwardOnly)
		if err != nil {
			return err
		}
		set, ok := found.(*automation.Object)
		if !ok {
			return errors.New("WMI gave no objects")
		}
		return set.Each(func(item *automation.Object) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(objects) >= objectsMax {
				return fmt.Errorf("more than %d objects", objectsMax)
			}
			o, err := valuesOf(item, properties)
			objects = append(objects, o)
			return err
		})
	})
	switch automation.Code(err) {
	case notFound, invalidNamespace, invalidClass, providerMissing, providerFailed, notSupported, invalidQuery:
		return nil, nil
	case accessDenied:
		return nil, errDenied
	}
	if err != nil {
		return nil, fmt.Errorf("ask WMI for %s: %w", class, err)
	}
	return objects, nil
}

// valuesOf reads properties from an object's own list: Wine's objects do not answer to their names.
func valuesOf(item *automation.Object, properties []string) (Object, error) {
	list, err := item.Get("Properties_")
	if err != nil {
		return nil, err
	}
	all, ok := list.(*automation.Object)
	if !ok {
		return nil, errors.New("an object without a list of properties")
	}
	o := Object{}
	if path, err := item.Get("Path_"); err == nil {
		if p, ok := path.(*automation.Object); ok {
			if relative, err := p.Get("RelPath"); err == nil {
				o["__RELPATH"] = plain(relative)
			}
		}
	}
	for _, name := range properties {
		property, err := all.Call("Item", name)
		if err != nil {
			continue // this version of the class lacks it
		}
		if p, ok := property.(*automation.Object); ok {
			if value, err := p.Get("Value"); err == nil {
				o[name] = plain(value)
			}
		}
	}
	return o, nil
}

// plain turns a value of COM into one of the kinds that objects hold.
func plain(value any) any {
	switch v := value.(type) {
	case int8:
		return int64(v)
	case uint8:
		return int64(v)
	case int16:
		return int64(v)
	case uint16:
		return int64(v)
	case int32:
		return int64(v)
	case uint32:
		return int64(v)
	case int:
		return int64(v)
	case float32:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case nil, string, bool, int64, uint64, float64:
		return v
	default:
		return nil // an object within
	}
}
