package scans

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/tenantra/tenantra/fleet/access"
	"github.com/tenantra/tenantra/fleet/httpapi"
	"github.com/tenantra/tenantra/internal/textdiff"
)

// PackItem is a pack as lists show it.
type PackItem struct {
	Name          string     `json:"name"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Platforms     []string   `json:"platforms"`
	Queries       int        `json:"queries"`
	Version       string     `json:"version" doc:"Changes with the text."`
	Source        string     `json:"source" enum:"product,tenant,inherited"`
	InheritedFrom *uuid.UUID `json:"inherited_from,omitempty" doc:"The tenant above whose pack it is."`
	Notes         []string   `json:"notes,omitempty"`
}

// QueryItem is a query of a pack.
type QueryItem struct {
	Name            string   `json:"name"`
	Collection      string   `json:"collection" doc:"The name under which agents send its rows."`
	SQL             string   `json:"sql"`
	Description     string   `json:"description"`
	IntervalSeconds int      `json:"interval_seconds" doc:"Of one with a time: about."`
	At              string   `json:"at" doc:"When it runs by the clock, such as mon-fri 03:00 or the five fields of a crontab; empty: by the interval."`
	Zone            string   `json:"zone" doc:"Of at: an IANA name, tenant for the tenant's; empty: the endpoint's own."`
	Platforms       []string `json:"platforms"`
	Mode            string   `json:"mode" enum:"differential,snapshot,append"`
	Class           string   `json:"class" enum:"inventory,personal,content,secret" doc:"The highest privacy class among the columns that it reads."`
	Columns         []string `json:"columns"`
}

// PackDetail is a pack with its text and queries.
type PackDetail struct {
	PackItem
	YAML string      `json:"yaml"`
	List []QueryItem `json:"query_list"`
}

// ConvertedPack is a pack in our format, ready to be put.
type ConvertedPack struct {
	Name  string   `json:"name"`
	YAML  string   `json:"yaml"`
	Notes []string `json:"notes" doc:"What reading changed or left out."`
}

// ScheduleItem says whether a pack runs.
type ScheduleItem struct {
	Pack          string     `json:"pack"`
	Enabled       bool       `json:"enabled"`
	TenantID      *uuid.UUID `json:"tenant_id,omitempty" doc:"The tenant that said so; absent for the product's default."`
	InheritedFrom *uuid.UUID `json:"inherited_from,omitempty" doc:"The same, where it is a tenant above."`
}

type (
	byName struct {
		Name string `path:"name" maxLength:"100"`
	}
	packsOutput struct {
		Body httpapi.Page[PackItem]
	}
	packOutput   struct{ Body PackDetail }
	putPackInput struct {
		Name string `path:"name" maxLength:"100"`
		Body struct {
			YAML string `json:"yaml" maxLength:"1048576"`
		}
	}
	byVersion struct {
		Name   string `path:"name" maxLength:"100"`
		Number int    `path:"number" minimum:"1"`
	}
	diffInput struct {
		Name string `path:"name" maxLength:"100"`
		From int    `query:"from" minimum:"0" doc:"Absent: the version before to."`
		To   int    `query:"to" minimum:"0" doc:"Absent: the youngest."`
	}
	diffOutput       struct{ Body httpapi.Page[textdiff.Line] }
	addVersionOutput struct {
		Body struct {
			Number int `json:"number"`
		}
	}
	versionsOutput struct{ Body httpapi.Page[Version] }
	versionOutput  struct {
		Body struct {
			YAML string `json:"yaml"`
		}
	}
	convertInput struct {
		Body struct {
			Name   string `json:"name" maxLength:"120" doc:"Of a pack whose text has none."`
			Format Format `json:"format" enum:"tenantra,osquery,fleet"`
			Text   string `json:"text" maxLength:"1048576"`
		}
	}
	convertOutput struct {
		Body httpapi.Page[ConvertedPack]
	}
	schedulesOutput struct {
		Body httpapi.Page[ScheduleItem]
	}
	putScheduleInput struct {
		Pack string `path:"pack" maxLength:"100"`
		Body struct {
			Enabled bool `json:"enabled"`
		}
	}
	scheduleOutput struct{ Body ScheduleItem }
)

// Routes registers the feature's operations.
func (s *Service) Routes(api *httpapi.API) {
	tags := []string{"packs"}
	httpapi.Register(api, httpapi.Operation{
		ID: "list-packs", Method: http.MethodGet, Path: "/packs", Summary: "List the packs that the tenant sees", Tags: tags, Permission: access.PacksRead,
	}, s.listPacks)
	httpapi.Register(api, httpapi.Operation{
		ID: "get-pack", Method: http.MethodGet, Path: "/packs/{name}", Summary: "Show a pack", Tags: tags, Permission: access.PacksRead,
	}, func(ctx context.Context, scope access.Scope, in *byName) (*packOutput, error) {
		pack, err := s.Pack(ctx, scope, in.Name)
		if err != nil {
			return nil, err
		}
		return &packOutput{detailOf(scope, pack)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "put-pack", Method: http.MethodPut, Path: "/packs/{name}", Summary: "Store a pack of the tenant", Tags: tags,
		Permission: access.PacksManage, Feature: access.ScanScheduling, Audit: "packs.put", MaxBody: 2 << 20,
	}, func(ctx context.Context, scope access.Scope, in *putPackInput) (*packOutput, error) {
		pack, err := s.PutPack(ctx, scope, in.Name, in.Body.YAML)
		if err != nil {
			return nil, err
		}
		return &packOutput{detailOf(scope, pack)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "delete-pack", Method: http.MethodDelete, Path: "/packs/{name}", Summary: "Delete a pack of the tenant", Tags: tags,
		Permission: access.PacksManage, Audit: "packs.delete",
	}, func(ctx context.Context, scope access.Scope, in *byName) (*struct{}, error) {
		return nil, s.DeletePack(ctx, scope, in.Name)
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "list-pack-versions", Method: http.MethodGet, Path: "/packs/{name}/versions", Summary: "List the texts that a pack of the tenant has had", Tags: tags, Permission: access.PacksRead,
	}, func(ctx context.Context, scope access.Scope, in *byName) (*versionsOutput, error) {
		found, err := s.Versions(ctx, scope, in.Name)
		if err != nil {
			return nil, err
		}
		return &versionsOutput{httpapi.Page[Version]{Items: found}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "add-pack-version", Method: http.MethodPost, Path: "/packs/{name}/versions", Summary: "Keep a text of a pack that is not to be the present one yet", Tags: tags,
		Permission: access.PacksManage, Feature: access.ScanScheduling, Audit: "packs.add_version", MaxBody: 2 << 20, Status: http.StatusCreated,
	}, func(ctx context.Context, scope access.Scope, in *putPackInput) (*addVersionOutput, error) {
		number, err := s.AddVersion(ctx, scope, in.Name, in.Body.YAML)
		if err != nil {
			return nil, err
		}
		out := &addVersionOutput{}
		out.Body.Number = number
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "diff-pack", Method: http.MethodGet, Path: "/packs/{name}/diff", Summary: "Tell line by line how one text of a pack became another", Tags: tags, Permission: access.PacksRead,
	}, func(ctx context.Context, scope access.Scope, in *diffInput) (*diffOutput, error) {
		lines, err := s.Diff(ctx, scope, in.Name, in.From, in.To)
		if err != nil {
			return nil, err
		}
		return &diffOutput{httpapi.Page[textdiff.Line]{Items: lines}}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "get-pack-version", Method: http.MethodGet, Path: "/packs/{name}/versions/{number}", Summary: "Show an earlier text of a pack", Tags: tags, Permission: access.PacksRead,
	}, func(ctx context.Context, scope access.Scope, in *byVersion) (*versionOutput, error) {
		text, err := s.VersionText(ctx, scope, in.Name, in.Number)
		if err != nil {
			return nil, err
		}
		out := &versionOutput{}
		out.Body.YAML = text
		return out, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "roll-back-pack", Method: http.MethodPost, Path: "/packs/{name}/versions/{number}/restore", Summary: "Make an earlier text of a pack the present one", Tags: tags,
		Permission: access.PacksManage, Feature: access.ScanScheduling, Audit: "packs.put", Status: http.StatusOK,
	}, func(ctx context.Context, scope access.Scope, in *byVersion) (*packOutput, error) {
		pack, err := s.RollBack(ctx, scope, in.Name, in.Number)
		if err != nil {
			return nil, err
		}
		return &packOutput{detailOf(scope, pack)}, nil
	})
	httpapi.Register(api, httpapi.Operation{
		ID: "convert-packs", Method: http.MethodPost, Path: "/packs/convert", Summary: "Read packs of osquery or Fleet and write them in our format; nothing is stored", Tags: tags,
		Permission: access.PacksRead, ReadOnly: true, MaxBody: 2 << 20,
	}, s.convert)
	httpapi.Register(api, httpapi.Operation{
		ID: "list-schedules", Method: http.MethodGet, Path: "/schedules", Summary: "List which packs run", Tags: tags, Permission: access.PacksRead,
	}, s.listSchedules)
	httpapi.Register(api, httpapi.Operation{
		ID: "put-schedule", Method: http.MethodPut, Path: "/schedules/{pack}", Summary: "Switch a pack on or off", Tags: tags,
		Permission: access.PacksManage, Feature: access.ScanScheduling, Audit: "schedules.put",
	}, func(ctx context.Context, scope access.Scope, in *putScheduleInput) (*scheduleOutput, error) {
		schedule, err := s.PutSchedule(ctx, scope, in.Pack, in.Body.Enabled)
		if err != nil {
			return nil, err
		}
		return &scheduleOutput{scheduleOf(scope, schedule)}, nil
	})
}

func (s *Service) convert(_ context.Context, _ access.Scope, in *convertInput) (*convertOutput, error) {
	found, err := s.Convert(in.Body.Name, in.Body.Format, in.Body.Text)
	if err != nil {
		return nil, err
	}
	out := &convertOutput{httpapi.Page[ConvertedPack]{Items: []ConvertedPack{}}}
	for _, pack := range found {
		text := pack.Text
		if in.Body.Format != Own {
			if text, err = pack.YAML(); err != nil {
				return nil, err
			}
		}
		out.Body.Items = append(out.Body.Items, ConvertedPack{Name: pack.Name, YAML: text, Notes: append([]string{}, pack.Notes...)})
	}
	return out, nil
}

func (s *Service) listPacks(ctx context.Context, scope access.Scope, _ *struct{}) (*packsOutput, error) {
	all, err := s.Packs(ctx, scope)
	if err != nil {
		return nil, err
	}
	items := make([]PackItem, len(all))
	for i, pack := range all {
		items[i] = itemOf(scope, pack)
	}
	return &packsOutput{httpapi.Page[PackItem]{Items: items}}, nil
}

func (s *Service) listSchedules(ctx context.Context, scope access.Scope, _ *struct{}) (*schedulesOutput, error) {
	all, err := s.Schedules(ctx, scope)
	if err != nil {
		return nil, err
	}
	items := make([]ScheduleItem, len(all))
	for i, schedule := range all {
		items[i] = scheduleOf(scope, schedule)
	}
	return &schedulesOutput{httpapi.Page[ScheduleItem]{Items: items}}, nil
}

func itemOf(scope access.Scope, p Pack) PackItem {
	item := PackItem{
		Name: p.Name, Title: p.Title, Description: p.Description, Platforms: p.Platforms.Names(), Queries: len(p.Pack.Queries),
		Version: p.Version, Source: "product", Notes: p.Notes,
	}
	switch {
	case p.owner == scope.Tenant:
		item.Source = "tenant"
	case p.owner != 0:
		item.Source, item.InheritedFrom = "inherited", &p.Owner
	}
	return item
}

func detailOf(scope access.Scope, p Pack) PackDetail {
	detail := PackDetail{PackItem: itemOf(scope, p), YAML: p.Text, List: []QueryItem{}}
	for _, q := range p.Pack.Queries {
		detail.List = append(detail.List, QueryItem{
			Name: q.Name, Collection: p.Collection(q.Name), SQL: q.SQL, Description: q.Description, IntervalSeconds: seconds(q.Interval, checkInterval), At: q.At, Zone: q.Zone,
			Platforms: q.Platforms.Names(), Mode: string(q.Mode), Class: q.Class.String(), Columns: q.Columns,
		})
	}
	return detail
}

func scheduleOf(scope access.Scope, s Schedule) ScheduleItem {
	item := ScheduleItem{Pack: s.Pack, Enabled: s.Enabled}
	if s.Said != uuid.Nil {
		item.TenantID = &s.Said
		if s.Said != scope.TenantID {
			item.InheritedFrom = &s.Said
		}
	}
	return item
}
