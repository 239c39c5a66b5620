package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	libaudit "github.com/elastic/go-libaudit/v2"
	"github.com/elastic/go-libaudit/v2/auparse"
	"golang.org/x/sys/unix"

	"github.com/tenantra/tenantra/agent/events/buffer"
)

// Publisher is the name under which events are recorded.
const Publisher = "audit"

const (
	inFlight  = 512             // events whose records have not all come
	waitParts = 2 * time.Second // for the rest of an event whose end is missing
	lookEvery = 5 * time.Second // for such events and for what the kernel lost
)

// ErrRefused tells that the kernel lets the agent neither listen nor read along.
var ErrRefused = errors.New("the kernel's audit is refused")

// Run records events of some of Tables until the context ends.
func Run(ctx context.Context, tables []string, to *buffer.Buffer, log *slog.Logger) error {
	l := &listener{tables: tables, to: to, log: log}
	control, err := libaudit.NewAuditClient(nil)
	if err != nil {
		return refused(err)
	}
	defer control.Close()
	status, err := control.GetStatus()
	if err != nil {
		return refused(err)
	}
	stream, subscriptions, reason, err := l.attach(control, status)
	if err != nil {
		return err
	}
	defer stream.Close()
	if l.own {
		was := settings{*status}
		defer was.restore(control, log)
		defer func() {
			if err := removeRules(control); err != nil {
				log.Warn("audit rules of the agent could not be removed", "err", err)
			}
		}()
	}
	for _, table := range tables {
		to.SetStatus(table, buffer.Status{Publisher: Publisher, Active: true, Reason: reason, Subscriptions: subscriptions[table]})
	}
	return l.listen(ctx, control, stream, status.Lost)
}

// refused says what the kernel's answer means.
func refused(err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w: run the agent as root, in the host's user namespace, with CAP_AUDIT_CONTROL and CAP_AUDIT_READ: %v", ErrRefused, err)
	case errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("%w: audit is reached only from the host's pid and network namespaces: %v", ErrRefused, err)
	case errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: this kernel was built without audit: %v", ErrRefused, err)
	}
	return fmt.Errorf("%w: %v", ErrRefused, err)
}

// listener records events.
type listener struct {
	tables []string
	to     *buffer.Buffer
	log    *slog.Logger
	own    bool // the kernel tells the agent, by the agent's rules
}

// attach opens the socket from which records come: the agent's own, or, where somebody else's is the one that the kernel tells,
// that of those who read along.
func (l *listener) attach(control *libaudit.AuditClient, status *libaudit.AuditStatus) (stream *libaudit.AuditClient, rules map[string]int64, reason string, err error) {
	const lockedMode, panicMode = 2, 2
	switch {
	case status.PID != 0 && alive(status.PID):
		reason = fmt.Sprintf("process %d (%s) owns the audit socket: what its rules bring about is recorded, and no more; for programs and connections give it rules for execve and connect", status.PID, command(status.PID))
	case status.Enabled == lockedMode:
		reason = "the audit rules are locked until the next start of the machine (auditctl -e 2): what they bring about is recorded, and no more"
	case status.Failure == panicMode:
		reason = "audit is set to stop the machine where its queue overflows (auditctl -f 2): the agent adds no rules, and records what those that are there bring about"
	}
	if reason != "" {
		s, err := openSocket(libaudit.NetlinkGroupReadLog)
		if err != nil {
			return nil, nil, "", refused(err)
		}
		return &libaudit.AuditClient{Netlink: s}, nil, reason, nil
	}
	s, err := openSocket(libaudit.NetlinkGroupNone)
	if err != nil {
		return nil, nil, "", refused(err)
	}
	stream = &libaudit.AuditClient{Netlink: s}
	if rules, err = l.claim(control, stream, status); err != nil {
		return nil, nil, "", errors.Join(err, stream.Close())
	}
	l.own = true
	return stream, rules, "", nil
}

// claim has the kernel tell the agent, by rules for the tables.
func (l *listener) claim(control, stream *libaudit.AuditClient, status *libaudit.AuditStatus) (map[string]int64, error) {
	if err := removeRules(control); err != nil { // of an agent that was killed
		return nil, err
	}
	rules, err := rulesFor(l.tables, os.Getpid())
	if err != nil {
		return nil, err
	}
	if err := (settings{*status}).apply(control); err != nil {
		return nil, err
	}
	if err := stream.SetPID(libaudit.WaitForReply); err != nil {
		(settings{*status}).restore(control, l.log)
		return nil, refused(err)
	}
	for _, r := range rules {
		if err := control.AddRule(r); err != nil {
			err = errors.Join(fmt.Errorf("add an audit rule: %w", err), removeRules(control))
			(settings{*status}).restore(control, l.log)
			return nil, err
		}
	}
	counts := map[string]int64{}
	for _, table := range l.tables {
		mine, err := rulesFor([]string{table}, os.Getpid())
		if err != nil {
			return nil, err
		}
		counts[table] = int64(len(mine))
	}
	return counts, nil
}

func alive(pid uint32) bool {
	_, err := os.Stat("/proc/" + strconv.FormatUint(uint64(pid), 10))
	return !errors.Is(err, fs.ErrNotExist)
}

func command(pid uint32) string {
	text, err := os.ReadFile("/proc/" + strconv.FormatUint(uint64(pid), 10) + "/comm")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// listen takes records until the context ends.
func (l *listener) listen(ctx context.Context, control, stream *libaudit.AuditClient, lost uint32) error {
	whole, err := libaudit.NewReassembler(inFlight, waitParts, &sink{l})
	if err != nil {
		return err
	}
	defer whole.Close()
	watching, done := context.WithCancel(ctx)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		l.look(watching, control, whole, lost)
		stream.Close() // ends the Receive that waits
	}()
	defer func() { done(); <-finished }()
	for {
		message, err := stream.Receive(false)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.ENOBUFS):
			l.dropped(1, "the socket's buffer overflowed: an unknown number of audit records was lost")
		case errors.Is(err, errForeign), errors.Is(err, unix.EINTR):
		case errors.Is(err, os.ErrClosed):
			return errors.New("another program has become the one that the kernel's audit tells")
		case err != nil:
			return fmt.Errorf("receive audit records: %w", err)
		case message.Type < auparse.AUDIT_USER_AUTH: // an answer to what the agent asked
		default:
			if err := whole.Push(message.Type, message.Data); err != nil {
				l.dropped(1, "an audit record could not be read")
				l.log.DebugContext(ctx, "an audit record could not be read", "type", message.Type, "err", err)
			}
		}
	}
}

// look ends events of which the end is missing, and counts what the kernel lost, until the context ends.
func (l *listener) look(ctx context.Context, control *libaudit.AuditClient, whole *libaudit.Reassembler, lost uint32) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := whole.Maintain(); err != nil {
			return
		}
		status, err := control.GetStatus()
		if err != nil {
			l.log.WarnContext(ctx, "the state of the kernel's audit could not be read", "err", err)
			continue
		}
		if n := status.Lost - lost; n > 0 && status.Lost > lost {
			l.dropped(int64(n), "the kernel's audit lost records: its queue or its rate was exceeded")
		}
		lost = status.Lost
		if l.own && status.PID != uint32(os.Getpid()) { // #nosec G115 -- process numbers fit
			return // somebody took the socket: what now holds is found out anew
		}
	}
}

// dropped counts records that were lost, of which nobody knows the table.
func (l *listener) dropped(n int64, reason string) {
	for _, table := range l.tables {
		l.to.Dropped(table, n, reason)
	}
}

// sink gets whole events.
type sink struct{ *listener }

// ReassemblyComplete is part of libaudit.Stream.
func (s *sink) ReassemblyComplete(records []*auparse.AuditMessage) {
	e := newEvent(records, uptimeAt)
	e.rows(func(table string, row any) {
		if slices.Contains(s.tables, table) {
			s.to.Record(table, e.at, row)
		}
	})
}

// EventsLost is part of libaudit.Stream. Numbers are missing also where the kernel gave them to events that no rule records; what
// it lost it counts itself.
func (s *sink) EventsLost(int) {}

// uptimeAt gives the seconds from the start of the machine to a time not long ago.
func uptimeAt(at time.Time) int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return max(0, now.Sec-int64(time.Since(at).Seconds()))
}
