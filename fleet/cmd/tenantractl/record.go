package main

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tenantra/tenantra/fleet/client"
)

// record is an object of the API as it came: JSON and YAML show all of it, tables some of its fields.
type record map[string]any

// fields makes columns of a record's fields.
func fields(names ...string) []column[record] {
	columns := make([]column[record], len(names))
	for i, name := range names {
		columns[i] = column[record]{strings.ReplaceAll(name, "_", " "), func(r record) string { return text(r[name]) }}
	}
	return columns
}

// text shows a value in a cell.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.Local().Format("2006-01-02 15:04")
		}
		return v
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = text(v[i])
		}
		return strings.Join(parts, " ")
	case float64:
		return fmt.Sprintf("%g", v)
	default:
		return fmt.Sprint(v)
	}
}

// listCommand is the action of a command that lists what an operation answers.
func listCommand(path string, flags []string, columns ...string) cli.ActionFunc {
	return withFleet(func(c *cli.Context, fleet *client.Client) error {
		return printList(c, client.List[record](c.Context, fleet, path, filters(c, flags...)), fields(columns...))
	})
}

// filters are the tenant and the named flags that were given, as query parameters.
func filters(c *cli.Context, flags ...string) url.Values {
	query := scope(c)
	for _, flag := range flags {
		name, parameter, renamed := strings.Cut(flag, "=")
		if !renamed {
			parameter = strings.ReplaceAll(name, "-", "_")
		}
		if c.IsSet(name) {
			query.Set(parameter, fmt.Sprint(c.Value(name)))
		}
	}
	return query
}

// callOn is the action of a command that does something to the object that its one argument names.
func callOn(method, what string, path func(id string) string, body func(c *cli.Context) any) cli.ActionFunc {
	return withFleet(func(c *cli.Context, fleet *client.Client) error {
		id, err := oneArgument(c, what)
		if err != nil {
			return err
		}
		var sent any
		if body != nil {
			sent = body(c)
		}
		return fleet.Do(c.Context, method, path(id), scope(c), sent, nil)
	})
}

// tenantID gives the id of a tenant by its slug or id.
func tenantID(c *cli.Context, fleet *client.Client, name string) (string, error) {
	me, err := client.Get[client.Me](c.Context, fleet, "/me", url.Values{"tenant": {name}})
	if err != nil {
		return "", fmt.Errorf("tenant %s: %w", name, err)
	}
	return me.Tenant.ID, nil
}

// userID gives the id of somebody who has a role at the tenant, by e-mail address or id.
func userID(c *cli.Context, fleet *client.Client, name string) (string, error) {
	if !strings.Contains(name, "@") {
		return url.PathEscape(name), nil
	}
	found, err := client.Get[record](c.Context, fleet, "/access/explain", merge(scope(c), "user", name))
	if err != nil {
		return "", fmt.Errorf("person %s: %w", name, err)
	}
	return text((*found)["user_id"]), nil
}

func merge(query url.Values, name, value string) url.Values {
	query.Del("recursive")
	query.Set(name, value)
	return query
}

// items lists what an operation answers in one piece, without pages.
func items(c *cli.Context, fleet *client.Client, path string, query url.Values) iter.Seq2[record, error] {
	return client.List[record](c.Context, fleet, path, query)
}

// secretLine prints what is shown once, alone on standard output, so that scripts can take it.
func secretLine(c *cli.Context, secret any) error {
	_, err := fmt.Fprintln(c.App.Writer, text(secret))
	return err
}

// post creates something and gives the answer.
func post(c *cli.Context, fleet *client.Client, path string, body any) (record, error) {
	var made record
	err := fleet.Do(c.Context, http.MethodPost, path, scope(c), body, &made)
	return made, err
}
