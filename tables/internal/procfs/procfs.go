// Package procfs reads Linux's /proc of the scanned machine for the tables that need it fast: processes, their open files
// and the sockets of all network namespaces.
//
// It does not go through tables.Host for each file: a scan of a thousand processes opens some ten thousand of them. It
// takes the place of /proc from the host once, and from there on opens by directory descriptor, never following a link,
// so that a prepared image cannot lead it outside its root. A process's directory stays open while it is read: all its
// values are of one process even when its number is used again.
package procfs

import (
	"bytes"
	"math"
)

// ParseInt reads the decimal number at the start of text, after blanks. ok is false where there is none or it overflows.
func ParseInt(text []byte) (value int64, ok bool) {
	text = bytes.TrimLeft(text, " \t")
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		d := int64(text[digits] - '0')
		if value > (math.MaxInt64-d)/10 {
			return 0, false
		}
		value = value*10 + d
		digits++
	}
	if negative {
		value = -value
	}
	return value, digits > 0
}

// ParseHex reads text, which must be of 1 to 16 hexadecimal digits and nothing else.
func ParseHex(text []byte) (value uint64, ok bool) {
	if len(text) == 0 || len(text) > 16 {
		return 0, false
	}
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		value = value<<4 | uint64(c)
	}
	return value, true
}

// NextField cuts the first field off text, fields being parted by blanks and tabs. The field is empty at the end of text.
func NextField(text []byte) (field, rest []byte) {
	start := 0
	for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
		start++
	}
	end := start
	for end < len(text) && text[end] != ' ' && text[end] != '\t' {
		end++
	}
	return text[start:end], text[end:]
}

// threadGroup gives the leader's number in a process's status.
func threadGroup(status []byte) (int64, bool) {
	_, rest, found := bytes.Cut(status, []byte("\nTgid:"))
	if !found {
		return 0, false
	}
	return ParseInt(rest)
}

// ParseNamespace gives the inode number in the target of a link of /proc/PID/ns, such as net:[4026531840].
func ParseNamespace(target string) (inode uint64, ok bool) { return bracketed(target, ":[") }

// ParseSocket gives the inode number in the target of a socket's descriptor, socket:[12345].
func ParseSocket(target []byte) (inode uint64, ok bool) {
	const prefix = "socket"
	if len(target) < len(prefix) || string(target[:len(prefix)]) != prefix {
		return 0, false
	}
	return bracketed(target[len(prefix):], ":[")
}

func bracketed[T string | []byte](target T, open string) (uint64, bool) {
	at := 0
	for at+len(open) <= len(target) && string(target[at:at+len(open)]) != open {
		at++
	}
	at += len(open)
	end := len(target) - 1
	if at >= end || target[end] != ']' {
		return 0, false
	}
	var value uint64
	for _, c := range []byte(target[at:end]) {
		if c < '0' || c > '9' || value > math.MaxUint64/10-1 {
			return 0, false
		}
		value = value*10 + uint64(c-'0')
	}
	return value, true
}
