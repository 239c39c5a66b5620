package access

import "github.com/tenantra/tenantra/tables"

// Readable is the highest privacy class that the scope may read. Each class takes its own permission and those of the classes
// below it, since what is of one class holds columns of lower ones too. Nobody reads secrets.
func (s Scope) Readable() tables.Class {
	switch {
	case !s.Can(QueryPersonal):
		return tables.ClassInventory
	case !s.Can(QueryContent):
		return tables.ClassPersonal
	default:
		return tables.ClassContent
	}
}

// MayRead tells whether the scope may read what is of a privacy class.
func (s Scope) MayRead(class tables.Class) bool { return class <= s.Readable() }
