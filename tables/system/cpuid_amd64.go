package system

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// askCPU puts a question to the processor that this runs on.
func askCPU(eaxIn, ecxIn uint32) (eax, ebx, ecx, edx uint32)

// cpuQuestion is a question and the features in the bits of its answer.
type cpuQuestion struct {
	eax      uint32
	features []cpuBit
}

type cpuBit struct {
	name     string
	register string
	bit      int32
}

var cpuQuestions = []cpuQuestion{
	{1, []cpuBit{
		{"pae", "edx", 6}, {"msr", "edx", 5}, {"sep", "edx", 11}, {"mtrr", "edx", 12}, {"pge", "edx", 13}, {"mca", "edx", 14},
		{"pat", "edx", 16}, {"clfsh", "edx", 19}, {"acpi", "edx", 22}, {"mmz", "edx", 23}, {"sse", "edx", 25}, {"sse2", "edx", 26},
		{"ss", "edx", 27}, {"htt", "edx", 28}, {"ia64", "edx", 30},
		{"sse3", "ecx", 0}, {"vmx", "ecx", 5}, {"smx", "ecx", 6}, {"ssse3", "ecx", 9}, {"sdbg", "ecx", 11}, {"pdcm", "ecx", 15},
		{"pcid", "ecx", 17}, {"dca", "ecx", 18}, {"sse4.1", "ecx", 19}, {"sse4.2", "ecx", 20}, {"aes", "ecx", 25}, {"avx", "ecx", 28},
		{"hypervisor", "ecx", 31},
	}},
	{7, []cpuBit{
		{"sgx", "ebx", 2}, {"hle", "ebx", 4}, {"avx2", "ebx", 5}, {"smep", "ebx", 7}, {"bmi2", "ebx", 8}, {"erms", "ebx", 9},
		{"invpcid", "ebx", 10}, {"rtm", "ebx", 11}, {"pqm", "ebx", 12}, {"mpx", "ebx", 14}, {"pqe", "ebx", 15}, {"avx512f", "ebx", 16},
		{"avx512dq", "ebx", 17}, {"rdseed", "ebx", 18}, {"adx", "ebx", 19}, {"smap", "ebx", 20}, {"intel_pt", "ebx", 25}, {"sha", "ebx", 29},
		{"umip", "ecx", 2}, {"pku", "ecx", 3}, {"ospke", "ecx", 4}, {"gfni", "ecx", 8}, {"vaes", "ecx", 9}, {"sgx_lc", "ecx", 30},
		{"spec_ctrl", "edx", 26},
	}},
	{0x8000_0001, []cpuBit{
		{"lahfsahf", "ecx", 0}, {"svm", "ecx", 2}, {"3dnowprefetch", "ecx", 8}, {"ibs", "ecx", 10}, {"skinit", "ecx", 12}, {"lwp", "ecx", 15},
		{"nx", "edx", 20}, {"page1gb", "edx", 26}, {"lm", "edx", 29},
	}},
}

func generateCPUID(_ context.Context, host tables.Host, _ *tables.Query, emit func(*cpuFeature) error) error {
	if !host.Running() {
		return nil
	}
	for _, row := range append(cpuFacts(), cpuFeatures()...) {
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func cpuFacts() []cpuFeature {
	_, b, c, d := askCPU(0, 0)
	facts := []cpuFeature{{Feature: "vendor", Value: registerText(b, d, c), OutputRegister: "ebx,edx,ecx", InputEAX: "0"}}

	const firstName = 0x8000_0002
	var name string
	for i := range uint32(3) {
		a, b, c, d := askCPU(firstName+i, 0)
		name += registerText(a, b, c, d)
	}
	facts = append(facts, cpuFeature{Feature: "product_name", Value: name, OutputRegister: "eax,ebx,ecx,edx", InputEAX: "0x80000002"})

	if a, b, _, _ := askCPU(0x4000_0000, 0); a != 0 {
		facts = append(facts, cpuFeature{Feature: "hypervisor_id", Value: fmt.Sprintf("%08x%08x", a, b), OutputRegister: "ebx,ecx,edx", InputEAX: "0x40000000"})
	}
	signature, _, _, _ := askCPU(1, 0)
	low, _, _, high := askCPU(3, 0)
	return append(facts,
		cpuFeature{Feature: "serial", Value: fmt.Sprintf("%08x%08x%08x", signature, low, high), OutputRegister: "eax,eax,ecx", InputEAX: "1,3"},
		cpuFeature{Feature: "family", Value: fmt.Sprintf("%04x", signature&0xf00), OutputRegister: "eax", InputEAX: "1"},
	)
}

func cpuFeatures() []cpuFeature {
	var features []cpuFeature
	for _, question := range cpuQuestions {
		_, b, c, d := askCPU(question.eax, 0)
		registers := map[string]uint32{"ebx": b, "ecx": c, "edx": d}
		for _, f := range question.features {
			features = append(features, cpuFeature{
				Feature: f.name, Value: strconv.FormatUint(uint64(registers[f.register]>>f.bit&1), 10),
				OutputRegister: f.register, OutputBit: f.bit, InputEAX: strconv.FormatUint(uint64(question.eax), 10),
			})
		}
	}
	const enclaves = 0x12
	for i, input := range []string{"18", "18,1"} {
		a, b, c, d := askCPU(enclaves, uint32(i))
		features = append(features, cpuFeature{
			Feature: "sgx" + strconv.Itoa(i), Value: fmt.Sprintf("%08x%08x%08x%08x", a, b, c, d), OutputRegister: "eax,ebx,ecx,edx", InputEAX: input,
		})
	}
	return features
}

// registerText reads the characters that registers hold.
func registerText(registers ...uint32) string {
	var text []byte
	for _, r := range registers {
		text = binary.LittleEndian.AppendUint32(text, r)
	}
	return strings.TrimRight(string(text), "\x00")
}
