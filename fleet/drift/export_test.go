package drift

// Start is the place before all events.
func Start() place { return start() }
