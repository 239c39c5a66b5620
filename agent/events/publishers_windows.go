package events

// publishers lists what this system has.
func publishers() []publisher { return nil }
