package server

import (
	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/pki"
	"github.com/tenantra/tenantra/fleet/tenants"
	"github.com/tenantra/tenantra/fleet/tokens"
	"github.com/tenantra/tenantra/fleet/users"
)

// people registers what is about who may do what, and where: sign-in, people, tenants, tokens.
func (s *Server) people(authService *auth.Service, agentService *agents.Service, sealer *pki.Sealer) {
	authService.Routes(s.api)
	users.NewService(s.db, authService).Routes(s.api)
	tenants.NewService(s.db, authService, agentService).Routes(s.api)
	tokens.NewKeeper(s.db, authService).Routes(s.api)
	mail.New(s.db, sealer).Routes(s.api)
}
