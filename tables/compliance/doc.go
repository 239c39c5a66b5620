// Package compliance answers how a machine is set up where no other table says it: the values in force of the settings
// files that rules are written about, what the kernel's audit is told to record, and what may not be loaded as a module.
// Only files without secrets are read, so that the rows may leave a machine where the text of files may not.
package compliance
