// Package software answers which packages are installed and which files they brought. Its tables are part of the system
// inventory. Package databases are read in their own formats, not through the package managers, so that an image or a
// container's root reads like the live system; every byte of them is untrusted.
package software
