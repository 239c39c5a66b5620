package accounts

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// Record is a record of macOS's local directory: the values of each attribute, which has the name that it has in the
// directory's files, such as name, uid, realname.
type Record map[string][]any

// Text gives the first value of an attribute; "" where there is none.
func (r Record) Text(attribute string) string {
	if values := r[attribute]; len(values) > 0 {
		return plist.Text(values[0])
	}
	return ""
}

// Data gives the first value of an attribute that holds bytes.
func (r Record) Data(attribute string) []byte {
	if values := r[attribute]; len(values) > 0 {
		data, _ := values[0].([]byte)
		if text, ok := values[0].(string); ok { // as dscl prints it
			data = []byte(text)
		}
		return data
	}
	return nil
}

const (
	directoryRoot    = "/var/db/dslocal/nodes/Default/"
	directoryCommand = "/usr/bin/dscl"
)

// directoryAttributes are those that are asked of the directory's service, by its names.
var directoryAttributes = map[string]string{
	"dsAttrTypeStandard:RecordName":       "name",
	"dsAttrTypeStandard:UniqueID":         "uid",
	"dsAttrTypeStandard:PrimaryGroupID":   "gid",
	"dsAttrTypeStandard:NFSHomeDirectory": "home",
	"dsAttrTypeStandard:UserShell":        "shell",
	"dsAttrTypeStandard:RealName":         "realname",
	"dsAttrTypeStandard:GeneratedUID":     "generateduid",
	"dsAttrTypeStandard:GroupMembership":  "users",
	"dsAttrTypeNative:IsHidden":           "IsHidden",
	"dsAttrTypeNative:accountPolicyData":  "accountPolicyData",
	"dsAttrTypeNative:directory_path":     "directory_path",
}

// Directory reads the records of one kind of macOS's local directory: users, groups or sharepoints. Its files are for
// root; where they cannot be read the running system's service is asked.
func Directory(ctx context.Context, host tables.Host, kind string) []Record {
	files, err := host.Glob(directoryRoot + kind + "/*.plist")
	var records []Record
	for _, file := range files {
		if ctx.Err() != nil {
			return nil
		}
		if dict, ok := plist.Read(ctx, host, file); ok {
			records = append(records, recordOf(dict))
		}
	}
	if err == nil && len(records) > 0 {
		return records
	}
	place := map[string]string{"users": "/Users", "groups": "/Groups", "sharepoints": "/SharePoints"}[kind]
	argv := []string{directoryCommand, "-plist", ".", "-readall", place}
	for name := range directoryAttributes {
		_, short, _ := strings.Cut(name, ":")
		argv = append(argv, short)
	}
	slices.Sort(argv[5:])
	printed, ok := plist.Command(ctx, host, argv...)
	if !ok {
		return nil
	}
	for _, dict := range plist.Dicts(printed) {
		short := plist.Dict{}
		for name, value := range dict {
			if attribute := directoryAttributes[name]; attribute != "" {
				short[attribute] = value
			}
		}
		records = append(records, recordOf(short))
	}
	return records
}

func recordOf(dict plist.Dict) Record {
	r := make(Record, len(dict))
	for attribute := range dict {
		if values := dict.List(attribute); len(values) > 0 {
			r[attribute] = values
		}
	}
	return r
}

// directoryUsers reads the users of macOS.
func directoryUsers(ctx context.Context, host tables.Host) []User {
	var users []User
	for _, r := range Directory(ctx, host, "users") {
		uid, uidErr := parseSignedID(r.Text("uid"))
		gid, gidErr := parseSignedID(r.Text("gid"))
		name := r.Text("name")
		if name == "" || uidErr != nil || gidErr != nil {
			continue
		}
		users = append(users, User{
			Name: name, UID: uid, GID: gid, GECOS: r.Text("realname"), Home: r.Text("home"), Shell: r.Text("shell"),
			UUID: r.Text("generateduid"), Hidden: isYes(r.Text("IsHidden")),
		})
	}
	return users
}

// directoryGroups reads the groups of macOS.
func directoryGroups(ctx context.Context, host tables.Host) []Group {
	var groups []Group
	for _, r := range Directory(ctx, host, "groups") {
		gid, err := parseSignedID(r.Text("gid"))
		name := r.Text("name")
		if name == "" || err != nil {
			continue
		}
		g := Group{Name: name, GID: gid, Hidden: isYes(r.Text("IsHidden"))}
		for _, member := range r["users"] {
			if name := plist.Text(member); name != "" {
				g.Members = append(g.Members, name)
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func isYes(text string) bool {
	return text == "1" || strings.EqualFold(text, "YES") || strings.EqualFold(text, "true")
}

// parseSignedID reads an id that macOS may write as a signed number, as -2 of nobody.
func parseSignedID(text string) (uint32, error) {
	if text == "-1" || text == "-2" {
		return map[string]uint32{"-1": 1<<32 - 1, "-2": 1<<32 - 2}[text], nil
	}
	return parseID(text)
}
