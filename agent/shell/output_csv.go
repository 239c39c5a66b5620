package shell

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/tenantra/tenantra/internal/terminal"
	"github.com/tenantra/tenantra/queries/engine"
	"github.com/tenantra/tenantra/tables"
)

// csvOutput prints comma separated values with a heading. Text is quoted, numbers are not, NULL is nothing at all and the
// empty text two quotes. Text that a spreadsheet would take for a formula gets an apostrophe in front.
type csvOutput struct{ printer }

func (o *csvOutput) Columns(names []string) error {
	for i, name := range names {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.buf = o.appendText(o.buf, name)
	}
	o.buf = append(o.buf, '\n')
	return o.emit()
}

func (o *csvOutput) Row(r *engine.Row) error {
	for i := range r.Len() {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		switch r.Type(i) {
		case tables.ValueNull:
		case tables.ValueText:
			o.buf = o.appendText(o.buf, r.Text(i))
		case tables.ValueBlob:
			o.buf = append(o.buf, '"')
			o.buf = base64.StdEncoding.AppendEncode(o.buf, r.Bytes(i))
			o.buf = append(o.buf, '"')
		default:
			o.buf = append(o.buf, r.Value(i).String()...)
		}
	}
	o.buf = append(o.buf, '\n')
	return o.emit()
}

func (o *csvOutput) Finish(error) error { return o.flush() }

func (o *csvOutput) appendText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	if startsFormula(text) {
		dst = append(dst, '\'')
	}
	if o.terminal.Is {
		text = terminal.Escape(text)
	}
	dst = append(dst, strings.ReplaceAll(text, `"`, `""`)...)
	return append(dst, '"')
}

// startsFormula tells whether a spreadsheet may run the text. The full-width signs count: some take them for the narrow ones.
func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first)
}
