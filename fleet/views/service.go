package views

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/audit"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Service keeps views.
type Service struct{ db *postgres.DB }

// New makes a Service.
func New(db *postgres.DB) *Service { return &Service{db} }

// List gives the views of a list that the scope's person sees in the scope's tenant: their own, then what others share.
func (s *Service) List(ctx context.Context, scope access.Scope, page string) (found []View, err error) {
	if err := validatePage("query.page", page); err != nil {
		return nil, err
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = listViews(ctx, tx, page)
		return err
	})
	return found, err
}

// Create keeps a view of a list for the scope's person.
func (s *Service) Create(ctx context.Context, scope access.Scope, page string, d Draft) (v View, err error) {
	if err := validatePage("body.page", page); err != nil {
		return View{}, err
	}
	if err := d.validate(); err != nil {
		return View{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return View{}, fmt.Errorf("make id: %w", err)
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) (err error) {
		own, err := countOwn(ctx, tx)
		if err != nil {
			return err
		}
		if own >= ownMax {
			return fault.New(fault.Conflict, "you keep %d views here already: delete some first", ownMax)
		}
		if err := putView(ctx, tx, id, page, d); err != nil {
			return err
		}
		v, err = s.told(ctx, tx, "views.create", id)
		return err
	})
	return v, err
}

// Update changes a view. Only who saved it may: others would find it changed under their hands.
func (s *Service) Update(ctx context.Context, scope access.Scope, id uuid.UUID, d Draft) (v View, err error) {
	if err := d.validate(); err != nil {
		return View{}, err
	}
	err = s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) (err error) {
		before, err := findView(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.Owner != scope.Actor.ID {
			return fault.New(fault.Forbidden, "the view is %s's: save it under a name of your own", before.OwnerName)
		}
		if err := putView(ctx, tx, id, before.Page, d); err != nil {
			return err
		}
		v, err = s.told(ctx, tx, "views.update", id)
		return err
	})
	return v, err
}

// told records what became of a view, and gives it as it is now.
func (s *Service) told(ctx context.Context, tx *postgres.Tx, action string, id uuid.UUID) (View, error) {
	v, err := findView(ctx, tx, id)
	if err != nil {
		return View{}, err
	}
	return v, audit.Record(ctx, tx, audit.Entry{Action: action, Object: "view:" + id.String(), Detail: map[string]any{"page": v.Page, "name": v.Name, "shared": v.Shared}})
}

// Delete deletes a view of the scope's person, or a shared one if they may change the tenant's settings.
func (s *Service) Delete(ctx context.Context, scope access.Scope, id uuid.UUID) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		v, err := findView(ctx, tx, id)
		if err != nil {
			return err
		}
		if v.Owner != scope.Actor.ID && !scope.Can(access.SettingsManage) {
			return fault.New(fault.Forbidden, "the view is %s's: they delete it, or who may change settings", v.OwnerName)
		}
		if err := deleteView(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "views.delete", Object: "view:" + id.String(), Detail: map[string]any{"page": v.Page, "name": v.Name}})
	})
}

// SetDefault says whether the view's list opens with it, for the scope's person alone.
func (s *Service) SetDefault(ctx context.Context, scope access.Scope, id uuid.UUID, on bool) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		v, err := findView(ctx, tx, id)
		if err != nil {
			return err
		}
		change := dropDefault
		if on {
			change = putDefault
		}
		if err := change(ctx, tx, v); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Action: "views.default", Object: "view:" + id.String(), Detail: map[string]any{"page": v.Page, "default": on}})
	})
}
