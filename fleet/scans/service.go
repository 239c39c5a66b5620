package scans

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/bus"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/modules"
	"github.com/tenantra/tenantra/fleet/postgres"
	"github.com/tenantra/tenantra/packs"
	"github.com/tenantra/tenantra/tables"
)

// BusChanged is the kind of bus messages that tell of a changed configuration; the tenant is whose agents it concerns.
const BusChanged = "config_changed"

// Settings is what a Service needs of its surroundings.
type Settings struct {
	DB      *postgres.DB
	Bus     *bus.Bus
	Library Library
	// Modules gives what a tenant says of modules, inherited values included; nil: nobody says anything.
	Modules func(ctx context.Context, tenant int32) (modules.Settings, error)
	// Zone gives the time zone that a tenant has set for its schedules; nil: UTC.
	Zone func(ctx context.Context, tenant int32) (string, error)
	// Also gives what may hold for some of a tenant's agents though the tenant says otherwise; nil: nothing does.
	Also func(ctx context.Context, tenant int32) ([]Otherwise, error)
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: discarded
}

// Service keeps packs and schedules and derives configurations. Safe for concurrent use. Whoever hears of BusChanged calls
// Changed before asking for configurations.
type Service struct {
	Settings
	computing singleflight.Group // of configurations

	mu         sync.Mutex
	configs    map[uuid.UUID]map[string]platformConfig // by tenant and variant
	generation int64                                   // of configs: a configuration computed across a change is not kept
	parsed     map[[32]byte]*packs.Pack
}

// New makes a Service.
func New(s Settings) *Service {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{Settings: s, configs: map[uuid.UUID]map[string]platformConfig{}, parsed: map[[32]byte]*packs.Pack{}}
}

// Packs gives the packs that the scope's tenant sees, sorted by name: its own, those of tenants above, the product's.
func (s *Service) Packs(ctx context.Context, scope access.Scope) ([]Pack, error) {
	said, err := s.load(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	return s.effective(said), nil
}

// Pack gives one of them, or fault.NotFound.
func (s *Service) Pack(ctx context.Context, scope access.Scope, name string) (Pack, error) {
	all, err := s.Packs(ctx, scope)
	if err != nil {
		return Pack{}, err
	}
	i := slices.IndexFunc(all, func(p Pack) bool { return p.Name == name })
	if i < 0 {
		return Pack{}, fault.New(fault.NotFound, "no such pack")
	}
	return all[i], nil
}

// PutPack stores a pack of the scope's tenant. Its queries may read only what the person storing it may read; secrets are
// refused for everybody where the text is read.
func (s *Service) PutPack(ctx context.Context, scope access.Scope, name, text string) (Pack, error) {
	pack, err := s.read(scope, name, text)
	if err != nil {
		return Pack{}, err
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := putPack(ctx, tx, name, text); err != nil {
			return err
		}
		if err := putPackVersion(ctx, tx, name, text); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "packs.put", Object: "pack:" + name, Detail: map[string]any{"version": pack.Version, "queries": len(pack.Queries)}})
	})
	if err != nil {
		return Pack{}, err
	}
	return Pack{Pack: pack, Owner: scope.TenantID, owner: scope.Tenant}, nil
}

// AddVersion keeps a text of a pack of the scope's tenant that is not to be the present one yet, and gives its number: agents
// get it by a layer of their configuration, or all of them when it is made the present one. It is checked as one that is put.
func (s *Service) AddVersion(ctx context.Context, scope access.Scope, name, text string) (number int, err error) {
	pack, err := s.read(scope, name, text)
	if err != nil {
		return 0, err
	}
	known, err := s.Pack(ctx, scope, name)
	if err != nil {
		return 0, err
	}
	if known.owner != scope.Tenant {
		return 0, fault.New(fault.Conflict, "the pack %s is inherited: put one of this tenant's own first", name)
	}
	err = s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := putPackVersion(ctx, tx, name, text); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlLastVersion, tx.Scope.Tenant, name).Scan(&number); err != nil {
			return fmt.Errorf("keep version of a pack: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "packs.add_version", Object: "pack:" + name, Detail: map[string]any{"version": pack.Version, "number": number}})
	})
	return number, err
}

// read checks a text that somebody of the scope wants to store as a pack.
func (s *Service) read(scope access.Scope, name, text string) (*packs.Pack, error) {
	if len(text) > packTextMax {
		return nil, fault.Field(fault.TooLarge, "body.yaml", "a pack has at most %d KiB", packTextMax>>10)
	}
	pack, err := packs.Parse(name+".yaml", []byte(text), s.Library.Compilers)
	if err != nil {
		return nil, fault.Field(fault.Invalid, "body.yaml", "%v", err)
	}
	if pack.Name != name {
		return nil, fault.Field(fault.Invalid, "body.yaml", "the text is of pack %q, the address of %q", pack.Name, name)
	}
	if err := mayCollect(scope, "the discovery statement", pack.Asks); err != nil {
		return nil, err
	}
	for _, query := range pack.Queries {
		if err := mayCollect(scope, "query "+query.Name, query.Class); err != nil {
			return nil, err
		}
	}
	return pack, nil
}

func mayCollect(scope access.Scope, what string, class tables.Class) error {
	if !scope.MayRead(class) {
		return fault.Field(fault.Forbidden, "body.yaml", "%s reads columns of class %s, which your role may not", what, class)
	}
	return nil
}

// DeletePack deletes a pack of the scope's tenant. One of the same name that it hid is seen again.
func (s *Service) DeletePack(ctx context.Context, scope access.Scope, name string) error {
	return s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := deletePack(ctx, tx, name); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "packs.delete", Object: "pack:" + name})
	})
}

// Schedules says of every pack that the scope's tenant sees whether it runs.
func (s *Service) Schedules(ctx context.Context, scope access.Scope) ([]Schedule, error) {
	said, err := s.load(ctx, scope.Tenant)
	if err != nil {
		return nil, err
	}
	var out []Schedule
	for _, pack := range s.effective(said) {
		out = append(out, s.schedule(said, pack.Name))
	}
	return out, nil
}

// PutSchedule says whether a pack runs for the scope's tenant and those below that do not say otherwise.
func (s *Service) PutSchedule(ctx context.Context, scope access.Scope, pack string, enabled bool) (Schedule, error) {
	if _, err := s.Pack(ctx, scope, pack); err != nil {
		return Schedule{}, err
	}
	err := s.DB.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		if err := putSchedule(ctx, tx, pack, enabled); err != nil {
			return err
		}
		return s.changed(ctx, tx, audit.Entry{Action: "schedules.put", Object: "pack:" + pack, Detail: map[string]any{"enabled": enabled}})
	})
	if err != nil {
		return Schedule{}, err
	}
	return Schedule{Pack: pack, Enabled: enabled, Said: scope.TenantID}, nil
}

// changed records a change and, once it is stored, tells the servers that hold agents which it concerns.
func (s *Service) changed(ctx context.Context, tx *postgres.Tx, entry audit.Entry) error {
	if err := audit.Record(ctx, tx, entry); err != nil {
		return err
	}
	tenant := tx.Scope.Tenant
	tx.AfterCommit(func() { s.Announce(ctx, tenant) })
	return nil
}

// Announce tells the servers that hold agents of a tenant's subtree that something their configuration follows from has
// changed and is stored.
func (s *Service) Announce(ctx context.Context, tenant int32) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	concerned, err := s.subtree(ctx, tenant)
	if err != nil {
		s.Log.ErrorContext(ctx, "agents hear of a changed configuration later", "err", err)
		return
	}
	for _, id := range concerned {
		s.Changed(id)
		if err := s.Bus.Publish(ctx, id, BusChanged, "tenant", nil); err != nil {
			s.Log.ErrorContext(ctx, "agents hear of a changed configuration later", "tenant_id", id, "err", err)
		}
	}
}
