package services

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// wmiEventFilter is a query for events.
type wmiEventFilter struct {
	Namespace     string `col:"namespace" doc:"Namespace of the object."`
	Name          string `col:"name" doc:"Name of the filter."`
	Query         string `col:"query" doc:"Query for the events."`
	QueryLanguage string `col:"query_language" doc:"Language of the query."`
	Class         string `col:"class" doc:"Class of the object."`
	RelativePath  string `col:"relative_path" doc:"Path of the object in its namespace."`
}

// WMIEventFilters has a row for each filter.
// Source: __EventFilter of WMI.
var WMIEventFilters = tables.Define[wmiEventFilter](tables.Spec{
	Name: "wmi_event_filters", Doc: "Queries for events that WMI waits for.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT name, query FROM wmi_event_filters"},
}, generateWMIEventFilters)

func generateWMIEventFilters(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wmiEventFilter) error) error {
	return eachSubscription(ctx, host, "__EventFilter", []string{"Name", "Query", "QueryLanguage"}, func(namespace string, o wmi.Object) error {
		return emit(&wmiEventFilter{
			Namespace: namespace, Name: o.Text("Name"), Query: o.Text("Query"), QueryLanguage: o.Text("QueryLanguage"),
			Class: "__EventFilter", RelativePath: o.Text(relativePath),
		})
	})
}
