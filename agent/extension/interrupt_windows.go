package extension

import "os"

// interrupt ends a program: Windows has no signal that asks it to.
func interrupt(p *os.Process) error { return p.Kill() }
