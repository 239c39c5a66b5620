package containers

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/mask"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerProcess is one process of a container. What the host's ps does not tell is NULL.
type dockerProcess struct {
	ID           string               `col:"id" opt:"required,index" collate:"NOCASE" doc:"Identifier of the container, or the start of one."`
	PID          int64                `col:"pid" opt:"index" doc:"Process by the host's number."`
	Name         tables.Null[string]  `col:"name" doc:"Name that the kernel shows."`
	Cmdline      tables.Null[string]  `col:"cmdline" doc:"Command line, with credentials masked."`
	State        tables.Null[string]  `col:"state" doc:"Run state, one letter as ps shows it."`
	UID          tables.Null[int64]   `col:"uid" doc:"Real user number."`
	GID          tables.Null[int64]   `col:"gid" doc:"Real group number."`
	EUID         tables.Null[int64]   `col:"euid" doc:"Effective user number."`
	EGID         tables.Null[int64]   `col:"egid" doc:"Effective group number."`
	SUID         tables.Null[int64]   `col:"suid" doc:"Saved user number."`
	SGID         tables.Null[int64]   `col:"sgid" doc:"Saved group number."`
	WiredSize    int64                `col:"wired_size" doc:"Bytes that cannot be paged out; 0 as ps does not tell."`
	ResidentSize tables.Null[int64]   `col:"resident_size" doc:"Bytes of memory in use."`
	TotalSize    tables.Null[int64]   `col:"total_size" doc:"Bytes of virtual memory."`
	StartTime    tables.Null[int64]   `col:"start_time" doc:"Start in Unix seconds."`
	Parent       tables.Null[int64]   `col:"parent" doc:"Number of the parent process."`
	PGroup       tables.Null[int64]   `col:"pgroup" doc:"Process group."`
	Threads      tables.Null[int64]   `col:"threads" type:"INTEGER" doc:"Number of threads."`
	Nice         tables.Null[int64]   `col:"nice" type:"INTEGER" doc:"Nice level from -20 to 19; NULL for a real-time process."`
	User         tables.Null[string]  `col:"user" class:"personal" doc:"Name of the effective user on the host."`
	Time         tables.Null[string]  `col:"time" doc:"Processor time as ps shows it: [DD-]HH:MM:SS."`
	CPU          tables.Null[float64] `col:"cpu" doc:"Share of a processor over its life, in percent."`
	Mem          tables.Null[float64] `col:"mem" doc:"Share of memory, in percent."`
}

// DockerContainerProcesses has a row for each process of the containers that the statement names.
// Source: Docker Engine API, /containers/ID/top, which runs ps(1) on the host.
var DockerContainerProcesses = tables.Define[dockerProcess](tables.Spec{
	Name: "docker_container_processes", Doc: "Processes that run in containers.",
	Category: tables.System, Platforms: tables.Linux | tables.Darwin, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT c.name, p.pid, p.cmdline FROM docker_containers c JOIN docker_container_processes p USING (id) WHERE p.euid = 0"},
}, generateDockerProcesses)

// psColumns are what ps is asked for. The daemon parts its lines by blanks and gives the rest of a line to the last column;
// only the command line, which is last, and the name may hold blanks, so the name is asked for by itself.
const psColumns = "pid,s,ruid,rgid,euid,egid,suid,sgid,rss,vsz,etimes,ppid,pgrp,nlwp,nice,user:32,time,pcpu,pmem,args"

// topAnswer is what /containers/ID/top gives.
type topAnswer struct {
	Titles    []string
	Processes [][]string
}

func generateDockerProcesses(ctx context.Context, host tables.Host, q *tables.Query, emit func(*dockerProcess) error) error {
	wantsName := q.Wants("name")
	return eachNamed(ctx, host, q, func(docker *unixhttp.Client, id string) error {
		var top topAnswer
		if ok, err := inspect(ctx, host, docker, topPath(id, psColumns), &top); !ok {
			return err
		}
		names := map[int64]string{}
		if wantsName {
			var short topAnswer
			ok, err := inspect(ctx, host, docker, topPath(id, "pid,comm"), &short)
			if err != nil {
				return err
			}
			if ok {
				names = processNames(short)
			}
		}
		now := host.Now().Unix()
		for _, fields := range top.Processes {
			row, ok := parseDockerProcess(fields, now)
			if !ok {
				continue
			}
			row.ID = id
			if name, known := names[row.PID]; known {
				row.Name = tables.Some(name)
			}
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	})
}

func topPath(id, columns string) string {
	return "/containers/" + id + "/top?ps_args=" + url.QueryEscape("-ewwo "+columns)
}

func processNames(top topAnswer) map[int64]string {
	names := map[int64]string{}
	for _, fields := range top.Processes {
		if len(fields) != 2 {
			continue
		}
		if pid, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
			names[pid] = fields[1]
		}
	}
	return names
}

// parseDockerProcess reads a line of ps; it is false where the line has not the columns that were asked for.
func parseDockerProcess(fields []string, now int64) (dockerProcess, bool) {
	if len(fields) != strings.Count(psColumns, ",")+1 {
		return dockerProcess{}, false
	}
	pid, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return dockerProcess{}, false
	}
	p := dockerProcess{PID: pid, State: tables.Some(fields[1]), User: tables.Some(fields[15]), Time: tables.Some(fields[16])}
	var rss, vsz, elapsed tables.Null[int64]
	for i, into := range map[int]*tables.Null[int64]{
		2: &p.UID, 3: &p.GID, 4: &p.EUID, 5: &p.EGID, 6: &p.SUID, 7: &p.SGID, 8: &rss, 9: &vsz, 10: &elapsed,
		11: &p.Parent, 12: &p.PGroup, 13: &p.Threads, 14: &p.Nice,
	} {
		if v, err := strconv.ParseInt(fields[i], 10, 64); err == nil {
			*into = tables.Some(v)
		}
	}
	p.ResidentSize, p.TotalSize = kibibytes(rss), kibibytes(vsz)
	if elapsed.Valid {
		p.StartTime = tables.Some(now - elapsed.V)
	}
	for i, into := range map[int]*tables.Null[float64]{17: &p.CPU, 18: &p.Mem} {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			*into = tables.Some(v)
		}
	}
	p.Cmdline = tables.Some(mask.CommandLine(fields[19]))
	return p, true
}

func kibibytes(v tables.Null[int64]) tables.Null[int64] {
	if !v.Valid || v.V < 0 || v.V > 1<<52 {
		return tables.Null[int64]{}
	}
	return tables.Some(v.V << 10)
}
