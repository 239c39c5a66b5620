package kernel

import "github.com/tenantra/tenantra/tables"

// deviceguardStatus is the state of virtualization-based security.
type deviceguardStatus struct {
	Version                              string `col:"version" collate:"VERSION" doc:"Version of Device Guard."`
	InstanceIdentifier                   string `col:"instance_identifier" doc:"Identifier of the instance."`
	VBSStatus                            string `col:"vbs_status" doc:"VBS_NOT_ENABLED, VBS_ENABLED_AND_NOT_RUNNING or VBS_ENABLED_AND_RUNNING."`
	CodeIntegrityPolicyEnforcementStatus string `col:"code_integrity_policy_enforcement_status" doc:"OFF, AUDIT_MODE or ENFORCED_MODE of the code integrity policy."`
	ConfiguredSecurityServices           string `col:"configured_security_services" doc:"Services that are configured, joined by blanks."`
	RunningSecurityServices              string `col:"running_security_services" doc:"Services that run, joined by blanks."`
	UMCIPolicyStatus                     string `col:"umci_policy_status" doc:"OFF, AUDIT_MODE or ENFORCED_MODE of the policy for user mode."`
}

// DeviceguardStatus has one row.
// Source: Win32_DeviceGuard of WMI.
var DeviceguardStatus = tables.DefineByPlatform(tables.Spec{
	Name: "deviceguard_status", Aliases: []string{"hvci_status"}, Doc: "State of Device Guard and virtualization-based security.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT vbs_status, running_security_services FROM deviceguard_status"},
}, tables.Generators[deviceguardStatus]{})
