package notify

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/findings"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/tables"
)

// ChannelItem is a channel as it is shown. A secret never is: only its last four characters, and since when it holds.
type ChannelItem struct {
	ID          uuid.UUID  `json:"id"`
	Name        string     `json:"name"`
	Kind        Kind       `json:"kind"`
	Config      Settings   `json:"config"`
	SecretHint  string     `json:"secret_hint,omitempty" doc:"The last four characters of the secret."`
	SecretAt    *time.Time `json:"secret_at,omitempty"`
	Enabled     bool       `json:"enabled"`
	AllAlerts   bool       `json:"all_alerts"`
	MinSeverity string     `json:"min_severity" enum:"low,medium,high,critical"`
	Class       string     `json:"class" enum:"inventory,personal,content"`
	Subject     string     `json:"subject,omitempty"`
	Body        string     `json:"body,omitempty"`
}

// MadeChannel is a channel together with a key that was made for it.
type MadeChannel struct {
	ChannelItem
	SigningKey string `json:"signing_key,omitempty" doc:"Of a webhook, shown once."`
}

// ChannelDraft is what a person says of a channel.
type ChannelDraft struct {
	Name        string   `json:"name" maxLength:"64"`
	Kind        Kind     `json:"kind" enum:"email,webhook,slack,teams,discord,telegram,pagerduty,opsgenie,jira"`
	Config      Settings `json:"config,omitempty"`
	Secret      string   `json:"secret,omitempty" maxLength:"2000" writeOnly:"true" doc:"Address of a chat service's webhook, bot token, routing key, API key or token. Kept where it is absent."`
	Enabled     *bool    `json:"enabled,omitempty" doc:"True when absent."`
	AllAlerts   bool     `json:"all_alerts,omitempty" doc:"Tell it of every alert, not only of those whose rules name it."`
	MinSeverity string   `json:"min_severity,omitempty" enum:"low,medium,high,critical" doc:"The lowest that it is told of unless a rule names it; low when absent."`
	Class       string   `json:"class,omitempty" enum:"inventory,personal,content" doc:"The highest privacy class that may be sent; inventory when absent."`
	Subject     string   `json:"subject,omitempty" maxLength:"1000" doc:"Template such as [{{ alert.severity }}] {{ alert.title }}."`
	Body        string   `json:"body,omitempty" maxLength:"8000"`
}

// NotificationItem is a notice and what became of it.
type NotificationItem struct {
	ID            uuid.UUID  `json:"id" doc:"By which the receiver knows it."`
	TenantName    string     `json:"tenant_name"`
	AlertID       *uuid.UUID `json:"alert_id,omitempty"`
	Rule          string     `json:"rule"`
	Notice        string     `json:"notice"`
	Severity      string     `json:"severity"`
	ChannelID     *uuid.UUID `json:"channel_id,omitempty"`
	Channel       string     `json:"channel"`
	Kind          Kind       `json:"kind"`
	Status        Status     `json:"status" enum:"queued,retrying,sent,dead,suppressed"`
	Reason        string     `json:"reason,omitempty" doc:"Why it was not sent."`
	RetryCount    int        `json:"retry_count"`
	WebhookStatus int        `json:"webhook_status,omitempty" doc:"Of the last answer."`
	MessageID     string     `json:"message_id,omitempty"`
	Subject       string     `json:"subject"`
	BodySHA256    string     `json:"body_sha256"`
	ReplayOf      *uuid.UUID `json:"replay_of,omitempty"`
	CreatedAt     time.Time  `json:"created_at"`
	AttemptedAt   *time.Time `json:"attempted_at,omitempty"`
	SentAt        *time.Time `json:"sent_at,omitempty"`
}

// NotificationDetail is a notice with what it says.
type NotificationDetail struct {
	NotificationItem
	Body string `json:"body" doc:"What is told, as JSON."`
}

// InboxItem is a notice in the console.
type InboxItem struct {
	ID        uuid.UUID  `json:"id"`
	AlertID   *uuid.UUID `json:"alert_id,omitempty"`
	Rule      string     `json:"rule"`
	Notice    string     `json:"notice"`
	Severity  string     `json:"severity"`
	Subject   string     `json:"subject"`
	CreatedAt time.Time  `json:"created_at"`
	Read      bool       `json:"read"`
}

// InboxPage is a page of the console's notices.
type InboxPage struct {
	httpapi.Page[InboxItem]
	Unread int `json:"unread" doc:"Up to 1,000."`
}

type (
	byID struct {
		ID uuid.UUID `path:"id"`
	}
	createInput struct{ Body ChannelDraft }
	updateInput struct {
		ID   uuid.UUID `path:"id"`
		Body ChannelDraft
	}
	listInput struct {
		httpapi.Paging
		Status  string    `query:"status" enum:"queued,retrying,sent,dead,suppressed"`
		Channel string    `query:"channel" maxLength:"64"`
		Rule    string    `query:"rule" maxLength:"64"`
		AlertID uuid.UUID `query:"alert_id"`
	}
	inboxInput struct{ httpapi.Paging }
	readInput  struct {
		Body struct {
			To uuid.UUID `json:"to" doc:"The youngest notice that was read."`
		}
	}
	body[T any] struct{ Body T }
)

// Routes registers the operations.
func (s *Service) Routes(api *httpapi.API) {
	s.channelRoutes(api)
	tags := []string{"notifications"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-notifications", Method: http.MethodGet, Path: "/notifications", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Recursive: true,
		Summary: "List notices and what became of them, youngest first",
	}, s.handleList)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-notification", Method: http.MethodGet, Path: "/notifications/{id}", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Recursive: true,
		Summary: "Show a notice",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[NotificationDetail], error) {
		n, err := s.Get(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[NotificationDetail]{NotificationDetail{itemOf(n), n.Body}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "replay-notification", Method: http.MethodPost, Path: "/notifications/{id}/replay", Tags: tags, Permission: access.FindingsManage, Feature: access.Alerts,
		Audit: "notifications.replay", Status: http.StatusOK, Summary: "Send a notice again",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[NotificationItem], error) {
		return noticeOrError(s.Replay(ctx, scope, in.ID))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-inbox", Method: http.MethodGet, Path: "/inbox", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, Recursive: true,
		Summary: "List the console's notices, youngest first",
	}, s.handleInbox)
	httpapi.Register(api, httpapi.Operation{
		ID: "read-inbox", Method: http.MethodPost, Path: "/inbox/read", Tags: tags, Permission: access.FindingsRead, Feature: access.Alerts, ReadOnly: true,
		Summary: "Say up to where one has read the console's notices",
	}, func(ctx context.Context, scope access.Scope, in *readInput) (*struct{}, error) {
		return nil, s.MarkRead(ctx, scope, in.Body.To)
	})
}

func (s *Service) channelRoutes(api *httpapi.API) {
	tags := []string{"channels"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-channels", Method: http.MethodGet, Path: "/channels", Tags: tags, Permission: access.SettingsRead, Feature: access.Alerts, Summary: "List whom alerts are told to",
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*body[httpapi.Page[ChannelItem]], error) {
		found, err := s.Channels(ctx, scope)
		if err != nil {
			return nil, err
		}
		items := make([]ChannelItem, len(found))
		for i, c := range found {
			items[i] = channelOf(c)
		}
		return &body[httpapi.Page[ChannelItem]]{httpapi.Page[ChannelItem]{Items: items}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "create-channel", Method: http.MethodPost, Path: "/channels", Tags: tags, Permission: access.SettingsManage, Feature: access.Alerts, Audit: "channels.create",
		Status: http.StatusOK, Summary: "Add a channel",
	}, func(ctx context.Context, scope access.Scope, in *createInput) (*body[MadeChannel], error) {
		d, err := in.Body.draft()
		if err != nil {
			return nil, err
		}
		c, key, err := s.CreateChannel(ctx, scope, d)
		if err != nil {
			return nil, err
		}
		return &body[MadeChannel]{MadeChannel{channelOf(c), key}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-channel", Method: http.MethodPut, Path: "/channels/{id}", Tags: tags, Permission: access.SettingsManage, Feature: access.Alerts, Audit: "channels.put",
		Summary: "Change a channel",
	}, func(ctx context.Context, scope access.Scope, in *updateInput) (*body[ChannelItem], error) {
		d, err := in.Body.draft()
		if err != nil {
			return nil, err
		}
		c, err := s.UpdateChannel(ctx, scope, in.ID, d)
		if err != nil {
			return nil, err
		}
		return &body[ChannelItem]{channelOf(c)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-channel", Method: http.MethodDelete, Path: "/channels/{id}", Tags: tags, Permission: access.SettingsManage, Audit: "channels.delete", Summary: "Delete a channel",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*struct{}, error) {
		return nil, s.DeleteChannel(ctx, scope, in.ID)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "test-channel", Method: http.MethodPost, Path: "/channels/{id}/test", Tags: tags, Permission: access.SettingsManage, Feature: access.Alerts, Audit: "channels.test",
		Status: http.StatusOK, Summary: "Send a test to a channel",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[NotificationItem], error) {
		return noticeOrError(s.Test(ctx, scope, in.ID))
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "rotate-channel-key", Method: http.MethodPost, Path: "/channels/{id}/rotate", Tags: tags, Permission: access.SettingsManage, Feature: access.Alerts, Audit: "channels.rotate",
		Status: http.StatusOK, Summary: "Make a new signing key for a webhook; the old one signs beside it for a day",
	}, func(ctx context.Context, scope access.Scope, in *byID) (*body[MadeChannel], error) {
		c, key, err := s.RotateKey(ctx, scope, in.ID)
		if err != nil {
			return nil, err
		}
		return &body[MadeChannel]{MadeChannel{channelOf(c), key}}, nil
	})
}

func (d ChannelDraft) draft() (Draft, error) {
	out := Draft{Secret: d.Secret, Channel: Channel{Name: d.Name, Kind: d.Kind, Config: d.Config, Enabled: d.Enabled == nil || *d.Enabled, AllAlerts: d.AllAlerts, Severity: findings.Low,
		Subject: d.Subject, Body: d.Body}}
	var err error
	if d.MinSeverity != "" {
		if out.Severity, err = findings.ParseSeverity(d.MinSeverity); err != nil {
			return out, err
		}
	}
	if d.Class != "" {
		out.Class, err = tables.ParseClass(d.Class)
	}
	return out, err
}

func (s *Service) handleList(ctx context.Context, scope access.Scope, in *listInput) (*body[httpapi.Page[NotificationItem]], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	found, err := s.List(ctx, scope, Filter{Status(in.Status), in.Channel, in.Rule, in.AlertID}, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]NotificationItem, len(found))
	for i, n := range found {
		items[i] = itemOf(n)
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last NotificationItem) any { return last.ID })
	return &body[httpapi.Page[NotificationItem]]{page}, err
}

func (s *Service) handleInbox(ctx context.Context, scope access.Scope, in *inboxInput) (*body[InboxPage], error) {
	before := uuid.Max
	if err := httpapi.DecodeCursor(in.Cursor, &before); err != nil {
		return nil, err
	}
	found, mark, unread, err := s.Inbox(ctx, scope, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	items := make([]InboxItem, len(found))
	for i, n := range found {
		items[i] = InboxItem{n.ID, n.AlertID, n.Rule, string(n.Notice), n.Severity.String(), n.Subject, n.CreatedAt, n.ID.String() <= mark.String()}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last InboxItem) any { return last.ID })
	return &body[InboxPage]{InboxPage{page, unread}}, err
}

func noticeOrError(n *Notification, err error) (*body[NotificationItem], error) {
	if err != nil {
		return nil, err
	}
	return &body[NotificationItem]{itemOf(n)}, nil
}

func itemOf(n *Notification) NotificationItem {
	return NotificationItem{
		ID: n.ID, TenantName: n.TenantName, AlertID: n.AlertID, Rule: n.Rule, Notice: string(n.Notice), Severity: n.Severity.String(), ChannelID: n.ChannelID, Channel: n.Channel, Kind: n.Kind,
		Status: n.Status, Reason: n.Reason, RetryCount: n.RetryCount, WebhookStatus: n.WebhookStatus, MessageID: n.MessageID, Subject: n.Subject,
		BodySHA256: hex.EncodeToString(n.BodySHA256), ReplayOf: n.ReplayOf, CreatedAt: n.CreatedAt, AttemptedAt: n.AttemptedAt, SentAt: n.SentAt,
	}
}

func channelOf(c *Channel) ChannelItem {
	return ChannelItem{
		ID: c.ID, Name: c.Name, Kind: c.Kind, Config: c.Config, SecretHint: c.Hint, SecretAt: c.SecretAt, Enabled: c.Enabled, AllAlerts: c.AllAlerts,
		MinSeverity: c.Severity.String(), Class: c.Class.String(), Subject: c.Subject, Body: c.Body,
	}
}
