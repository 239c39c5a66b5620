// Package kernel answers how the operating system's core is set: its parameters, what is loaded into it, and which
// mandatory access control guards it.
package kernel
