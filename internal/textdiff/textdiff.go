// Package textdiff tells how one text became another, line by line.
package textdiff

import "strings"

// Op says what became of a line.
type Op string

// What becomes of lines.
const (
	Kept    Op = " "
	Removed Op = "-"
	Added   Op = "+"
)

// Line is a line of either text, without its end.
type Line struct {
	Op   Op     `json:"op" enum:" ,-,+" doc:"Kept, removed or added."`
	Text string `json:"text"`
}

// cellsMax bounds the table that the longest common part is looked for in: 4 million cells are 8 MiB. Texts that differ in
// more than that are told as replaced where they differ, which is true but not short.
const cellsMax = 4 << 20

// Lines gives every line of both texts in order, with as few as possible removed and added.
func Lines(before, after string) []Line {
	a, b := split(before), split(after)
	var lines, tail []Line
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		lines = append(lines, Line{Kept, a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, Line{Kept, a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	lines = append(lines, middle(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		lines = append(lines, tail[i])
	}
	return lines
}

// Changed gives the lines that were removed and added, without those that stay.
func Changed(lines []Line) []Line {
	var changed []Line
	for _, l := range lines {
		if l.Op != Kept {
			changed = append(changed, l)
		}
	}
	return changed
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// middle compares what is left between the common beginning and end.
func middle(a, b []string) []Line {
	width := len(b) + 1
	common := []uint16(nil) // of a[i:] and b[j:], the length of the longest common part
	if len(a) > 0 && len(b) > 0 && (len(a)+1)*width <= cellsMax && min(len(a), len(b)) < 1<<16 {
		common = make([]uint16, (len(a)+1)*width)
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i*width+j] = common[(i+1)*width+j+1] + 1
				} else {
					common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
				}
			}
		}
	}
	var lines []Line
	i, j := 0, 0
	for common != nil && i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			lines = append(lines, Line{Kept, a[i]})
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			lines = append(lines, Line{Removed, a[i]})
			i++
		default:
			lines = append(lines, Line{Added, b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		lines = append(lines, Line{Removed, a[i]})
	}
	for ; j < len(b); j++ {
		lines = append(lines, Line{Added, b[j]})
	}
	return lines
}
