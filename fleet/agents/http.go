package agents

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/fault"
	"github.com/tenantra/tenantra/fleet/httpapi"
)

// Item is an agent as the API shows it.
type Item struct {
	ID           uuid.UUID `json:"id"`
	TenantID     uuid.UUID `json:"tenant_id"`
	TenantName   string    `json:"tenant_name"`
	Hostname     string    `json:"hostname"`
	Platform     string    `json:"platform" enum:"linux,darwin,windows"`
	OSName       string    `json:"os_name"`
	OSVersion    string    `json:"os_version"`
	Arch         string    `json:"arch"`
	Version      string    `json:"version" doc:"Of the agent."`
	Status       Status    `json:"status" enum:"online,offline,pending,revoked,decommissioned"`
	LastSeenAt   time.Time `json:"last_seen_at"`
	EnrolledAt   time.Time `json:"enrolled_at"`
	Tags         []string  `json:"tags"`
	OpenFindings int       `json:"open_findings"`
}

// Detail is one agent with what its last heartbeat told.
type Detail struct {
	Item
	ConfigVersion int64 `json:"config_version" doc:"Of the configuration in force on the endpoint; 0 for none."`
	UptimeSeconds int64 `json:"uptime_seconds" doc:"Of the agent's process."`
	RSSBytes      int64 `json:"rss_bytes"`
	CPUMillis     int64 `json:"cpu_ms" doc:"Since the agent's process started."`
	SpoolBatches  int64 `json:"spool_batches" doc:"Batches that wait on the endpoint."`
	SpoolBytes    int64 `json:"spool_bytes"`
	SpoolDropped  int64 `json:"spool_dropped" doc:"Batches given up since enrolment because the spool was full."`

	KeyMadeAt time.Time `json:"key_made_at" doc:"When the key that the agent signs with was made."`
	KeyChange string    `json:"key_change" enum:",ordered,offered" doc:"ordered: it was told to make itself another; offered: it has, and has not used it yet; empty: neither."`
}

func itemOf(a Agent, findings int) Item {
	return Item{
		ID: a.ID, TenantID: a.TenantID, TenantName: a.TenantName, Hostname: a.Facts.Hostname, Platform: a.Facts.Platform, OSName: a.Facts.OSName,
		OSVersion: a.Facts.OSVersion, Arch: a.Facts.Arch, Version: a.Facts.Version, Status: a.Status, LastSeenAt: a.LastSeenAt,
		EnrolledAt: a.EnrolledAt, Tags: orEmpty(a.Tags), OpenFindings: findings,
	}
}

// LineItem is a line of an agent's log as the API shows it.
type LineItem struct {
	AgentID  uuid.UUID         `json:"agent_id"`
	Hostname string            `json:"hostname"`
	At       time.Time         `json:"at"`
	ToldAt   time.Time         `json:"told_at" doc:"By the agent's clock."`
	Severity string            `json:"severity" enum:"info,warn,error"`
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Facts    map[string]string `json:"facts"`
}

// SecretItem is an enrol secret as the API shows it: without the secret.
type SecretItem struct {
	ID            uuid.UUID `json:"id"`
	Tags          []string  `json:"tags"`
	NeedsApproval bool      `json:"needs_approval"`
	MaxUses       int       `json:"max_uses"`
	Uses          int       `json:"uses"`
	ExpiresAt     time.Time `json:"expires_at"`
	CreatedBy     string    `json:"created_by"`
	CreatedAt     time.Time `json:"created_at"`
}

func secretItemOf(s Secret) SecretItem {
	return SecretItem{s.ID, orEmpty(s.Tags), s.NeedsApproval, s.MaxUses, s.Uses, s.ExpiresAt, s.CreatedBy, s.CreatedAt}
}

// NewSecretItem is an enrol secret just made, the only time that it is shown.
type NewSecretItem struct {
	SecretItem
	Secret        string `json:"secret" doc:"Give it to tenantra-agent enroll. It is not shown again."`
	CAFingerprint string `json:"ca_fingerprint" doc:"SHA-256 of the certificate authority that agents pin, in hexadecimal; the secret carries it."`
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	listInput struct {
		httpapi.Paging
		Status   string `query:"status" enum:"online,offline,pending,revoked,decommissioned" doc:"Absent: all but decommissioned ones."`
		Platform string `query:"platform" enum:"linux,darwin,windows"`
		Query    string `query:"q" maxLength:"255" doc:"Part of the host name."`
		Tag      string `query:"tag" maxLength:"64"`
		Group    string `query:"group" maxLength:"36" doc:"Id of a group."`
	}
	listOutput   struct{ Body httpapi.Page[Item] }
	detailOutput struct{ Body Detail }

	moveInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			TenantID uuid.UUID `json:"tenant_id" doc:"The tenant that the agent is to belong to."`
		}
	}
	moveOutput struct {
		Body struct {
			AgentID uuid.UUID `json:"agent_id" doc:"Of the agent in that tenant."`
		}
	}
	rotateOutput struct {
		Body struct {
			OrderID   uuid.UUID `json:"order_id" doc:"The same until the agent has carried it out."`
			OrderedAt time.Time `json:"ordered_at"`
		}
	}
	tagsInput struct {
		ID   uuid.UUID `path:"id"`
		Body struct {
			Tags []string `json:"tags" maxItems:"20"`
		}
	}
	agentLogInput struct {
		ID uuid.UUID `path:"id"`
		httpapi.Paging
		Severity string `query:"severity" enum:"info,warn,error"`
		Code     string `query:"code" maxLength:"64"`
	}
	agentsLogInput struct {
		httpapi.Paging
		Severity string `query:"severity" enum:"info,warn,error"`
		Code     string `query:"code" maxLength:"64"`
	}
	logOutput struct{ Body httpapi.Page[LineItem] }

	secretsInput  struct{ httpapi.Paging }
	secretsOutput struct{ Body httpapi.Page[SecretItem] }
	secretInput   struct {
		Body struct {
			ExpiresInHours int      `json:"expires_in_hours,omitempty" minimum:"1" maximum:"720" doc:"24 where absent."`
			MaxUses        int      `json:"max_uses,omitempty" minimum:"1" maximum:"100000" doc:"100 where absent."`
			Tags           []string `json:"tags,omitempty" maxItems:"20" doc:"Given to every agent that it enrols."`
			NeedsApproval  bool     `json:"needs_approval,omitempty" doc:"Agents wait until a person approves them."`
		}
	}
	secretOutput struct{ Body NewSecretItem }
)

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"agents"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-agents", Method: http.MethodGet, Path: "/agents", Summary: "List agents by host name", Tags: tags,
		Permission: access.AgentsRead, Recursive: true,
	}, s.list)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-agent", Method: http.MethodGet, Path: "/agents/{id}", Summary: "Show an agent", Tags: tags,
		Permission: access.AgentsRead, Recursive: true,
	}, s.get)
	httpapi.Register(api, httpapi.Operation{
		ID: "revoke-agent", Method: http.MethodPost, Path: "/agents/{id}/revoke", Summary: "Revoke an agent for good", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.revoke",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Revoke(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "approve-agent", Method: http.MethodPost, Path: "/agents/{id}/approve", Summary: "Let a waiting agent in", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.approve",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Approve(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "decommission-agent", Method: http.MethodPost, Path: "/agents/{id}/decommission", Summary: "Revoke an agent whose endpoint is gone, and leave it out of lists", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.decommission",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.Decommission(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "move-agent", Method: http.MethodPost, Path: "/agents/{id}/move", Summary: "Have an agent go to another tenant; what it told stays here", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.move", Status: http.StatusOK,
	}, func(ctx context.Context, scope access.Scope, in *moveInput) (*moveOutput, error) {
		moved, err := s.Move(ctx, scope, in.ID, in.Body.TenantID)
		if err != nil {
			return nil, err
		}
		out := &moveOutput{}
		out.Body.AgentID = moved
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "rotate-agent-key", Method: http.MethodPost, Path: "/agents/{id}/rotate-key", Summary: "Have an agent make itself another key; the old one counts until the first message under the new one", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.rotate_key", Status: http.StatusAccepted,
	}, func(ctx context.Context, scope access.Scope, in *byID) (*rotateOutput, error) {
		ordered, err := s.RotateKey(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		out := &rotateOutput{}
		out.Body.OrderID, out.Body.OrderedAt = ordered.OrderID, ordered.OrderedAt
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "set-agent-tags", Method: http.MethodPut, Path: "/agents/{id}/tags", Summary: "Replace an agent's tags", Tags: tags,
		Permission: access.AgentsManage, Audit: "agents.tags",
	}, func(ctx context.Context, scope access.Scope, in *tagsInput) (*struct{}, error) {
		return nil, s.SetTags(ctx, scope, in.ID, in.Body.Tags)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-agent-log", Method: http.MethodGet, Path: "/agents/{id}/log", Summary: "List what an agent reported, the youngest first", Tags: tags,
		Permission: access.AgentsRead, Recursive: true,
	}, func(ctx context.Context, scope access.Scope, in *agentLogInput) (*logOutput, error) {
		return s.listLog(ctx, scope, in.ID, in.Paging, LineFilter{Severity: in.Severity, Code: in.Code})
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-agents-log", Method: http.MethodGet, Path: "/agent-log", Summary: "List what agents reported, the youngest first", Tags: tags,
		Permission: access.AgentsRead, Recursive: true,
	}, func(ctx context.Context, scope access.Scope, in *agentsLogInput) (*logOutput, error) {
		return s.listLog(ctx, scope, uuid.Nil, in.Paging, LineFilter{Severity: in.Severity, Code: in.Code})
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-enroll-secrets", Method: http.MethodGet, Path: "/enroll-secrets", Summary: "List enrol secrets, the newest first", Tags: tags,
		Permission: access.EnrollManage,
	}, s.listSecrets)
	httpapi.Register(api, httpapi.Operation{
		ID: "create-enroll-secret", Method: http.MethodPost, Path: "/enroll-secrets", Summary: "Make an enrol secret", Tags: tags,
		Permission: access.EnrollManage, Audit: "enroll_secrets.create", Status: http.StatusCreated,
	}, s.createSecret)
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-enroll-secret", Method: http.MethodDelete, Path: "/enroll-secrets/{id}", Summary: "End an enrol secret", Tags: tags,
		Permission: access.EnrollManage, Audit: "enroll_secrets.delete",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.DeleteSecret(ctx, scope, in.ID)
	})
}

func (s *Service) list(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
	f := Filter{Status: Status(in.Status), Platform: in.Platform, Query: in.Query, Tag: in.Tag, Limit: in.Limit + 1}
	if in.Group != "" {
		var err error
		if f.Group, err = uuid.Parse(in.Group); err != nil {
			return nil, fault.Field(fault.Invalid, "query.group", "is no group's id")
		}
	}
	if err := httpapi.DecodeCursor(in.Cursor, &f.After); err != nil {
		return nil, err
	}
	found, findings, err := s.List(ctx, scope, f)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(found))
	for i, a := range found {
		items[i] = itemOf(a, findings[a.ID])
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return Place{last.Hostname, last.ID} })
	if err != nil {
		return nil, err
	}
	return &listOutput{page}, nil
}

func (s *Service) get(ctx context.Context, scope access.Scope, in *byID) (*detailOutput, error) {
	a, findings, err := s.Find(ctx, scope, in.ID)
	if err != nil {
		return nil, err
	}
	h := a.Health
	return &detailOutput{Detail{itemOf(a, findings), h.ConfigVersion, h.UptimeSeconds, h.RSSBytes, h.CPUMillis, h.SpoolBatches, h.SpoolBytes, h.SpoolDropped, a.KeyMadeAt, a.KeyChange}}, nil
}

func (s *Service) listLog(ctx context.Context, scope access.Scope, agent uuid.UUID, paging httpapi.Paging, f LineFilter) (*logOutput, error) {
	if err := httpapi.DecodeCursor(paging.Cursor, &f.Before); err != nil {
		return nil, err
	}
	f.Limit = paging.Limit + 1
	found, err := s.Lines(ctx, scope, agent, f)
	if err != nil {
		return nil, err
	}
	items := make([]LineItem, len(found))
	for i, l := range found {
		items[i] = LineItem{l.AgentID, l.Hostname, l.At, l.ToldAt, l.Severity, l.Code, l.Message, l.Facts}
	}
	page, err := httpapi.NewPage(items, paging.Limit, func(LineItem) any { return found[paging.Limit-1].ID })
	if err != nil {
		return nil, err
	}
	return &logOutput{page}, nil
}

func (s *Service) listSecrets(ctx context.Context, scope access.Scope, in *secretsInput) (*secretsOutput, error) {
	var before *uuid.UUID
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	found, err := s.ListSecrets(ctx, scope, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]SecretItem, len(found))
	for i, secret := range found {
		items[i] = secretItemOf(secret)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last SecretItem) any { return last.ID })
	if err != nil {
		return nil, err
	}
	return &secretsOutput{page}, nil
}

func (s *Service) createSecret(ctx context.Context, scope access.Scope, in *secretInput) (*secretOutput, error) {
	secret, token, err := s.CreateSecret(ctx, scope, SecretDraft{
		Life: time.Duration(in.Body.ExpiresInHours) * time.Hour, MaxUses: in.Body.MaxUses, Tags: in.Body.Tags, NeedsApproval: in.Body.NeedsApproval,
	})
	if err != nil {
		return nil, err
	}
	return &secretOutput{NewSecretItem{secretItemOf(secret), token, fmt.Sprintf("%x", sha256.Sum256(s.Authority.CA()))}}, nil
}
