package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/accounts"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// passwordPolicy is one rule for passwords and logins.
type passwordPolicy struct {
	UID               int64  `col:"uid" opt:"index" doc:"User; -1 where it is for all."`
	PolicyIdentifier  string `col:"policy_identifier" doc:"Identifier of the rule."`
	PolicyContent     string `col:"policy_content" doc:"Rule as a predicate."`
	PolicyDescription string `col:"policy_description" doc:"Rule as people read it."`
	PolicyCategory    string `col:"policy_category" doc:"What it is for: policyCategoryPasswordContent, policyCategoryAuthentication or policyCategoryPasswordChange."`
	PolicyParameters  string `col:"policy_parameters" doc:"Its parameters as JSON."`
}

// PasswordPolicy has a row for each rule, of the machine, with uid -1, and of accounts.
// Source: pwpolicy(8) for the machine's, on a running system; the local directory for the accounts'.
var PasswordPolicy = tables.Define[passwordPolicy](tables.Spec{
	Name: "password_policy", Doc: "Rules for passwords and logins.",
	Category: tables.Identity, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT policy_identifier, policy_content FROM password_policy WHERE uid = -1",
		"SELECT 1 FROM password_policy WHERE policy_content LIKE '%policyAttributePassword matches%'",
	},
}, generatePasswordPolicy)

var passwordPolicyCategories = [...]string{"policyCategoryPasswordContent", "policyCategoryAuthentication", "policyCategoryPasswordChange"}

const policyCommand = "/usr/bin/pwpolicy"

func generatePasswordPolicy(ctx context.Context, host tables.Host, q *tables.Query, emit func(*passwordPolicy) error) error {
	uids, byUID := q.EqualInt("uid")
	wanted := func(uid int64) bool { return !byUID || slices.Contains(uids, uid) }
	if wanted(-1) {
		if out, err := host.Run(ctx, policyCommand, "-getaccountpolicies"); err != nil {
			hostfile.Skipped(ctx, host, policyCommand, err)
		} else if list, ok := printedPolicies(out); ok {
			if err := emitPolicies(-1, list, emit); err != nil {
				return err
			}
		}
	}
	for _, record := range accounts.Directory(ctx, host, "users") {
		uid, list, ok := accountPolicy(ctx, host, record)
		if !ok || !wanted(uid) {
			continue
		}
		if err := emitPolicies(uid, list, emit); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// printedPolicies reads what pwpolicy prints: a line of words, then a property list where there are rules.
func printedPolicies(out []byte) (plist.Dict, bool) {
	at := bytes.Index(out, []byte("<?xml"))
	if at < 0 {
		return nil, false
	}
	list, err := plist.ParseDict(out[at:])
	return list, err == nil
}

func emitPolicies(uid int64, list plist.Dict, emit func(*passwordPolicy) error) error {
	for _, category := range passwordPolicyCategories {
		for _, policy := range list.Dicts(category) {
			row := passwordPolicy{
				UID: uid, PolicyCategory: category, PolicyIdentifier: policy.Text("policyIdentifier"), PolicyContent: policy.Text("policyContent"),
			}
			words := policy.Dict("policyContentDescription")
			if row.PolicyDescription = words.Text("policyDefaultContentDescription"); row.PolicyDescription == "" {
				row.PolicyDescription = words.Text("en")
			}
			if parameters := policy.Dict("policyParameters"); parameters != nil {
				text, err := json.Marshal(plist.JSON(parameters))
				if err != nil {
					return fmt.Errorf("policy %s as JSON: %w", row.PolicyIdentifier, err)
				}
				row.PolicyParameters = string(text)
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return nil
}
