package postgres

import (
	"bufio"
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

// tail keeps the last lines that PostgreSQL wrote and sends all of them to the log at debug.
type tail struct {
	log   *slog.Logger
	mu    sync.Mutex
	lines []string
}

func (t *tail) Write(text []byte) (int, error) {
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, len(text)+1)
	t.mu.Lock()
	defer t.mu.Unlock()
	for scanner.Scan() {
		line := scanner.Text()
		t.log.Debug("postgres", "line", line)
		t.lines = append(t.lines, line)
	}
	t.lines = t.lines[max(0, len(t.lines)-5):]
	return len(text), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, " / ")
}
