package packs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// AddQuery puts a query into a pack's text, or in the place of the one of its name. Every other line, comments too, stays
// as it is. The text must be one that Parse reads; whether the result is, too, the caller finds out by reading it.
func AddQuery(text string, q ScheduledQuery) (string, error) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return "", fmt.Errorf("read pack: %w", err)
	}
	if len(file.Docs) != 1 {
		return "", fmt.Errorf("read pack: %d documents, want one", len(file.Docs))
	}
	root, _ := file.Docs[0].Body.(*ast.MappingNode)
	if root == nil {
		return "", errors.New("read pack: it is not a mapping")
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1] // what follows the last line end
	for i, value := range root.Values {
		if keyOf(value) != "queries" {
			continue
		}
		queries, _ := value.Value.(*ast.MappingNode)
		if queries == nil || queries.IsFlowStyle || len(queries.Values) == 0 {
			return "", errors.New("the pack's queries are on one line: write them one below the other first")
		}
		end := len(lines)
		if i+1 < len(root.Values) {
			end = lineOf(root.Values[i+1])
		}
		return splice(lines, queries, end, q)
	}
	return "", errors.New("the pack has no queries")
}

// splice writes q into the lines of a mapping that ends before line end, counted from 0.
func splice(lines []string, queries *ast.MappingNode, end int, q ScheduledQuery) (string, error) {
	written, err := yaml.MarshalWithOptions(yaml.MapSlice{{Key: q.Name, Value: queryTextOf(q)}}, yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return "", fmt.Errorf("write query %s: %w", q.Name, err)
	}
	margin := strings.Repeat(" ", queries.Values[0].Key.GetToken().Position.Column-1)
	from, to := -1, end
	for i, value := range queries.Values {
		if keyOf(value) != q.Name {
			continue
		}
		if from = lineOf(value); i+1 < len(queries.Values) {
			to = lineOf(queries.Values[i+1])
		}
	}
	// What stands above the next key belongs to that.
	for last := to - 1; last > max(from, 0) && remark(lines[last]); last-- {
		to = last
	}
	if from < 0 {
		from = to
	}
	var added []string
	for line := range strings.Lines(string(written)) {
		added = append(added, margin+line)
	}
	return strings.Join(slices.Replace(lines, from, to, added...), ""), nil
}

func remark(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

func keyOf(value *ast.MappingValueNode) string { return value.Key.GetToken().Value }

// lineOf is the line of a key, counted from 0.
func lineOf(value *ast.MappingValueNode) int { return value.Key.GetToken().Position.Line - 1 }
