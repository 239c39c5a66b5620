package kernel

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

const selinuxRoot = "/sys/fs/selinux"

// selinuxSetting is one setting of SELinux.
type selinuxSetting struct {
	Scope string `col:"scope" doc:"booleans, policy_capabilities, initial_contexts or class; empty for the settings of SELinux as a whole."`
	Key   string `col:"key" doc:"Name of the setting; for a class its name and /perms."`
	Value string `col:"value" doc:"Value: on or off for booleans, a permission for a class."`
}

// SELinuxSettings has a row for each setting. A kernel without SELinux has none.
// Source: selinuxfs.
var SELinuxSettings = tables.Define[selinuxSetting](tables.Spec{
	Name: "selinux_settings", Doc: "Settings of SELinux in the running kernel.",
	Category: tables.Kernel, Platforms: tables.Linux, Cost: tables.Moderate,
	Examples: []string{"SELECT value FROM selinux_settings WHERE scope = '' AND key = 'enforce'"},
}, generateSELinuxSettings)

var (
	selinuxRootKeys = [...]string{"checkreqprot", "deny_unknown", "enforce", "mls", "policyvers", "reject_unknown"}
	selinuxScopes   = [...]string{"booleans", "policy_capabilities", "initial_contexts"}
)

func generateSELinuxSettings(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*selinuxSetting) error) error {
	if _, err := host.Stat(path.Join(selinuxRoot, "enforce")); err != nil {
		return nil
	}
	one := func(scope, key string) error {
		data, ok := hostfile.OneOfMany(ctx, host, path.Join(selinuxRoot, scope, key))
		if !ok {
			return nil
		}
		row := selinuxSetting{Scope: scope, Key: key, Value: strings.TrimRight(string(data), "\x00\n")}
		if scope == "booleans" { // the value in force and the one that is to be committed
			switch {
			case strings.HasPrefix(row.Value, "1"):
				row.Value = "on"
			case strings.HasPrefix(row.Value, "0"):
				row.Value = "off"
			}
		}
		return emit(&row)
	}
	for _, key := range selinuxRootKeys {
		if err := one("", key); err != nil {
			return err
		}
	}
	for _, scope := range selinuxScopes {
		for _, file := range hostfile.Files(ctx, host, path.Join(selinuxRoot, scope)) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := one(scope, path.Base(file)); err != nil {
				return err
			}
		}
	}
	classes := path.Join(selinuxRoot, "class")
	for _, class := range hostfile.List(ctx, host, classes) {
		for _, file := range hostfile.Files(ctx, host, path.Join(classes, class.Name(), "perms")) {
			if err := emit(&selinuxSetting{Scope: "class", Key: class.Name() + "/perms", Value: path.Base(file)}); err != nil {
				return err
			}
		}
	}
	return nil
}
