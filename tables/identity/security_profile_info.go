package identity

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/registry"
)

// securityProfileInfo is the machine's policies for accounts and auditing.
type securityProfileInfo struct {
	MinimumPasswordAge     tables.Null[int64]  `col:"minimum_password_age" type:"INTEGER" doc:"Days before a password may be changed."`
	MaximumPasswordAge     tables.Null[int64]  `col:"maximum_password_age" type:"INTEGER" doc:"Days before a password must be changed; -1 is never."`
	MinimumPasswordLength  tables.Null[int64]  `col:"minimum_password_length" type:"INTEGER" doc:"Characters that a password must have."`
	PasswordComplexity     tables.Null[int64]  `col:"password_complexity" type:"INTEGER" doc:"1 where a password must mix kinds of characters."`
	PasswordHistorySize    tables.Null[int64]  `col:"password_history_size" type:"INTEGER" doc:"Old passwords that may not be used again."`
	LockoutBadCount        tables.Null[int64]  `col:"lockout_bad_count" type:"INTEGER" doc:"Wrong passwords that lock an account; 0 is none."`
	LogonToChangePassword  tables.Null[int64]  `col:"logon_to_change_password" type:"INTEGER" doc:"1 where one must log on to change a password."`
	ForceLogoffWhenExpire  tables.Null[int64]  `col:"force_logoff_when_expire" type:"INTEGER" doc:"1 where sessions end when an account's hours end."`
	NewAdministratorName   tables.Null[string] `col:"new_administrator_name" class:"personal" doc:"Name of the administrator's account."`
	NewGuestName           tables.Null[string] `col:"new_guest_name" class:"personal" doc:"Name of the guest's account."`
	ClearTextPassword      tables.Null[int64]  `col:"clear_text_password" type:"INTEGER" doc:"1 where passwords are stored so that they can be read back."`
	LSAAnonymousNameLookup tables.Null[int64]  `col:"lsa_anonymous_name_lookup" type:"INTEGER" doc:"1 where anyone may ask for names of identifiers."`
	EnableAdminAccount     tables.Null[int64]  `col:"enable_admin_account" type:"INTEGER" doc:"1 where the administrator's account is enabled."`
	EnableGuestAccount     tables.Null[int64]  `col:"enable_guest_account" type:"INTEGER" doc:"1 where the guest's account is enabled."`
	AuditSystemEvents      tables.Null[int64]  `col:"audit_system_events" type:"INTEGER" doc:"Auditing of system events: 0 none, 1 success, 2 failure, 3 both."`
	AuditLogonEvents       tables.Null[int64]  `col:"audit_logon_events" type:"INTEGER" doc:"Auditing of logons."`
	AuditObjectAccess      tables.Null[int64]  `col:"audit_object_access" type:"INTEGER" doc:"Auditing of access to objects."`
	AuditPrivilegeUse      tables.Null[int64]  `col:"audit_privilege_use" type:"INTEGER" doc:"Auditing of the use of privileges."`
	AuditPolicyChange      tables.Null[int64]  `col:"audit_policy_change" type:"INTEGER" doc:"Auditing of changes of policies."`
	AuditAccountManage     tables.Null[int64]  `col:"audit_account_manage" type:"INTEGER" doc:"Auditing of changes of accounts."`
	AuditProcessTracking   tables.Null[int64]  `col:"audit_process_tracking" type:"INTEGER" doc:"Auditing of processes."`
	AuditDSAccess          tables.Null[int64]  `col:"audit_ds_access" type:"INTEGER" doc:"Auditing of access to the directory."`
	AuditAccountLogon      tables.Null[int64]  `col:"audit_account_logon" type:"INTEGER" doc:"Auditing of logons that this machine decides."`
}

// SecurityProfileInfo has one row.
// Source: the account database's F value and the audit policy in the registry, and NetUserModalsGet.
var SecurityProfileInfo = tables.Define[securityProfileInfo](tables.Spec{
	Name: "security_profile_info", Doc: "Policies for passwords, lockout and auditing.",
	Category: tables.Identity, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT minimum_password_length, password_complexity, lockout_bad_count FROM security_profile_info"},
}, generateSecurityProfileInfo)

const (
	accountDomain = `HKEY_LOCAL_MACHINE\SAM\SAM\Domains\Account`
	lsaKey        = `HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa`
)

func generateSecurityProfileInfo(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*securityProfileInfo) error) error {
	r := registry.Open(ctx, host)
	defer r.Close()
	var row securityProfileInfo
	f, ok := r.Key(accountDomain).Value("F")
	if ok {
		parsePasswordPolicy(f.Data, &row)
	}
	if host.Live() {
		readLivePolicies(&row)
	} else if !ok && r.Key(lsaKey) == nil {
		return nil // no Windows
	}
	if anonymous, ok := r.Key(lsaKey).Int("TurnOffAnonymousBlock"); ok {
		row.LSAAnonymousNameLookup = tables.Some(anonymous)
	}
	users, err := accounts.Users(ctx, host)
	if err != nil {
		return err
	}
	const administrator, guest = "-500", "-501"
	for _, u := range users {
		switch enabled := tables.Some(int64(boolean(!u.Disabled))); {
		case u.Type == accounts.Local && strings.HasSuffix(u.UUID, administrator):
			row.NewAdministratorName, row.EnableAdminAccount = tables.Some(u.Name), enabled
		case u.Type == accounts.Local && strings.HasSuffix(u.UUID, guest):
			row.NewGuestName, row.EnableGuestAccount = tables.Some(u.Name), enabled
		}
	}
	return emit(&row)
}

// parsePasswordPolicy reads the value F of the account domain. Its times are negative counts of 100 nanoseconds.
func parsePasswordPolicy(f []byte, row *securityProfileInfo) {
	const size = 0x56
	if len(f) < size {
		return
	}
	days := func(at int) tables.Null[int64] {
		const never = -1 << 63
		steps := int64(binary.LittleEndian.Uint64(f[at:]))
		if steps == never {
			return tables.Some[int64](-1)
		}
		return tables.Some(-steps / (24 * 3600 * 1e7))
	}
	row.MaximumPasswordAge, row.MinimumPasswordAge = days(0x18), days(0x20)
	const logoffNever = -1 << 63
	row.ForceLogoffWhenExpire = tables.Some(int64(boolean(int64(binary.LittleEndian.Uint64(f[0x28:])) != logoffNever)))
	properties := binary.LittleEndian.Uint32(f[0x4C:])
	row.PasswordComplexity = tables.Some(int64(properties & 1))
	row.LogonToChangePassword = tables.Some(int64(properties >> 1 & 1))
	row.ClearTextPassword = tables.Some(int64(properties >> 4 & 1))
	row.MinimumPasswordLength = tables.Some(int64(binary.LittleEndian.Uint16(f[0x50:])))
	row.PasswordHistorySize = tables.Some(int64(binary.LittleEndian.Uint16(f[0x52:])))
	row.LockoutBadCount = tables.Some(int64(binary.LittleEndian.Uint16(f[0x54:])))
}
