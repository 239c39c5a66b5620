package access

// Role is what a person is at a tenant; it holds for the tenant's whole subtree.
type Role string

// The roles, strongest first.
const (
	SuperAdmin    Role = "SUPER_ADMIN" // the installation; only at the root of the tree
	MSPAdmin      Role = "MSP_ADMIN"   // an MSP and its customers
	Admin         Role = "ADMIN"
	Manager       Role = "MANAGER"
	User          Role = "USER"
	ReadOnly      Role = "READONLY"
	BillingViewer Role = "BILLING_VIEWER"
)

// Roles lists every role, strongest first.
func Roles() []Role {
	return []Role{SuperAdmin, MSPAdmin, Admin, Manager, User, ReadOnly, BillingViewer}
}

// Permission names one thing that a role may do. Operations of the API name the permission they need.
type Permission string

// The permissions.
const (
	TenantsRead    Permission = "tenants.read"
	TenantsManage  Permission = "tenants.manage"
	UsersRead      Permission = "users.read"
	UsersManage    Permission = "users.manage"
	AgentsRead     Permission = "agents.read"
	AgentsManage   Permission = "agents.manage"
	EnrollManage   Permission = "enroll.manage"
	QueryRun       Permission = "query.run"
	QueryPersonal  Permission = "query.personal" // columns of class personal
	QueryContent   Permission = "query.content"  // columns of class content
	PacksRead      Permission = "packs.read"
	PacksManage    Permission = "packs.manage"
	FindingsRead   Permission = "findings.read"
	FindingsManage Permission = "findings.manage"
	ComplianceRead Permission = "compliance.read"
	AuditRead      Permission = "audit.read"

	ComplianceManage   Permission = "compliance.manage" // waivers, parameters and frameworks
	SettingsRead       Permission = "settings.read"
	SettingsManage     Permission = "settings.manage"
	TokensManage       Permission = "tokens.manage" // service tokens, and everybody's tokens of a tenant
	TenantsImpersonate Permission = "tenants.impersonate"
	MSPRead            Permission = "msp.read"   // the overview of all customers
	UsageRead          Permission = "usage.read" // what is used of the plan, and by day

	// SelfManage is everybody's: one's own profile, password and sessions.
	SelfManage Permission = "self.manage"
)

// Permissions lists every permission in the order of the table.
func Permissions() []Permission {
	all := make([]Permission, len(grants))
	for i, grant := range grants {
		all[i] = grant.permission
	}
	return all
}

type roleSet uint8

const (
	superAdmin roleSet = 1 << iota
	mspAdmin
	admin
	manager
	user
	readOnly
	billing

	admins    = superAdmin | mspAdmin | admin
	managers  = admins | manager
	users     = managers | user
	observers = users | readOnly
	everyone  = observers | billing
)

// grants is the one permission table: who may do what.
var grants = [...]struct {
	permission Permission
	roles      roleSet
}{
	{TenantsRead, everyone},
	{TenantsManage, superAdmin | mspAdmin},
	{UsersRead, managers},
	{UsersManage, admins},
	{AgentsRead, observers},
	{AgentsManage, managers},
	{EnrollManage, managers},
	{QueryRun, users},
	{QueryPersonal, users},
	{QueryContent, admins},
	{PacksRead, observers},
	{PacksManage, managers},
	{FindingsRead, observers},
	{FindingsManage, users},
	{ComplianceRead, observers},
	{ComplianceManage, managers},
	{AuditRead, admins},
	{SettingsRead, observers},
	{SettingsManage, admins},
	{TokensManage, admins},
	{TenantsImpersonate, superAdmin | mspAdmin},
	{MSPRead, superAdmin | mspAdmin},
	{UsageRead, managers | billing},
	{SelfManage, everyone},
}

func (r Role) set() roleSet {
	switch r {
	case SuperAdmin:
		return superAdmin
	case MSPAdmin:
		return mspAdmin
	case Admin:
		return admin
	case Manager:
		return manager
	case User:
		return user
	case ReadOnly:
		return readOnly
	case BillingViewer:
		return billing
	default:
		return 0
	}
}

// Valid tells whether r is one of the roles.
func (r Role) Valid() bool { return r.set() != 0 }

// Has tells whether the role grants the permission. Unknown roles and permissions grant nothing.
func (r Role) Has(p Permission) bool {
	for _, grant := range grants {
		if grant.permission == p {
			return grant.roles&r.set() != 0
		}
	}
	return false
}

// Permissions lists what the role may do, in the order of the table.
func (r Role) Permissions() []Permission {
	var held []Permission
	for _, grant := range grants {
		if grant.roles&r.set() != 0 {
			held = append(held, grant.permission)
		}
	}
	return held
}

// CanGrant tells whether a person of role r may give role other to somebody: nobody grants a right that they lack.
func (r Role) CanGrant(other Role) bool {
	if !other.Valid() || !r.Has(UsersManage) || other.set() < r.set() {
		return false
	}
	for _, p := range other.Permissions() {
		if !r.Has(p) {
			return false
		}
	}
	return true
}
