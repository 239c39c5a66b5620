package fleettest

import (
	"net/http"
	"testing"
	"time"

	"github.com/tenantra/tenantra/fleet/client"
)

const canaryFramework = "framework: " + canary + "\ntitle: " + canary + "\nsource: us\nlicence: ours\ncontrols:\n  - {id: R1, title: " + canary + ", checks: [uid-zero]}\n"

// complianceObjects makes a waiver, parameters and a framework in acme and gives the path parameters that name them.
func complianceObjects(t *testing.T, acme *client.Client, agent string) map[string]map[string]string {
	t.Helper()
	do := func(method, path string, body, out any) {
		t.Helper()
		if err := acme.Do(t.Context(), method, path, nil, body, out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	var waiver struct{ ID string }
	do(http.MethodPost, "/compliance/waivers", map[string]any{"check": "tmp-mount-options", "reason": canary, "expires_at": time.Now().Add(time.Hour)}, &waiver)
	do(http.MethodPut, "/compliance/frameworks/"+canary, map[string]any{"document": canaryFramework}, nil)
	do(http.MethodPut, "/compliance/checks/uid-zero/params", map[string]any{"params": map[string]any{"allowed": []string{"root", canary}}}, nil)
	byFramework, byCheck := map[string]string{"framework": canary}, map[string]string{"check": "uid-zero"}
	return map[string]map[string]string{
		"end-waiver": {"id": waiver.ID}, "approve-waiver": {"id": waiver.ID}, "get-framework": byFramework, "export-framework": byFramework, "put-framework": byFramework, "preview-framework": byFramework, "delete-framework": byFramework,
		"get-verdict-history": {"id": agent, "check": "uid-zero"}, "get-check": byCheck, "set-check-params": byCheck, "clear-check-params": byCheck,
	}
}

func complianceBodies() map[string]any {
	return map[string]any{
		"create-waiver":      map[string]any{"check": "uid-zero", "reason": "x", "expires_at": time.Now().Add(time.Hour)},
		"end-waiver":         map[string]any{},
		"put-framework":      map[string]any{"document": canaryFramework},
		"preview-framework":  map[string]any{"document": canaryFramework},
		"set-check-params":   map[string]any{"params": map[string]any{"allowed": []string{"root"}}},
		"compliance-what-if": map[string]any{"checks": []string{"uid-zero"}},
	}
}
