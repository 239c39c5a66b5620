package server

import (
	"net"

	"github.com/tenantra/tenantra/fleet/agents"
	"github.com/tenantra/tenantra/fleet/auth"
	"github.com/tenantra/tenantra/fleet/mail"
	"github.com/tenantra/tenantra/fleet/msp"
	"github.com/tenantra/tenantra/fleet/settings"
	"github.com/tenantra/tenantra/fleet/tenants"
	"github.com/tenantra/tenantra/fleet/tokens"
	"github.com/tenantra/tenantra/fleet/users"
)

// people registers what is about who may do what, and where: sign-in, people, tenants, tokens, settings, and what an MSP
// does with its customers.
func (s *Server) people(authService *auth.Service, agentService *agents.Service, mailer *mail.Service, said *settings.Service) *msp.Service {
	authService.Routes(s.api)
	users.NewService(s.db, authService).Routes(s.api)
	tenantService := tenants.NewService(s.db, authService, agentService)
	tenantService.OnChange(said.Changed)
	tenantService.Routes(s.api)
	said.Routes(s.api)
	tokens.NewKeeper(s.db, authService).Routes(s.api)
	mailer.Routes(s.api)
	customers := msp.New(msp.Config{DB: s.db, Accounts: authService, Support: said.SupportAllowed, Mailer: mailer, Publish: s.bus.Publish, Log: s.component("msp")})
	customers.Routes(s.api)
	return customers
}

// publicURL is where people find the console. It is configured, and never what a request's Host says.
func (s *Server) publicURL() string {
	if s.config.PublicURL != "" {
		return s.config.PublicURL
	}
	host, port, _ := net.SplitHostPort(s.config.Listen)
	if len(s.config.Names) > 0 {
		host = s.config.Names[0]
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "https://" + net.JoinHostPort(host, port)
}
