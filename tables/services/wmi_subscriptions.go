package services

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/wmi"
)

// subscriptionNamespaces are where WMI keeps what it does on an event: everything ordinary is in the first; the others are
// where intruders put theirs.
var subscriptionNamespaces = [...]string{"root/subscription", "root/default", wmi.CIMv2}

// relativePath is the property of each object that is its path in its namespace.
const relativePath = "__RELPATH"

// eachSubscription visits the objects of a class in each of those namespaces.
func eachSubscription(ctx context.Context, host tables.Host, class string, properties []string, visit func(namespace string, o wmi.Object) error) error {
	for _, namespace := range subscriptionNamespaces {
		objects, err := wmi.Objects(ctx, host, namespace, class, append(properties, relativePath)...)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if err := visit(namespace, o); err != nil {
				return err
			}
		}
	}
	return nil
}
