package identity

import (
	"context"
	"strconv"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// accountPolicyData is what the system remembers of one account's logins.
type accountPolicyData struct {
	UID                  int64                `col:"uid" doc:"User."`
	CreationTime         float64              `col:"creation_time" doc:"When the account was made, in Unix seconds."`
	FailedLoginCount     int64                `col:"failed_login_count" doc:"Failed logins since the last one that succeeded."`
	FailedLoginTimestamp tables.Null[float64] `col:"failed_login_timestamp" class:"personal" doc:"Last failed login, in Unix seconds."`
	PasswordLastSetTime  tables.Null[float64] `col:"password_last_set_time" doc:"When the password was set, in Unix seconds."`
}

// AccountPolicyData has a row for each account of which the system remembers something.
// Source: the attribute accountPolicyData of the local directory, which only root may read.
var AccountPolicyData = tables.Define[accountPolicyData](tables.Spec{
	Name: "account_policy_data", Doc: "When accounts were made, their passwords set and logins failed.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT u.username, datetime(a.password_last_set_time, 'unixepoch') AS set_at FROM account_policy_data a JOIN users u USING (uid)"},
}, generateAccountPolicyData)

func generateAccountPolicyData(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*accountPolicyData) error) error {
	for _, record := range accounts.Directory(ctx, host, "users") {
		uid, policy, ok := accountPolicy(ctx, host, record)
		if !ok {
			continue
		}
		row := accountPolicyData{UID: uid, FailedLoginCount: policy.IntOr("failedLoginCount", 0)}
		row.CreationTime, _ = policy.Float("creationTime")
		row.FailedLoginTimestamp.V, row.FailedLoginTimestamp.Valid = policy.Float("failedLoginTimestamp")
		row.PasswordLastSetTime.V, row.PasswordLastSetTime.Valid = policy.Float("passwordLastSetTime")
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// accountPolicy reads the property list within an account's record.
func accountPolicy(ctx context.Context, host tables.Host, record accounts.Record) (uid int64, policy plist.Dict, ok bool) {
	data := record.Data("accountPolicyData")
	if len(data) == 0 {
		return 0, nil, false
	}
	uid, err := strconv.ParseInt(record.Text("uid"), 10, 64)
	if err == nil {
		policy, err = plist.ParseDict(data)
	}
	if err != nil {
		hostfile.Skipped(ctx, host, record.Text("name"), err)
		return 0, nil, false
	}
	return uid, policy, true
}
