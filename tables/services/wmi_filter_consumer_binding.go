package services

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// wmiFilterConsumerBinding is a filter and what it sets off.
type wmiFilterConsumerBinding struct {
	Namespace    string `col:"namespace" doc:"Namespace of the object."`
	Consumer     string `col:"consumer" doc:"Path of the consumer."`
	Filter       string `col:"filter" doc:"Path of the filter."`
	Class        string `col:"class" doc:"Class of the object."`
	RelativePath string `col:"relative_path" doc:"Path of the object in its namespace."`
}

// WMIFilterConsumerBinding has a row for each pair.
// Source: __FilterToConsumerBinding of WMI.
var WMIFilterConsumerBinding = tables.Define[wmiFilterConsumerBinding](tables.Spec{
	Name: "wmi_filter_consumer_binding", Doc: "Which event filter sets off which consumer.",
	Category: tables.Services, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT b.consumer, f.query FROM wmi_filter_consumer_binding b JOIN wmi_event_filters f ON b.filter = f.relative_path"},
}, generateWMIFilterConsumerBinding)

func generateWMIFilterConsumerBinding(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wmiFilterConsumerBinding) error) error {
	return eachSubscription(ctx, host, "__FilterToConsumerBinding", []string{"Consumer", "Filter"}, func(namespace string, o wmi.Object) error {
		return emit(&wmiFilterConsumerBinding{
			Namespace: namespace, Consumer: o.Text("Consumer"), Filter: o.Text("Filter"),
			Class: "__FilterToConsumerBinding", RelativePath: o.Text(relativePath),
		})
	})
}
