// Package containers answers which containers, images, networks and volumes the daemons on a machine keep. Its tables are
// part of the system inventory. They are asked of the daemons' own sockets; what a daemon tells was often named by others
// (labels, commands, environments) and is shown as data.
package containers

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/unixhttp"
)

// dockerSockets are where Docker's daemon listens, and Podman's service, which speaks the same language.
var dockerSockets = []string{"/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"}

// withDocker calls ask with Docker's daemon; where there is none the table has no rows.
func withDocker(ctx context.Context, host tables.Host, ask func(*unixhttp.Client) error) error {
	return withDaemon(ctx, host, dockerSockets, ask)
}

func withDaemon(ctx context.Context, host tables.Host, sockets []string, ask func(*unixhttp.Client) error) error {
	client, err := unixhttp.Dial(ctx, host, sockets...)
	if errors.Is(err, unixhttp.ErrNoDaemon) {
		return nil
	}
	if err != nil {
		return err
	}
	defer client.Close()
	return ask(client)
}

// dockerList is a request that lists objects.
type dockerList struct {
	path   string // "/containers/json"
	all    bool   // also those that do not run
	filter string // column by whose constants the daemon narrows; "" where it cannot
}

// url gives the request for a statement; asks is false where no object can match its constraints.
func (l dockerList) url(q *tables.Query) (path string, asks bool) {
	arguments := url.Values{}
	if l.all {
		arguments.Set("all", "1")
	}
	if l.filter != "" {
		if wanted := q.Equal(l.filter); wanted != nil {
			wanted = dockerNames(l.filter, wanted)
			if len(wanted) == 0 {
				return "", false
			}
			chosen := map[string]bool{}
			for _, name := range wanted {
				chosen[name] = true
			}
			text, err := json.Marshal(map[string]map[string]bool{l.filter: chosen})
			if err != nil {
				return "", false // a map of texts always marshals
			}
			arguments.Set("filters", string(text))
		}
	}
	if len(arguments) == 0 {
		return l.path, true
	}
	return l.path + "?" + arguments.Encode(), true
}

// dockerNames drops constants that no object can have: the daemon takes them as patterns.
func dockerNames(column string, names []string) []string {
	var kept []string
	for _, name := range names {
		if column == "id" && !isDockerID(name) || name == "" || len(name) > 255 {
			continue
		}
		kept = append(kept, name)
	}
	return kept
}

// isDockerID tells whether text is a digest in hexadecimal or the start of one.
func isDockerID(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	return strings.Trim(strings.ToLower(text), "0123456789abcdef") == ""
}

// askedAs gives an object's id as rows show it: without the name of the digest, and as the statement wrote it where that is
// the start of the id, so that short ids find rows as they do on Docker's command line.
func askedAs(id string, wanted []string) string {
	id = strings.TrimPrefix(id, "sha256:")
	for _, start := range wanted {
		if isDockerID(start) && len(start) <= len(id) && strings.EqualFold(start, id[:len(start)]) {
			return start
		}
	}
	return id
}

// eachListed asks for a list and visits its objects.
func eachListed[Object any](ctx context.Context, host tables.Host, q *tables.Query, list dockerList, visit func(*unixhttp.Client, *Object) error) error {
	path, asks := list.url(q)
	if !asks {
		return nil
	}
	return withDocker(ctx, host, func(docker *unixhttp.Client) error {
		var objects []Object
		if err := docker.Get(ctx, path, &objects); err != nil {
			return err
		}
		for i := range objects {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := visit(docker, &objects[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// inspect asks for one object by its id. ok is false where it has gone since it was listed, or tells what cannot be read.
func inspect(ctx context.Context, host tables.Host, docker *unixhttp.Client, path string, into any) (ok bool, err error) {
	err = docker.Get(ctx, path, into)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	hostfile.Skipped(ctx, host, path, err)
	return false, nil
}

// flag is 1 for true, as osquery shows booleans.
func flag(set bool) int32 {
	if set {
		return 1
	}
	return 0
}
