package engine

import (
	"cmp"
	"errors"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// versionOrder is one way of comparing versions. All compare byte by byte; they differ in what delimiters mean.
type versionOrder struct {
	epoch          bool // "1:" before a version outranks all that follows
	delimiters     bool // different delimiters in one place decide by their rank
	remainder      bool // what is left of the longer one decides by how it starts: ~ is less, - equal, ^ greater
	digitRemainder bool // a longer number is the greater one
}

var (
	versionPlain = versionOrder{}
	versionArch  = versionOrder{epoch: true, remainder: true, digitRemainder: true}
	versionDpkg  = versionOrder{epoch: true, delimiters: true}
	versionRhel  = versionOrder{epoch: true, delimiters: true, remainder: true}
)

var versionFunctions = []function{
	{name: "version_compare", min: 2, max: 3, run: versionCompare},
}

func versionCompare(k *call) error {
	if k.kind(0) != lib.SQLITE_TEXT || k.kind(1) != lib.SQLITE_TEXT {
		return errors.New("Must provide two version strings to compare.") //nolint:staticcheck // osquery's text
	}
	order := versionPlain
	if k.n == 3 {
		switch strings.ToUpper(k.text(2)) {
		case "ARCH":
			order = versionArch
		case "DPKG":
			order = versionDpkg
		case "RHEL":
			order = versionRhel
		default:
			return errors.New("unknown version flavor: use ARCH, DPKG or RHEL")
		}
	}
	return k.giveInt(int64(order.compare(k.text(0), k.text(1))))
}

// delimiterRanks ranks the bytes that part a version; 0 is content.
var delimiterRanks = [256]uint8{'~': 1, '-': 2, '^': 3, '.': 4, ':': 5}

// compare gives -1, 0 or 1. The steps are osquery's; their numbers are those of the description that we follow.
func (o versionOrder) compare(a, b string) int {
	if a == "" || b == "" { // 1
		return cmp.Compare(len(a), len(b))
	}
	if o.epoch { // 2: no epoch is less than any, and a longer one is more
		if order := cmp.Compare(strings.IndexByte(a, ':'), strings.IndexByte(b, ':')); order != 0 {
			return order
		}
	}
	common := min(len(a), len(b))
	difference := 0 // the first of the present segment
	for i := range common {
		left, right := delimiterRanks[a[i]], delimiterRanks[b[i]]
		switch { // 3
		case left == 0 && right == 0:
			if difference == 0 {
				difference = cmp.Compare(a[i], b[i])
			}
		case left == 0:
			return 1
		case right == 0:
			return -1
		case difference != 0:
			return difference
		case o.delimiters && left != right:
			return cmp.Compare(left, right)
		}
	}
	if len(a) == len(b) { // 4
		return difference
	}
	longer, rest := 1, a[common:] // 5
	if len(b) > len(a) {
		longer, rest = -1, b[common:]
	}
	if !o.remainder {
		if difference != 0 && delimiterRanks[rest[0]] != 0 {
			return difference
		}
		return longer
	}
	switch rest[0] {
	case '~':
		return -longer
	case '-':
		return 0
	case '^':
		return longer
	}
	last := a[common-1]
	if difference != 0 && !(o.digitRemainder && last >= '0' && last <= '9') {
		return difference
	}
	return longer
}
