package audit

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/fleet/postgres"
)

// Service reads the log for the API.
type Service struct {
	db      *postgres.DB
	anchors *Anchors
}

// NewService makes the service. Verification compares chains with anchors, unless they are nil.
func NewService(db *postgres.DB, anchors *Anchors) *Service { return &Service{db, anchors} }

// Denied records a refused call; httpapi.Config takes it. It fails silently but for the log of its caller, because the
// call is refused either way.
func (s *Service) Denied(ctx context.Context, scope access.Scope, operation string) error {
	return s.db.InScope(ctx, scope.Only(), func(ctx context.Context, tx *postgres.Tx) error {
		return Record(ctx, tx, Entry{Action: "access.denied", Object: "operation:" + operation})
	})
}

// Item is an entry as the API shows it.
type Item struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	Actor     string          `json:"actor" doc:"Name of who did it."`
	ActorKind string          `json:"actor_kind" enum:"user,agent,token,system"`
	ActorID   *uuid.UUID      `json:"actor_id"`
	OnBehalf  *uuid.UUID      `json:"on_behalf" doc:"The person acted for while impersonating, or whose token it is."`
	Grant     *uuid.UUID      `json:"msp_scope_token" doc:"The grant of access that was used."`
	Action    string          `json:"action"`
	Object    string          `json:"object"`
	Address   string          `json:"address"`
	Detail    json.RawMessage `json:"detail" doc:"Further facts; null when there are none."`
}

type listInput struct {
	httpapi.Paging
	FilterInput
}

type listOutput struct{ Body httpapi.Page[Item] }

type verifyOutput struct {
	Body struct {
		OK          bool   `json:"ok"`
		Entries     int64  `json:"entries" doc:"Entries that are as they were written, up to the first bad one."`
		FirstBadSeq int64  `json:"first_bad_seq,omitempty"`
		Reason      string `json:"reason,omitempty"`
		FirstSeq    int64  `json:"first_seq" doc:"Where the walk began: 1, or after the entries that retention dropped."`
		Anchors     int    `json:"anchors" doc:"Signed statements of where the chain stood, kept outside of the database too, that it agrees with."`
		AnchoredSeq int64  `json:"anchored_seq" doc:"The last entry that an anchor proves; later ones are proved by the chain alone. 0 for none."`
		// A pointer, so that a chain without anchors has none.
		AnchoredAt *time.Time `json:"anchored_at,omitempty"`
	}
}

// Routes registers the calls about the audit log.
func (s *Service) Routes(api *httpapi.API) {
	s.exportRoute(api)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-audit", Method: http.MethodGet, Path: "/audit", Summary: "List what was done, newest first", Tags: []string{"audit"},
		Permission: access.AuditRead,
	}, s.list)
	httpapi.Register(api, httpapi.Operation{
		ID: "verify-audit", Method: http.MethodGet, Path: "/audit/verify", Summary: "Prove that the log is as it was written",
		Tags: []string{"audit"}, Permission: access.AuditRead,
	}, func(ctx context.Context, scope access.Scope, _ *struct{}) (*verifyOutput, error) {
		var verdict Verdict
		err := s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
			var err error
			verdict, err = Verify(ctx, tx, s.anchors)
			return err
		})
		if err != nil {
			return nil, err
		}
		out := &verifyOutput{}
		out.Body.OK, out.Body.Entries, out.Body.FirstBadSeq, out.Body.Reason = verdict.OK, verdict.Entries, verdict.FirstBadSeq, verdict.Reason
		out.Body.FirstSeq, out.Body.Anchors, out.Body.AnchoredSeq, out.Body.AnchoredAt = verdict.FirstSeq, verdict.Anchors, verdict.Anchored, timeOrNull(verdict.AnchoredAt)
		return out, nil
	})
}

func (s *Service) list(ctx context.Context, scope access.Scope, in *listInput) (*listOutput, error) {
	filter, err := in.filter()
	if err != nil {
		return nil, err
	}
	filter.Limit = in.Limit + 1
	if err := httpapi.DecodeCursor(in.Cursor, &filter.Before); err != nil {
		return nil, err
	}
	var entries []Stored
	err = s.db.InScope(ctx, scope, func(ctx context.Context, tx *postgres.Tx) error {
		var err error
		entries, err = ListEntries(ctx, tx, filter)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(entries))
	for i, entry := range entries {
		items[i] = Item{
			Seq: entry.Seq, At: entry.At, Actor: entry.ActorName, ActorKind: entry.ActorKind, ActorID: orNull(entry.ActorID),
			OnBehalf: orNull(entry.OnBehalf), Grant: orNull(entry.Grant), Action: entry.Action, Object: entry.Object, Address: entry.Address, Detail: entry.Detail,
		}
		if entry.Detail == nil {
			items[i].Detail = json.RawMessage("null")
		}
	}
	page, err := httpapi.NewPage(items, in.Limit, func(last Item) any { return last.Seq })
	if err != nil {
		return nil, err
	}
	return &listOutput{Body: page}, nil
}
