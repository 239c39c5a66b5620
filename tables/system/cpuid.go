package system

import "github.com/tenantra/tenantra/tables"

// cpuFeature is one thing that the processor tells of itself.
type cpuFeature struct {
	Feature        string `col:"feature" doc:"Name of the feature or fact."`
	Value          string `col:"value" doc:"1 or 0 for a feature, else the fact."`
	OutputRegister string `col:"output_register" doc:"Registers that tell it."`
	OutputBit      int32  `col:"output_bit" doc:"Bit in the register; 0 for facts."`
	InputEAX       string `col:"input_eax" doc:"Number of the question put to the processor."`
}

// CPUID has one row for each feature and fact. It is empty for a system at rest.
// Source: the CPUID instruction of x86 processors.
var CPUID = tables.Define[cpuFeature](tables.Spec{
	Name: "cpuid", Doc: "Features of the processor, as it tells them itself.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Cheap,
	Examples: []string{"SELECT feature FROM cpuid WHERE value = '1'", "SELECT value FROM cpuid WHERE feature = 'vendor'"},
}, generateCPUID)
