package extension

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

// Self adds what the manager knows to what the agent knows of itself.
func (m *Manager) Self(inner tables.Self) tables.Self { return self{inner, m} }

type self struct {
	tables.Self
	m *Manager
}

// Extensions is part of tables.Self.
func (s self) Extensions(context.Context) ([]tables.Extension, error) { return s.m.list(), nil }
