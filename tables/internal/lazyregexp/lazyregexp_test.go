package lazyregexp

import "testing"

func TestNew(t *testing.T) {
	t.Parallel()
	digits := New(`^[0-9]+$`)
	if !digits().MatchString("42") || digits().MatchString("x") {
		t.Error("another pattern")
	}
	if first, again := digits(), digits(); first != again {
		t.Error("it is compiled twice")
	}
	wrong := New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a wrong pattern is taken")
		}
	}()
	wrong()
}
