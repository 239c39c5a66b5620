package access

// Tier is the plan of a tenant; it decides which features are on.
type Tier string

// The tiers, smallest first.
const (
	Free       Tier = "free"
	Basic      Tier = "basic"
	Pro        Tier = "pro"
	Enterprise Tier = "enterprise"
)

// Tiers lists every tier, smallest first.
func Tiers() []Tier { return []Tier{Free, Basic, Pro, Enterprise} }

// Feature is something that a tier switches on.
type Feature string

// The features of the product's tier table.
const (
	AgentScanning   Feature = "agent_scanning"
	ScanScheduling  Feature = "scan_scheduling"
	Alerts          Feature = "alerts"
	ChatIntegration Feature = "chat_integration"
	Dashboard       Feature = "dashboard"
	MultiTenant     Feature = "multi_tenant"
	RBAC            Feature = "rbac"
	ModuleControl   Feature = "module_control"
	ComplianceScore Feature = "compliance_score"
	Export          Feature = "export"
	AuditRetention  Feature = "audit_retention"
	APITokens       Feature = "api_tokens"
	BillingReports  Feature = "billing_reports"
	Connectors      Feature = "connectors"
	AIRisk          Feature = "ai_risk"
)

// features is the tier table: each feature with the smallest tier that has it. A larger tier has all of a smaller one.
var features = [...]struct {
	feature Feature
	from    Tier
}{
	{AgentScanning, Free},
	{ScanScheduling, Basic},
	{Alerts, Basic},
	{ChatIntegration, Pro},
	{Dashboard, Free},
	{MultiTenant, Pro},
	{RBAC, Basic},
	{ModuleControl, Basic},
	{ComplianceScore, Basic},
	{Export, Basic},
	{AuditRetention, Pro},
	{APITokens, Pro},
	{BillingReports, Pro},
	{Connectors, Enterprise},
	{AIRisk, Enterprise},
}

func (t Tier) rank() int {
	for rank, tier := range Tiers() {
		if tier == t {
			return rank
		}
	}
	return -1
}

// Valid tells whether t is one of the tiers.
func (t Tier) Valid() bool { return t.rank() >= 0 }

// Has tells whether the tier has the feature. Unknown tiers and features have nothing.
func (t Tier) Has(f Feature) bool {
	from := f.Tier()
	return from != "" && t.rank() >= from.rank()
}

// Features lists what the tier has, in the order of the tier table.
func (t Tier) Features() []Feature {
	var has []Feature
	for _, row := range features {
		if t.Has(row.feature) {
			has = append(has, row.feature)
		}
	}
	return has
}

// Features lists every feature in the order of the tier table.
func Features() []Feature { return Enterprise.Features() }

// Tier gives the smallest tier that has the feature, "" for an unknown feature.
func (f Feature) Tier() Tier {
	for _, row := range features {
		if row.feature == f {
			return row.from
		}
	}
	return ""
}
