package homes

import "io/fs"

// owner of a file: an image that lies on Windows tells none, so that all of it counts as the unpacker's.
func owner(fs.FileInfo) uint32 { return noOne }
