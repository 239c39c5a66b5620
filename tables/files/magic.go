package files

import (
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/tenantra/tenantra/tables"
)

// fileType is what the first bytes of a file tell of its type.
type fileType struct {
	Path         string              `col:"path" opt:"required,index" doc:"Absolute path of the file."`
	MagicDBFiles tables.Null[string] `col:"magic_db_files" opt:"additional" doc:"NULL: databases of libmagic cannot be named, since none is used."`
	Data         tables.Null[string] `col:"data" doc:"NULL: libmagic's description in words is not made."`
	MIMEType     string              `col:"mime_type" doc:"Type in MIME's form: application/pdf."`
	MIMEEncoding string              `col:"mime_encoding" doc:"us-ascii, utf-8, utf-16le, utf-16be, iso-8859-1, or binary for what is no text."`
}

// Magic has a row for each regular file that a statement names by path or by a pattern (see File). Types are told by a library
// of its own and not by libmagic, so rare types may have another name than file(1) gives them.
var Magic = tables.Define[fileType](tables.Spec{
	Name: "magic", Doc: "Types of files by their first bytes.",
	Category: tables.Files, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, mime_type FROM magic WHERE path LIKE '/tmp/%' AND mime_type = 'application/x-executable'"},
}, generateMagic)

// magicHead is how much of a file the library looks at.
const magicHead = 3072

// describeType fills in what the head of a file tells.
func describeType(row *fileType, head []byte) {
	if len(head) == 0 {
		row.MIMEType, row.MIMEEncoding = "inode/x-empty", "binary" // as file(1) has it
		return
	}
	kind := mimetype.Detect(head)
	name, _, _ := strings.Cut(kind.String(), ";")
	row.MIMEType, row.MIMEEncoding = name, "binary"
	for parent := kind; parent != nil; parent = parent.Parent() {
		if strings.HasPrefix(parent.String(), "text/plain") {
			row.MIMEEncoding = textEncoding(head)
			break
		}
	}
}

// textEncoding names the encoding of text as file(1) does. A rune that the head's end cuts is no reason to doubt.
func textEncoding(head []byte) string {
	switch {
	case strings.HasPrefix(string(head), "\xff\xfe"):
		return "utf-16le"
	case strings.HasPrefix(string(head), "\xfe\xff"):
		return "utf-16be"
	}
	ascii := true
	for rest := head; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			if utf8.FullRune(rest) {
				return "iso-8859-1"
			}
			return "utf-8"
		}
		ascii = ascii && size == 1 && r < utf8.RuneSelf
		rest = rest[size:]
	}
	if ascii {
		return "us-ascii"
	}
	return "utf-8"
}
