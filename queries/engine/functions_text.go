package engine

import (
	"errors"
	"strings"
	"time"
)

var textFunctions = []function{
	{name: "split", min: 3, max: 3, run: splitFunction},
	{name: "regex_split", min: 3, max: 3, run: regexSplit},
	{name: "regex_match", min: 3, max: 3, run: regexMatch},
	{name: "concat", max: -1, run: concat},
	{name: "concat_ws", max: -1, run: concatWithSeparator},
}

var errSplitInput = errors.New("Invalid input to split function") //nolint:staticcheck // osquery's text

// splitFunction cuts at each of a set of characters. Empty pieces are dropped before the rest is trimmed.
func splitFunction(k *call) error {
	if k.anyNull() {
		return nil
	}
	chars := k.text(1)
	if chars == "" {
		return errSplitInput
	}
	pieces := strings.FieldsFunc(k.text(0), func(r rune) bool { return strings.ContainsRune(chars, r) })
	return k.givePiece(pieces, 2, strings.TrimSpace)
}

// givePiece gives the piece that argument i counts from 0, or NULL.
func (k *call) givePiece(pieces []string, i int, form func(string) string) error {
	index := k.int(i)
	if index < 0 || index >= int64(len(pieces)) {
		return nil
	}
	return k.giveText(form(pieces[index]))
}

// concat leaves out NULLs; without arguments it is NULL.
func concat(k *call) error {
	if k.n == 0 {
		return nil
	}
	var b strings.Builder
	for i := range k.n {
		b.WriteString(k.text(i)) // NULL as text is empty
		if b.Len() > maxValue {
			break // SQLite refuses it
		}
	}
	return k.giveText(b.String())
}

// concatWithSeparator writes the separator after each value that is not in the last place: a NULL there leaves a
// separator at the end, as in osquery.
func concatWithSeparator(k *call) error {
	if k.n == 0 {
		return errors.New("Missing separator to concat_ws") //nolint:staticcheck // osquery's text
	}
	if k.n == 1 {
		return nil
	}
	separator := k.text(0)
	var b strings.Builder
	for i := 1; i < k.n && b.Len() <= maxValue; i++ {
		if k.null(i) {
			continue
		}
		b.WriteString(k.text(i))
		if i < k.n-1 {
			b.WriteString(separator)
		}
	}
	return k.giveText(b.String())
}

var timeFunctions = []function{
	{name: "sleep", min: 1, max: 1, run: sleep, volatile: true},
}

const maxSleep = 60

// sleep waits, at most a minute, and gives the seconds. It ends with the statement.
func sleep(k *call) error {
	seconds := min(max(0, k.int(0)), maxSleep)
	ctx := k.conn.run.ctx
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return k.giveInt(seconds)
	case <-ctx.Done():
		return ctx.Err()
	}
}
