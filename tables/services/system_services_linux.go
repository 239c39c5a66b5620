package services

import (
	"context"
	"path"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

func generateLinuxServices(ctx context.Context, host tables.Host, q *tables.Query, emit func(*systemService) error) error {
	states := map[string]unitState{}
	if host.Running() && booted(host) && q.WantsAny("state", "pid") {
		var err error
		if states, err = unitStates(ctx, host, q.Wants("pid")); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			hostfile.Skipped(ctx, host, "org.freedesktop.systemd1", err)
		}
	}
	index := indexUnits(ctx, host)
	for _, name := range index.names {
		if path.Ext(name) != ".service" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		d, ok := index.definition(ctx, host, name)
		if !ok {
			continue
		}
		row := systemService{
			Name: strings.TrimSuffix(name, ".service"), DisplayName: d.description, Manager: "systemd", StartType: unitStartType(d.state),
			Username: d.user, Source: d.path,
		}
		row.Command, row.Path = unitCommand(d.commands)
		if state, ok := states[name]; ok {
			row.State, row.PID = state.state, state.pid
		} else if len(states) > 0 {
			row.State = tables.Some("stopped") // the manager has no need to have it loaded
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return sysvServices(ctx, host, index, emit)
}

// unitStartType says in the words of all managers what a unit's state means.
func unitStartType(state string) string {
	switch {
	case strings.HasPrefix(state, "enabled") || state == "generated" || state == "transient":
		return "auto"
	case strings.HasPrefix(state, "masked"):
		return "disabled"
	default:
		return "manual" // disabled, static, indirect, linked: others may start it
	}
}

// unitState is what the manager says of a service.
type unitState struct {
	state tables.Null[string]
	pid   tables.Null[int64]
}

// unitStates asks the running manager. One property more is asked for only of services that run.
func unitStates(ctx context.Context, host tables.Host, wantsPID bool) (map[string]unitState, error) {
	ctx, cancel := context.WithTimeout(ctx, busTime)
	defer cancel()
	conn, err := connectManager(ctx, host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	loaded, err := conn.ListUnitsContext(ctx)
	if err != nil {
		return nil, err
	}
	states := make(map[string]unitState, len(loaded))
	for _, u := range loaded {
		if path.Ext(u.Name) != ".service" {
			continue
		}
		var s unitState
		switch u.ActiveState {
		case "active":
			s.state = tables.Some("running")
			if u.SubState == "exited" {
				s.state = tables.Some("stopped")
			}
		case "failed":
			s.state = tables.Some("failed")
		case "inactive":
			s.state = tables.Some("stopped")
		default:
			s.state = tables.Some("changing")
		}
		if wantsPID && s.state.V == "running" {
			if p, err := conn.GetServicePropertyContext(ctx, u.Name, "MainPID"); err == nil {
				if pid, ok := p.Value.Value().(uint32); ok && pid > 0 {
					s.pid = tables.Some(int64(pid))
				}
			}
		}
		states[u.Name] = s
	}
	return states, ctx.Err()
}

// sysvServices emits the scripts of SysV init that no unit takes the place of.
func sysvServices(ctx context.Context, host tables.Host, index *unitIndex, emit func(*systemService) error) error {
	started := map[string]bool{}
	for _, level := range "2345" {
		for _, link := range hostfile.Files(ctx, host, "/etc/rc"+string(level)+".d") {
			if name := path.Base(link); len(name) > 3 && name[0] == 'S' {
				started[name[3:]] = true // S01cron
			}
		}
	}
	for _, file := range hostfile.Files(ctx, host, initScripts) {
		name := path.Base(file)
		if _, isUnit := index.files[name+".service"]; isUnit || name == "README" {
			continue
		}
		if info, err := host.Stat(file); err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o100 == 0 {
			continue
		}
		row := systemService{Name: name, Manager: "sysv", StartType: "manual", Username: "root", Command: file, Path: file, Source: file}
		if started[name] {
			row.StartType = "auto"
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
