package identity

import "github.com/tenantra/tenantra/tables"

// securityProfileInfo is the machine's policies for accounts and auditing.
type securityProfileInfo struct {
	MinimumPasswordAge     int32  `col:"minimum_password_age" doc:"Days before a password may be changed."`
	MaximumPasswordAge     int32  `col:"maximum_password_age" doc:"Days before a password must be changed; -1 is never."`
	MinimumPasswordLength  int32  `col:"minimum_password_length" doc:"Characters that a password must have."`
	PasswordComplexity     int32  `col:"password_complexity" doc:"1 where a password must mix kinds of characters."`
	PasswordHistorySize    int32  `col:"password_history_size" doc:"Old passwords that may not be used again."`
	LockoutBadCount        int32  `col:"lockout_bad_count" doc:"Wrong passwords that lock an account; 0 is none."`
	LogonToChangePassword  int32  `col:"logon_to_change_password" doc:"1 where one must log on to change a password."`
	ForceLogoffWhenExpire  int32  `col:"force_logoff_when_expire" doc:"1 where sessions end when an account's hours end."`
	NewAdministratorName   string `col:"new_administrator_name" class:"personal" doc:"Name of the administrator's account."`
	NewGuestName           string `col:"new_guest_name" class:"personal" doc:"Name of the guest's account."`
	ClearTextPassword      int32  `col:"clear_text_password" doc:"1 where passwords are stored so that they can be read back."`
	LSAAnonymousNameLookup int32  `col:"lsa_anonymous_name_lookup" doc:"1 where anyone may ask for names of identifiers."`
	EnableAdminAccount     int32  `col:"enable_admin_account" doc:"1 where the administrator's account is enabled."`
	EnableGuestAccount     int32  `col:"enable_guest_account" doc:"1 where the guest's account is enabled."`
	AuditSystemEvents      int32  `col:"audit_system_events" doc:"Auditing of system events: 0 none, 1 success, 2 failure, 3 both."`
	AuditLogonEvents       int32  `col:"audit_logon_events" doc:"Auditing of logons."`
	AuditObjectAccess      int32  `col:"audit_object_access" doc:"Auditing of access to objects."`
	AuditPrivilegeUse      int32  `col:"audit_privilege_use" doc:"Auditing of the use of privileges."`
	AuditPolicyChange      int32  `col:"audit_policy_change" doc:"Auditing of changes of policies."`
	AuditAccountManage     int32  `col:"audit_account_manage" doc:"Auditing of changes of accounts."`
	AuditProcessTracking   int32  `col:"audit_process_tracking" doc:"Auditing of processes."`
	AuditDSAccess          int32  `col:"audit_ds_access" doc:"Auditing of access to the directory."`
	AuditAccountLogon      int32  `col:"audit_account_logon" doc:"Auditing of logons that this machine decides."`
}

// SecurityProfileInfo has one row.
// Source: the account database's F value and the audit policy in the registry, and NetUserModalsGet.
var SecurityProfileInfo = tables.DefineByPlatform(tables.Spec{
	Name: "security_profile_info", Doc: "Policies for passwords, lockout and auditing.",
	Category: tables.Identity, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT minimum_password_length, password_complexity, lockout_bad_count FROM security_profile_info"},
}, tables.Generators[securityProfileInfo]{})
