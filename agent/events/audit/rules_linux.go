package audit

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"

	libaudit "github.com/elastic/go-libaudit/v2"
	"github.com/elastic/go-libaudit/v2/rule"
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
		for _, arch := range []string{"b64", "b32"} {
			var known []string
			for _, call := range calls {
				if _, err := buildRule(arch, self, call); err == nil { // some calls are not in some architectures
					known = append(known, call)
				}
			}
			if len(known) == 0 && arch == "b64" {
				return nil, fmt.Errorf("no audit rule can be built for %s on this architecture", table)
			}
			if len(known) == 0 {
				continue
			}
			built, err := buildRule(arch, self, known...)
			if err != nil {
				return nil, err
			}
			out = append(out, built)
		}
	}
	return out, nil
}

func buildRule(arch string, self int, calls ...string) ([]byte, error) {
	r := &rule.SyscallRule{Type: rule.AppendSyscallRuleType, List: "exit", Action: "always", Syscalls: calls, Keys: []string{ruleKey}, Filters: []rule.FilterSpec{
		{Type: rule.ValueFilterType, LHS: "arch", Comparator: "=", RHS: arch},
		{Type: rule.ValueFilterType, LHS: "pid", Comparator: "!=", RHS: strconv.Itoa(self)},
	}}
	built, err := rule.Build(r)
	if err != nil {
		return nil, fmt.Errorf("audit rule for %v: %w", calls, err)
	}
	return built, nil
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
