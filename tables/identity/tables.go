package identity

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AccountPolicyData,
	ADConfig,
	AuthorizationMechanisms,
	Authorizations,
	AuthorizedKeys,
	CertificateTrustSettings,
	Certificates,
	Groups,
	KeychainACLs,
	KeychainItems,
	KnownHosts,
	Last,
	LoggedInUsers,
	LoginDefs,
	LogonSessions,
	NTDomains,
	PAMRules,
	PasswordHashTypes,
	PasswordPolicy,
	PasswordRules,
	Screenlock,
	SecureBootCertificates,
	SecurityProfileInfo,
	Shadow,
	ShellHistory,
	SSHConfigs,
	SSHDConfig,
	Sudoers,
	UserGroups,
	UserSSHKeys,
	Users,
}
