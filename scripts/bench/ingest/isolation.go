//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/fleet/rows"
)

const (
	floodAgents  = 20
	floodBatches = 15 // of each agent, apart from the first
	pause        = 20 * time.Millisecond
	quietSamples = 150
)

// waits is how long the bystander waited.
type waits struct{ batches, reads []time.Duration }

// isolate measures how long a tenant waits until its small batch is stored and a page of its rows is read, first alone, then
// while the agents of another tenant store as much as they can.
func (b *bench) isolate(ctx context.Context, rowCount int) error {
	bystander, err := b.enroll(ctx, 1)
	if err != nil {
		return err
	}
	bystander.fill(0, 100)
	var flood [][]*rows.Batch
	for i := range floodAgents {
		e, err := b.enroll(ctx, 0)
		if err != nil {
			return err
		}
		e.fill(i*7*tenantCount, rowCount) // nobody shares them
		var all []*rows.Batch
		for range floodBatches + 1 {
			batch, err := b.opened(e)
			if err != nil {
				return err
			}
			all = append(all, batch)
			for range rowCount / 2 / churnEach {
				e.churn()
			}
		}
		flood = append(flood, all)
	}
	for range quietSamples / 10 { // what is read and written for the first time is no measure
		if err := b.sample(ctx, bystander, &waits{}); err != nil {
			return err
		}
	}
	alone, err := b.watch(ctx, bystander, nil)
	if err != nil {
		return err
	}
	var storing sync.WaitGroup
	failed := make(chan error, floodAgents)
	for _, batches := range flood {
		storing.Go(func() {
			session := &rows.Session{}
			for _, batch := range batches {
				if err := b.put(ctx, session, batch); err != nil {
					failed <- fmt.Errorf("the flood: %w", err)
					return
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { storing.Wait(); close(over) }()
	started := time.Now()
	beside, err := b.watch(ctx, bystander, over)
	if err != nil {
		return err
	}
	took := time.Since(started)
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Printf("a tenant beside another's flood of %d agents, %d batches of %d changes each, which took %.1f s\n\n%-24s %10s %10s %8s\n", floodAgents, floodBatches, rowCount, took.Seconds(),
		"p95", "alone", "beside", "ratio")
	for _, line := range []struct {
		name          string
		alone, beside []time.Duration
	}{{"a batch is stored", alone.batches, beside.batches}, {"100 rows are read", alone.reads, beside.reads}} {
		quiet, loud := p95(line.alone), p95(line.beside)
		fmt.Printf("%-24s %7.1f ms %7.1f ms %8.2f   (%d and %d samples)\n", line.name, ms(quiet), ms(loud), float64(loud)/float64(quiet), len(line.alone), len(line.beside))
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func p95(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)*95/100]
}

// watch samples until over is closed; nil: a fixed number of times.
func (b *bench) watch(ctx context.Context, e *endpoint, over <-chan struct{}) (waits, error) {
	var w waits
	for over != nil || len(w.batches) < quietSamples {
		if err := b.sample(ctx, e, &w); err != nil {
			return waits{}, err
		}
		select {
		case <-over:
			return w, nil
		case <-time.After(pause):
		}
	}
	return w, nil
}

func (b *bench) sample(ctx context.Context, e *endpoint, w *waits) error {
	e.churn()
	batch, err := b.opened(e)
	if err != nil {
		return err
	}
	started := time.Now()
	if err := b.put(ctx, &rows.Session{}, batch); err != nil {
		return fmt.Errorf("the bystander: %w", err)
	}
	w.batches = append(w.batches, time.Since(started))
	started = time.Now()
	scope := access.System(e.sender.Tenant, "bench")
	err = b.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		own, err := rows.FindCollection(ctx, tx, e.sender.Tenant, e.sender.Agent, collection)
		if err != nil {
			return err
		}
		_, err = rows.Read(ctx, tx, rows.Query{Tenant: e.sender.Tenant, Agent: e.sender.Agent, Collection: own.ID, Limit: 100})
		return err
	})
	w.reads = append(w.reads, time.Since(started))
	return err
}

// put stores a batch; a refusal is an error.
func (b *bench) put(ctx context.Context, session *rows.Session, batch *rows.Batch) error {
	result, err := b.store.Put(ctx, session, batch)
	if err == nil && result.Refused != nil {
		err = result.Refused
	}
	return err
}

// opened is the endpoint's next batch as the gateway hands it to the store.
func (b *bench) opened(e *endpoint) (*rows.Batch, error) {
	body, _, err := e.batch()
	if err != nil {
		return nil, err
	}
	batch, _, refused := rows.Open(e.sender, body, time.Now())
	if refused != nil {
		return nil, refused
	}
	return batch, nil
}
