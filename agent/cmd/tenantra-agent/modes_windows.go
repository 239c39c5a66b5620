package main

// restrictModes does nothing: what is made in the state directory inherits its access list.
func restrictModes() {}
