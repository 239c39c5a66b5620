package engine

import (
	"errors"
	"math"

	lib "modernc.org/sqlite/lib"
)

var mathFunctions = []function{
	real1("sqrt", math.Sqrt), real1("sin", math.Sin), real1("cos", math.Cos), real1("tan", math.Tan),
	real1("cot", func(x float64) float64 { return 1 / math.Tan(x) }),
	real1("asin", math.Asin), real1("acos", math.Acos), real1("atan", math.Atan),
	real1("exp", math.Exp), real1("log", math.Log), real1("log10", math.Log10),
	real1("radians", func(x float64) float64 { return x * (math.Pi / 180) }),
	real1("degrees", func(x float64) float64 { return x * (180 / math.Pi) }),
	{name: "power", min: 2, max: 2, run: power},
	{name: "ceil", min: 1, max: 1, run: rounding(math.Ceil)},
	{name: "floor", min: 1, max: 1, run: rounding(math.Floor)},
	{name: "pi", run: func(k *call) error { return k.giveFloat(math.Pi) }},
}

// The texts of C's errno, which osquery shows.
var (
	errDomain = errors.New("Numerical argument out of domain") //nolint:staticcheck // the C library's text
	errRange  = errors.New("Numerical result out of range")    //nolint:staticcheck // the C library's text
)

func real1(name string, f func(float64) float64) function {
	return function{name: name, min: 1, max: 1, run: func(k *call) error {
		if k.anyNull() {
			return nil
		}
		x := k.float(0)
		return k.giveReal(f(x), name != "cot" && !math.IsInf(x, 0), name == "exp")
	}}
}

// giveReal gives a result, or the error that C's function would have set: domain for none, range for one too large
// (where finite says that it should be finite) or, where small says so, too small.
func (k *call) giveReal(y float64, finite, small bool) error {
	switch {
	case math.IsNaN(y):
		return errDomain
	case finite && math.IsInf(y, 0), small && y == 0:
		return errRange
	}
	return k.giveFloat(y)
}

func power(k *call) error {
	if k.anyNull() {
		return nil
	}
	x, y := k.float(0), k.float(1)
	return k.giveReal(math.Pow(x, y), !math.IsInf(x, 0) && !math.IsInf(y, 0), x != 0 && !math.IsInf(x, 0) && !math.IsInf(y, 0))
}

// rounding gives an integer; one that is an integer already passes unchanged.
func rounding(f func(float64) float64) func(*call) error {
	return func(k *call) error {
		switch k.kind(0) {
		case lib.SQLITE_NULL:
			return nil
		case lib.SQLITE_INTEGER:
			return k.giveArgument(0)
		}
		y := f(k.float(0))
		switch {
		case y >= math.MaxInt64:
			return k.giveInt(math.MaxInt64)
		case y <= math.MinInt64:
			return k.giveInt(math.MinInt64)
		}
		return k.giveInt(int64(y))
	}
}
