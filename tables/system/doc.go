// Package system tells what a machine is and what runs on it: hardware, memory, kernel, operating system and processes.
package system
