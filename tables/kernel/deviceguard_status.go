package kernel

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

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
var DeviceguardStatus = tables.Define[deviceguardStatus](tables.Spec{
	Name: "deviceguard_status", Aliases: []string{"hvci_status"}, Doc: "State of Device Guard and virtualization-based security.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT vbs_status, running_security_services FROM deviceguard_status"},
}, generateDeviceguardStatus)

func generateDeviceguardStatus(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*deviceguardStatus) error) error {
	objects, err := wmi.Objects(ctx, host, "root/Microsoft/Windows/DeviceGuard", "Win32_DeviceGuard",
		"Version", "InstanceIdentifier", "VirtualizationBasedSecurityStatus", "CodeIntegrityPolicyEnforcementStatus",
		"SecurityServicesConfigured", "SecurityServicesRunning", "UsermodeCodeIntegrityPolicyEnforcementStatus")
	if err != nil {
		return err
	}
	for _, o := range objects {
		row := deviceguardStatus{
			Version: o.Text("Version"), InstanceIdentifier: o.Text("InstanceIdentifier"),
			VBSStatus:                            nameOf(o, "VirtualizationBasedSecurityStatus", "VBS_NOT_ENABLED", "VBS_ENABLED_AND_NOT_RUNNING", "VBS_ENABLED_AND_RUNNING"),
			CodeIntegrityPolicyEnforcementStatus: nameOf(o, "CodeIntegrityPolicyEnforcementStatus", "OFF", "AUDIT_MODE", "ENFORCED_MODE"),
			UMCIPolicyStatus:                     nameOf(o, "UsermodeCodeIntegrityPolicyEnforcementStatus", "OFF", "AUDIT_MODE", "ENFORCED_MODE"),
			ConfiguredSecurityServices:           securityServices(o.Numbers("SecurityServicesConfigured")),
			RunningSecurityServices:              securityServices(o.Numbers("SecurityServicesRunning")),
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func nameOf(o wmi.Object, property string, names ...string) string {
	n, ok := o.Int(property)
	if !ok || n < 0 || n >= int64(len(names)) {
		return "UNKNOWN"
	}
	return names[n]
}

func securityServices(numbers []int64) string {
	names := [...]string{
		"NONE", "CREDENTIAL_GUARD", "MEMORY_INTEGRITY", "SYSTEM_GUARD_SECURE_LAUNCH", "SMM_FIRMWARE_MEASUREMENT", "KERNEL_MODE_HARDWARE_ENFORCED_STACK_PROTECTION",
		"KERNEL_MODE_HARDWARE_ENFORCED_STACK_PROTECTION_AUDIT", "HYPERVISOR_ENFORCED_PAGING_TRANSLATION",
	}
	var found []string
	for _, n := range numbers {
		if n < 0 || n >= int64(len(names)) {
			found = append(found, "UNKNOWN")
			continue
		}
		found = append(found, names[n])
	}
	return strings.Join(found, " ")
}
