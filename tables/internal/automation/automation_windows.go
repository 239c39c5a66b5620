package automation

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/go-ole/go-ole"
	"github.com/go-ole/go-ole/oleutil"
)

// Object is an object that scripts may call. It is released when the call of Do that it was made in ends.
type Object struct {
	dispatch *ole.IDispatch
	scope    *Scope
}

// Scope keeps what is made during one call of Do.
type Scope struct{ made []*ole.VARIANT }

// ErrAbsent says that this Windows has no such object.
var ErrAbsent = errors.New("absent on this Windows")

const (
	alreadyInitialized = 1          // S_FALSE
	otherModel         = 0x80010106 // RPC_E_CHANGED_MODE: another library initialized the thread, which serves as well
	classNotRegistered = 0x80040154
	invalidClassString = 0x800401F3
)

// Do runs f on a thread on which objects may be made.
func Do(f func(*Scope) error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := ole.CoInitializeEx(0, ole.COINIT_MULTITHREADED)
	if code := codeOf(err); err != nil && code != alreadyInitialized && code != otherModel {
		return fmt.Errorf("initialize COM: %w", err)
	} else if code != otherModel {
		defer ole.CoUninitialize()
	}
	s := &Scope{}
	defer s.release()
	return f(s)
}

func (s *Scope) release() {
	for i := len(s.made) - 1; i >= 0; i-- {
		_ = s.made[i].Clear()
	}
}

// Create makes an object by the name or identifier of its class.
func (s *Scope) Create(class string) (*Object, error) {
	unknown, err := oleutil.CreateObject(class)
	if err != nil {
		if code := codeOf(err); code == classNotRegistered || code == invalidClassString {
			return nil, fmt.Errorf("create %s: %w", class, ErrAbsent)
		}
		return nil, fmt.Errorf("create %s: %w", class, err)
	}
	defer unknown.Release()
	dispatch, err := unknown.QueryInterface(ole.IID_IDispatch)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", class, err)
	}
	v := ole.NewVariant(ole.VT_DISPATCH, int64(pointerOf(dispatch)))
	s.made = append(s.made, &v)
	return &Object{dispatch, s}, nil
}

// Call calls a method and gives what it returns: nil, a plain value, or an *Object.
func (o *Object) Call(method string, arguments ...any) (any, error) {
	v, err := oleutil.CallMethod(o.dispatch, method, arguments...)
	return o.value(method, v, err)
}

// Get gives a property.
func (o *Object) Get(property string, arguments ...any) (any, error) {
	v, err := oleutil.GetProperty(o.dispatch, property, arguments...)
	return o.value(property, v, err)
}

// Set changes a property.
func (o *Object) Set(property string, value any) error {
	v, err := oleutil.PutProperty(o.dispatch, property, value)
	_, err = o.value(property, v, err)
	return err
}

func (o *Object) value(name string, v *ole.VARIANT, err error) (any, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case v.VT == ole.VT_DISPATCH:
		if v.Val == 0 {
			return nil, nil
		}
		o.scope.made = append(o.scope.made, v)
		return &Object{v.ToIDispatch(), o.scope}, nil
	case v.VT&ole.VT_ARRAY != 0:
		defer v.Clear()
		return v.ToArray().ToValueArray(), nil
	default:
		defer v.Clear()
		return v.Value(), nil
	}
}

// Each visits the objects of a collection until visit returns an error, which it gives back. An object is released after
// its visit.
func (o *Object) Each(visit func(*Object) error) error {
	v, err := oleutil.GetProperty(o.dispatch, "_NewEnum")
	if err != nil {
		return fmt.Errorf("enumerate: %w", err)
	}
	defer v.Clear()
	list, err := v.ToIUnknown().IEnumVARIANT(ole.IID_IEnumVariant)
	if err != nil {
		return fmt.Errorf("enumerate: %w", err)
	}
	defer list.Release()
	for {
		item, n, err := list.Next(1)
		if err != nil && n == 0 && codeOf(err) != alreadyInitialized {
			return fmt.Errorf("enumerate: %w", err)
		}
		if n == 0 {
			return nil
		}
		inner := &Scope{}
		err = visit(&Object{item.ToIDispatch(), inner})
		inner.release()
		_ = item.Clear()
		if err != nil {
			return err
		}
	}
}

// Missing tells whether an object exists but does not have what was called, as Wine's do.
func Missing(err error) bool {
	const notImplemented, memberNotFound, unknownName = 0x80004001, 0x80020003, 0x80020006
	code := Code(err)
	return code == notImplemented || code == memberNotFound || code == unknownName
}

// Code gives the number of the error that the object itself reported, or that of the call.
func Code(err error) uint32 {
	var e *ole.OleError
	if !errors.As(err, &e) {
		return 0
	}
	if info, ok := e.SubError().(ole.EXCEPINFO); ok && info.SCODE() != 0 {
		return info.SCODE()
	}
	return uint32(e.Code())
}

func codeOf(err error) uint32 {
	var e *ole.OleError
	if errors.As(err, &e) {
		return uint32(e.Code())
	}
	return 0
}
