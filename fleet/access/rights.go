package access

// Rights is a set of permissions. The zero value is empty.
type Rights uint64

// Each permission has a bit: the table must not outgrow them.
var _ [64 - len(grants)]struct{}

// All is every permission.
const All = ^Rights(0)

// RightsOf gives the set of the permissions; names that are not in the table add nothing.
func RightsOf(permissions ...Permission) Rights {
	var set Rights
	for _, p := range permissions {
		set |= p.bit()
	}
	return set
}

func (p Permission) bit() Rights {
	for i, grant := range grants {
		if grant.permission == p {
			return 1 << i
		}
	}
	return 0
}

// Valid tells whether p is in the permission table.
func (p Permission) Valid() bool { return p.bit() != 0 }

// Has tells whether the set holds the permission, never for a name that is not in the table.
func (r Rights) Has(p Permission) bool { return r&p.bit() != 0 }

// List gives the permissions of the set in the order of the table, never nil.
func (r Rights) List() []Permission {
	list := []Permission{}
	for i, grant := range grants {
		if r&(1<<i) != 0 {
			list = append(list, grant.permission)
		}
	}
	return list
}

// Rights gives what the role may do as a set.
func (r Role) Rights() Rights {
	var set Rights
	for i, grant := range grants {
		if grant.roles&r.set() != 0 {
			set |= 1 << i
		}
	}
	return set
}

// Reading is what can be done without changing anything: all that is left in an archived tenant, beside restoring it.
func Reading() Rights {
	return RightsOf(TenantsRead, UsersRead, AgentsRead, PacksRead, FindingsRead, ComplianceRead, AuditRead, SettingsRead, MSPRead, UsageRead, SelfManage)
}
