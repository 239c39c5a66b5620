package containers

import (
	"context"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/container"
)

func generateContainers(ctx context.Context, host tables.Host, q *tables.Query, emit func(*runningContainer) error) error {
	index, err := container.IndexOf(ctx, host, q)
	if err != nil {
		return err
	}
	list, err := container.List(ctx, host)
	if err != nil {
		return err
	}
	for _, c := range list {
		o := index.OwnerOf(c.Ref)
		row := runningContainer{
			ID: c.ID, Runtime: o.ContainerRuntime, Name: o.ContainerName, Image: o.ContainerImage, Pod: o.ContainerPod, PID: c.PID, Processes: c.Processes,
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}
