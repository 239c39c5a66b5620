package check

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tenantra/tenantra/internal/terminal"
)

const (
	progressCells = 24
	progressEvery = 50 * time.Millisecond // more often nobody sees
)

// Progress is a bar on one line of a terminal.
type Progress struct {
	w     io.Writer
	width int
	drawn time.Time
}

// NewProgress draws on a terminal of a width in cells; 0 for one that does not say.
func NewProgress(w io.Writer, width int) *Progress {
	if width == 0 {
		width = 80
	}
	return &Progress{w: w, width: width}
}

// Update shows how far it is. It is an Options.Progress.
func (p *Progress) Update(done, total int, title string) {
	now := time.Now()
	if done < total && now.Sub(p.drawn) < progressEvery {
		return
	}
	p.drawn = now
	filled := progressCells * done / max(total, 1)
	line := fmt.Sprintf("%s%s %3d/%d %s", strings.Repeat("█", filled), strings.Repeat("░", progressCells-filled), done, total, terminal.Escape(title))
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s", clip(line, p.width-1)) // a bar that cannot be drawn is no reason to stop
}

// Clear takes the bar away.
func (p *Progress) Clear() { _, _ = io.WriteString(p.w, "\r\x1b[K") }
