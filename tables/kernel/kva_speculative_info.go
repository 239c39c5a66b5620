package kernel

import "github.com/tenantra/tenantra/tables"

// kvaSpeculativeInfo is the kernel's defence against speculation attacks.
type kvaSpeculativeInfo struct {
	KVAShadowEnabled     int32 `col:"kva_shadow_enabled" doc:"1 where the kernel's addresses are hidden from user mode."`
	KVAShadowUserGlobal  int32 `col:"kva_shadow_user_global" doc:"1 where user pages are marked as global."`
	KVAShadowPCID        int32 `col:"kva_shadow_pcid" doc:"1 where process context identifiers are used."`
	KVAShadowInvPCID     int32 `col:"kva_shadow_inv_pcid" doc:"1 where INVPCID is used."`
	BPMitigations        int32 `col:"bp_mitigations" doc:"1 where branch prediction is guarded."`
	BPSystemPolDisabled  int32 `col:"bp_system_pol_disabled" doc:"1 where the system's policy turned that off."`
	BPMicrocodeDisabled  int32 `col:"bp_microcode_disabled" doc:"1 where missing microcode turned that off."`
	CPUSpecCtrlSupported int32 `col:"cpu_spec_ctrl_supported" doc:"1 where the processor has SPEC_CTRL."`
	IBRSSupportEnabled   int32 `col:"ibrs_support_enabled" doc:"1 where IBRS is used."`
	STIBPSupportEnabled  int32 `col:"stibp_support_enabled" doc:"1 where STIBP is used."`
	CPUPredCmdSupported  int32 `col:"cpu_pred_cmd_supported" doc:"1 where the processor has PRED_CMD."`
}

// KVASpeculativeInfo has one row.
// Source: NtQuerySystemInformation, classes 196 and 201.
var KVASpeculativeInfo = tables.Define[kvaSpeculativeInfo](tables.Spec{
	Name: "kva_speculative_info", Doc: "Defences against Meltdown and Spectre that are at work.",
	Category: tables.Kernel, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT kva_shadow_enabled, bp_mitigations FROM kva_speculative_info"},
}, generateKVASpeculativeInfo)

// kvaRow reads the bits of SYSTEM_KERNEL_VA_SHADOW_INFORMATION and SYSTEM_SPECULATION_CONTROL_INFORMATION.
func kvaRow(shadow, control uint32) kvaSpeculativeInfo {
	bit := func(flags uint32, n int) int32 { return int32(flags >> n & 1) }
	return kvaSpeculativeInfo{
		KVAShadowEnabled: bit(shadow, 0), KVAShadowUserGlobal: bit(shadow, 1), KVAShadowPCID: bit(shadow, 2), KVAShadowInvPCID: bit(shadow, 3),
		BPMitigations: bit(control, 0), BPSystemPolDisabled: bit(control, 1), BPMicrocodeDisabled: bit(control, 2),
		CPUSpecCtrlSupported: bit(control, 4), CPUPredCmdSupported: bit(control, 5), IBRSSupportEnabled: bit(control, 6), STIBPSupportEnabled: bit(control, 7),
	}
}
