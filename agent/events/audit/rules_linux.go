package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"

	libaudit "github.com/elastic/go-libaudit/v2"
)

// ruleKey marks the agent's rules, so that one that was killed finds those that it left behind.
const ruleKey = "tenantra-agent"

// rulesFor builds the rules that the tables need, in the kernel's form. What a process of the agent itself does is left out.
func rulesFor(tables []string, self int) ([][]byte, error) {
	var out [][]byte
	for table, calls := range map[string][]string{processes: {"execve", "execveat"}, sockets: {"connect", "bind", "accept", "accept4"}} {
		if !slices.Contains(tables, table) {
			continue
		}
		for i, arch := range ruleArchitectures[runtime.GOARCH] {
			built, ok := buildRule(arch, self, calls...)
			if !ok && i == 0 {
				return nil, fmt.Errorf("no audit rule can be built for %s on this architecture", table)
			}
			if ok {
				out = append(out, built)
			}
		}
	}
	return out, nil
}

// architecture is one whose programs the kernel runs, by its name and its number in linux/audit.h.
type architecture struct {
	name   string
	number uint32
}

// ruleArchitectures are those of an agent's machine, its own first. Programs of 32 bits have other numbers of system calls.
var ruleArchitectures = map[string][]architecture{
	"amd64": {{"x86_64", 0xC000003E}, {"i386", 0x40000003}},
	"arm64": {{"aarch64", 0xC00000B7}, {"arm", 0x40000028}},
}

// The parts of a struct audit_rule_data of linux/audit.h that the agent's rules use.
const (
	filterExit, actionAlways           = 4, 2
	fieldPID, fieldArch, fieldKey      = 0, 11, 210
	operatorEqual, operatorNotEqual    = 0x40000000, 0x30000000
	ruleFields, maskWords, bitsOfAWord = 64, 64, 32
)

// buildRule makes a rule that records calls, of those that the architecture has; ok is false where it has none of them.
func buildRule(arch architecture, self int, calls ...string) (rule []byte, ok bool) {
	var mask [maskWords]uint32
	for _, call := range calls {
		if number, known := syscallNumber(arch.name, call); known && number < maskWords*bitsOfAWord {
			mask[number/bitsOfAWord] |= 1 << (number % bitsOfAWord)
			ok = true
		}
	}
	if !ok {
		return nil, false
	}
	conditions := [...]struct{ field, value, operator uint32 }{
		{fieldArch, arch.number, operatorEqual},
		{fieldPID, uint32(self), operatorNotEqual}, // #nosec G115 -- process numbers fit
		{fieldKey, uint32(len(ruleKey)), operatorEqual},
	}
	var fields, values, operators [ruleFields]uint32
	for i, c := range conditions {
		fields[i], values[i], operators[i] = c.field, c.value, c.operator
	}
	words := append([]uint32{filterExit, actionAlways, uint32(len(conditions))}, mask[:]...)
	words = slices.Concat(words, fields[:], values[:], operators[:], []uint32{uint32(len(ruleKey))})
	for _, word := range words {
		rule = binary.NativeEndian.AppendUint32(rule, word)
	}
	rule = append(rule, ruleKey...)
	for len(rule)%4 != 0 {
		rule = append(rule, 0)
	}
	return rule, true
}

// removeRules removes the rules that carry the agent's key, and no other.
func removeRules(c *libaudit.AuditClient) error {
	list, err := c.GetRules()
	if err != nil {
		return fmt.Errorf("list audit rules: %w", err)
	}
	var problems []error
	for _, r := range list {
		if bytes.Contains(r, []byte(ruleKey)) {
			problems = append(problems, c.DeleteRule(r))
		}
	}
	return errors.Join(problems...)
}

// settings are the kernel's that the agent changes and puts back.
type settings struct{ was libaudit.AuditStatus }

// backlogLimit is how many records may wait in the kernel, and rateLimit how many it passes on in a second. Beyond, it drops and
// counts them.
const (
	backlogLimit = 8192
	rateLimit    = 20_000
)

func (s settings) apply(c *libaudit.AuditClient) error {
	problems := []error{c.SetBacklogLimit(max(s.was.BacklogLimit, backlogLimit), libaudit.WaitForReply)}
	if s.was.RateLimit == 0 {
		problems = append(problems, c.SetRateLimit(rateLimit, libaudit.WaitForReply))
	}
	// A full queue must cost events and not make the machine's programs wait.
	problems = append(problems, c.SetBacklogWaitTime(0, libaudit.WaitForReply), c.SetEnabled(true, libaudit.WaitForReply))
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("configure the kernel's audit: %w", err)
	}
	return nil
}

func (s settings) restore(c *libaudit.AuditClient, log *slog.Logger) {
	if err := errors.Join(
		c.SetEnabled(s.was.Enabled == 1, libaudit.WaitForReply),
		c.SetBacklogWaitTime(int32(min(s.was.BacklogWaitTime, 1<<31-1)), libaudit.WaitForReply), // #nosec G115 -- bounded
		c.SetRateLimit(s.was.RateLimit, libaudit.WaitForReply),
		c.SetBacklogLimit(s.was.BacklogLimit, libaudit.WaitForReply),
	); err != nil {
		log.Warn("settings of the kernel's audit could not be put back", "err", err)
	}
}
