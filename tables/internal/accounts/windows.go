package accounts

import (
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/registry"
	"github.com/tenantra/tenantra/tables/internal/sid"
)

// The kinds of accounts of Windows, in osquery's words.
const (
	Local   = "local"   // of the machine's own database
	Roaming = "roaming" // of a domain, known by its profile
	Special = "special" // a service's
)

const (
	windowsShell = `C:\Windows\system32\cmd.exe`
	noGroup      = ^uint32(0) // the primary group of an account that only its profile tells of
	samDomains   = `HKEY_LOCAL_MACHINE\SAM\SAM\Domains\`
	profileList  = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList`
	builtinSID   = "S-1-5-32"
)

// windowsUsers gives the accounts of the machine's own database, and those that have a profile.
func windowsUsers(ctx context.Context, host tables.Host) ([]User, error) {
	r := registry.Open(ctx, host)
	defer r.Close()
	users := samUsers(r)
	if host.Live() { // where the database is only open to the system itself
		var err error
		if users, err = directUsers(); err != nil {
			return nil, err
		}
	}
	err := r.Key(profileList).Keys(func(k *registry.Key) error {
		id := k.Name()
		home := registry.ExpandSystem(k.Text("ProfileImagePath"))
		if i := slices.IndexFunc(users, func(u User) bool { return u.UUID == id }); i >= 0 {
			users[i].Home = home
			return ctx.Err()
		}
		rid, ok := sid.RID(id)
		if !ok {
			return nil
		}
		u := User{UID: rid, GID: noGroup, UUID: id, Home: home, Shell: windowsShell, Type: Roaming, Name: home[strings.LastIndexByte(home, '\\')+1:]}
		if name, ok := sid.Name(id); ok {
			u.Name = name
		}
		if sid.Special(id) {
			u.Type, u.GID = Special, rid
		}
		users = append(users, u)
		return ctx.Err()
	})
	return users, err
}

// windowsGroups gives the local groups.
func windowsGroups(ctx context.Context, host tables.Host) ([]Group, error) {
	users, err := windowsUsers(ctx, host)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, u := range users {
		names[u.UUID] = u.Name
	}
	var groups []Group
	if host.Live() {
		if groups, err = directGroups(); err != nil {
			return nil, err
		}
	} else {
		r := registry.Open(ctx, host)
		defer r.Close()
		groups = append(samGroups(r, "Builtin", builtinSID), samGroups(r, "Account", machineSID(r))...)
	}
	for i := range groups {
		var members []string
		for _, id := range groups[i].MemberSIDs {
			if name, ok := names[id]; ok {
				members = append(members, name)
			}
		}
		groups[i].Members = members
	}
	return groups, ctx.Err()
}

// machineSID is the identifier that the local accounts start with: the last 12 bytes of the domain's V value.
func machineSID(r *registry.Registry) string {
	v, _ := r.Key(samDomains + "Account").Value("V")
	if len(v.Data) < 12 {
		return ""
	}
	id := "S-1-5-21"
	for part := v.Data[len(v.Data)-12:]; len(part) >= 4; part = part[4:] {
		id += "-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(part)), 10)
	}
	return id
}

func samUsers(r *registry.Registry) []User {
	domain := machineSID(r)
	var users []User
	_ = r.Key(samDomains + `Account\Users`).Keys(func(k *registry.Key) error {
		f, _ := k.Value("F")
		v, _ := k.Value("V")
		if u, ok := parseSAMUser(f.Data, v.Data); ok {
			u.UUID = domain + "-" + strconv.FormatUint(uint64(u.UID), 10)
			users = append(users, u)
		}
		return nil
	})
	return users
}

// parseSAMUser reads the two values of an account. V starts with offsets and lengths of its parts, 12 bytes each, which
// count from the end of that list.
func parseSAMUser(f, v []byte) (User, bool) {
	const parts, ridAt, groupAt, flagsAt = 0xCC, 0x30, 0x34, 0x38
	if len(f) < flagsAt+2 || len(v) < parts {
		return User{}, false
	}
	part := func(i int) string {
		offset, length := binary.LittleEndian.Uint32(v[12*i:]), binary.LittleEndian.Uint32(v[12*i+4:])
		rest := v[parts:]
		if uint64(offset)+uint64(length) > uint64(len(rest)) {
			return ""
		}
		return registry.UTF16(rest[offset : offset+length])
	}
	u := User{
		Name: part(1), UID: binary.LittleEndian.Uint32(f[ridAt:]), GID: binary.LittleEndian.Uint32(f[groupAt:]),
		GECOS: part(3), Shell: windowsShell, Type: Local,
		Disabled: f[flagsAt]&1 != 0,
	}
	return u, u.Name != ""
}

func samGroups(r *registry.Registry, domain, domainSID string) []Group {
	var groups []Group
	_ = r.Key(samDomains + domain + `\Aliases`).Keys(func(k *registry.Key) error {
		c, _ := k.Value("C")
		if g, ok := parseSAMGroup(c.Data); ok {
			g.SID = domainSID + "-" + strconv.FormatUint(uint64(g.GID), 10)
			groups = append(groups, g)
		}
		return nil
	})
	return groups
}

// parseSAMGroup reads the value of a local group: 52 bytes of numbers, then name, comment and the members' identifiers.
func parseSAMGroup(c []byte) (Group, bool) {
	const head = 52
	if len(c) < head {
		return Group{}, false
	}
	part := func(at int) []byte {
		offset, length := binary.LittleEndian.Uint32(c[at:]), binary.LittleEndian.Uint32(c[at+4:])
		rest := c[head:]
		if uint64(offset)+uint64(length) > uint64(len(rest)) {
			return nil
		}
		return rest[offset : offset+length]
	}
	g := Group{GID: binary.LittleEndian.Uint32(c), Name: registry.UTF16(part(0x10)), Comment: registry.UTF16(part(0x1C))}
	for members := part(0x28); ; {
		id, length, ok := sid.Parse(members)
		if !ok {
			break
		}
		g.MemberSIDs = append(g.MemberSIDs, id)
		members = members[length:]
	}
	return g, g.Name != ""
}
