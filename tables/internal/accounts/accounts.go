// Package accounts reads the local user and group databases, passwd(5) and group(5), the local directory of macOS or the
// account database of Windows, and answers which name an id has.
package accounts

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// The databases of a Unix system.
const (
	passwdFile = "/etc/passwd"
	groupFile  = "/etc/group"
)

// User is one line of passwd(5). The password field is not kept: where a system has no shadow file it is the hash.
type User struct {
	Name  string
	UID   uint32
	GID   uint32 // of the primary group
	GECOS string // the whole field, commas kept
	Home  string
	Shell string

	UUID     string // of macOS; the security identifier of Windows, where UID is its last number
	Hidden   bool   // from the login window of macOS
	Type     string // of Windows: Local, Roaming or Special
	Disabled bool   // of Windows: no one may log on as it
}

// Group is one line of group(5).
type Group struct {
	Name    string
	GID     uint32
	Members []string // names of those for whom it is a supplementary group

	Hidden  bool   // of macOS
	SID     string // of Windows, where GID is its last number
	Comment string // of Windows

	MemberSIDs []string // of Windows, those of other machines included
}

// Users reads the machine's local users in file order (of macOS by name); none where it has no such file.
func Users(ctx context.Context, host tables.Host) ([]User, error) {
	if host.Platform() == tables.Darwin {
		return directoryUsers(ctx, host), ctx.Err()
	}
	if host.Platform() == tables.Windows {
		return windowsUsers(ctx, host)
	}
	data, err := hostfile.Source(ctx, host, passwdFile)
	return ParsePasswd(data), err
}

// Groups reads the machine's local groups in file order; none where it has no such file.
func Groups(ctx context.Context, host tables.Host) ([]Group, error) {
	if host.Platform() == tables.Darwin {
		return directoryGroups(ctx, host), ctx.Err()
	}
	if host.Platform() == tables.Windows {
		return windowsGroups(ctx, host)
	}
	data, err := hostfile.Source(ctx, host, groupFile)
	return ParseGroup(data), err
}

// ParsePasswd reads passwd(5). As in the C library, lines that are no entry are passed over: comments, the + and -
// lines of NIS compatibility, ids that are no numbers.
func ParsePasswd(data []byte) []User {
	var users []User
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 7 || !isName(f[0]) {
			continue
		}
		uid, uidErr := parseID(f[2])
		gid, gidErr := parseID(f[3])
		if uidErr != nil || gidErr != nil {
			continue
		}
		users = append(users, User{Name: f[0], UID: uid, GID: gid, GECOS: f[4], Home: f[5], Shell: f[6]})
	}
	return users
}

// ParseGroup reads group(5), passing over lines that are no entry.
func ParseGroup(data []byte) []Group {
	var groups []Group
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if len(f) < 3 || !isName(f[0]) {
			continue
		}
		gid, err := parseID(f[2])
		if err != nil {
			continue
		}
		g := Group{Name: f[0], GID: gid}
		if len(f) > 3 {
			g.Members = strings.FieldsFunc(f[3], func(r rune) bool { return r == ',' || r == ' ' })
		}
		groups = append(groups, g)
	}
	return groups
}

func isName(field string) bool { return field != "" && !strings.ContainsAny(field[:1], "#+-") }

func parseID(text string) (uint32, error) {
	id, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	return uint32(id), err
}

// Names gives the name of each uid and gid. Where an id has several names the first line wins, as in getpwuid(3).
type Names struct {
	Users, Groups map[uint32]string
}

// ReadNames reads both databases. What cannot be read has no names.
func ReadNames(ctx context.Context, host tables.Host) (Names, error) {
	users, err := Users(ctx, host)
	if err != nil {
		return Names{}, err
	}
	groups, err := Groups(ctx, host)
	if err != nil {
		return Names{}, err
	}
	n := Names{Users: make(map[uint32]string, len(users)), Groups: make(map[uint32]string, len(groups))}
	for _, u := range users {
		if _, known := n.Users[u.UID]; !known {
			n.Users[u.UID] = u.Name
		}
	}
	for _, g := range groups {
		if _, known := n.Groups[g.GID]; !known {
			n.Groups[g.GID] = g.Name
		}
	}
	return n, nil
}
