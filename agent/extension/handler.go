package extension

import (
	"context"
	"errors"
	"fmt"

	"github.com/osquery/osquery-go/gen/osquery"
)

// handler is the manager as extensions see it.
type handler struct{ m *Manager }

var _ osquery.ExtensionManager = handler{}

// Ping tells that the agent is there.
func (h handler) Ping(context.Context) (*osquery.ExtensionStatus, error) { return ok(0), nil }

// Shutdown is not for managers.
func (h handler) Shutdown(context.Context) error { return nil }

// Extensions lists what is registered.
func (h handler) Extensions(context.Context) (osquery.InternalExtensionList, error) {
	list := osquery.InternalExtensionList{}
	for _, x := range h.m.list() {
		list[osquery.ExtensionRouteUUID(x.UUID)] = &osquery.InternalExtensionInfo{Name: x.Name, Version: x.Version, SdkVersion: x.SDKVersion}
	}
	return list, nil
}

// Options tells the agent's own options.
func (h handler) Options(context.Context) (osquery.InternalOptionList, error) {
	list := osquery.InternalOptionList{}
	for _, f := range h.m.o.Flags {
		list[f.Name] = &osquery.InternalOptionInfo{Value: f.Value, DefaultValue: f.Default, Type: f.Type}
	}
	return list, nil
}

// RegisterExtension takes an extension in.
func (h handler) RegisterExtension(ctx context.Context, info *osquery.InternalExtensionInfo, registry osquery.ExtensionRegistry) (*osquery.ExtensionStatus, error) {
	if info == nil {
		return refused(errors.New("the extension has no name")), nil
	}
	uuid, err := h.m.register(ctx, *info, registry)
	if err != nil {
		h.m.o.Log.WarnContext(ctx, "an extension is refused", "err", err)
		return refused(err), nil
	}
	return ok(uuid), nil
}

// DeregisterExtension lets one go.
func (h handler) DeregisterExtension(ctx context.Context, uuid osquery.ExtensionRouteUUID) (*osquery.ExtensionStatus, error) {
	h.m.mu.Lock()
	r := h.m.extensions[uuid]
	h.m.mu.Unlock()
	if r == nil {
		return refused(fmt.Errorf("there is no extension %d", uuid)), nil
	}
	h.m.remove(ctx, r, "it deregistered")
	return ok(uuid), nil
}

// Call asks one of our own tables.
func (h handler) Call(ctx context.Context, registry, item string, request osquery.ExtensionPluginRequest) (*osquery.ExtensionResponse, error) {
	return h.m.plugins.call(ctx, registry, item, request), nil
}

// Query runs a statement for an extension, within the limits of a live one.
func (h handler) Query(ctx context.Context, sql string) (*osquery.ExtensionResponse, error) {
	return h.m.plugins.query(ctx, sql), nil
}

// GetQueryColumns names the columns of a statement's result. Their types are known when it has run only.
func (h handler) GetQueryColumns(_ context.Context, sql string) (*osquery.ExtensionResponse, error) {
	analysis, err := h.m.plugins.engine.Check(sql)
	if err != nil {
		return failed(err), nil
	}
	var columns osquery.ExtensionPluginResponse
	for _, name := range analysis.Columns {
		columns = append(columns, map[string]string{name: "UNKNOWN"})
	}
	return answered(columns), nil
}
