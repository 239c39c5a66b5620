package compliance

import (
	"iter"
	"strings"
)

// joinedLines gives the lines of a text with the number of each, from 1; one that ends in a backslash goes on in the next.
func joinedLines(data []byte) iter.Seq2[int64, string] {
	return func(yield func(int64, string) bool) {
		var joined strings.Builder
		var number, first int64
		for line := range strings.Lines(string(data)) {
			number++
			if joined.Len() == 0 {
				first = number
			}
			text, goesOn := strings.CutSuffix(strings.TrimRight(line, "\r\n"), `\`)
			joined.WriteString(text)
			if goesOn {
				joined.WriteByte(' ')
				continue
			}
			if !yield(first, joined.String()) {
				return
			}
			joined.Reset()
		}
		if joined.Len() > 0 { // a last line that promises more than there is
			yield(first, joined.String())
		}
	}
}
