package frameworks_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tenantra/tenantra/frameworks"
)

// published reads a file of the published facts that mappings are held against. They lie beside the project, where there
// are any.
func published(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../shared/data/compliance", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there are no published facts beside the project")
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func mapping(t *testing.T, name string) *frameworks.Mapping {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("mappings", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := frameworks.ParseMapping(name+".csv", text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The mappings whose crosswalk is published as pairs have these pairs and no others, as far as our catalogues have the
// controls: Annex A of ISO 27001 is mapped, its clauses 4 to 10 are about the organisation.
func TestMappingsAreThePublishedOnes(t *testing.T) {
	t.Parallel()
	var facts struct {
		Pairs struct {
			HIPAA [][2]string `json:"hipaa_to_nist_800_53_r5"`
			ISO   [][2]string `json:"nist_800_53_r5_to_iso_27001_2022"`
		}
	}
	published(t, "mappings.json", &facts)
	l := library(t)
	for i, pair := range facts.Pairs.HIPAA {
		facts.Pairs.HIPAA[i] = [2]string{pair[1], pair[0]}
	}
	for to, pairs := range map[string][][2]string{"hipaa": facts.Pairs.HIPAA, "iso27001-2022": facts.Pairs.ISO} {
		m := mapping(t, "nist-800-53r5--"+to)
		if m.Basis != frameworks.Published {
			t.Errorf("%s is %s", m.ID(), m.Basis)
		}
		want := map[string][]string{}
		for _, pair := range pairs {
			if l.Framework(to).Control(pair[1]) != nil {
				want[pair[0]] = append(want[pair[0]], pair[1])
			}
		}
		for _, c := range l.Framework("nist-800-53r5").Controls {
			if _, listed := want[c.ID]; !listed && strings.Contains(c.ID, "(") {
				continue // an enhancement serves what its control serves: said by Mapping.Of, not by the crosswalk
			}
			slices.Sort(want[c.ID])
			if got := m.Of([]string{c.ID}); !slices.Equal(got, slices.Compact(want[c.ID])) {
				t.Errorf("%s: %s serves %v, published is %v", m.ID(), c.ID, got, want[c.ID])
			}
		}
	}
}

// For PCI DSS and 800-171 there are no published pairs beside the project, but rules of ComplianceAsCode that name both
// sides. How often a mapping leads from a rule's 800-53 controls to one of its own requirements says how far both agree.
// CM-6, "configuration settings", stands on nearly every rule and tells nothing. The floors are what was measured: a
// mapping may become better, not worse.
func TestMappingsBesidePublishedRules(t *testing.T) {
	t.Parallel()
	var facts struct {
		Rules map[string]map[string]any
	}
	published(t, "rule-control-map.json", &facts)
	for _, c := range []struct {
		mapping, named string
		least          float64
	}{
		{"nist-800-53r5--nist-800-171r2", "nist_800_171", 0.40},
		{"nist-800-53r5--pci-dss-4", "pci_dss_4", 0.20},
	} {
		m := mapping(t, c.mapping)
		both, agree := 0, 0
		for _, rule := range facts.Rules {
			var controls []string
			for _, id := range texts(rule["nist_800_53"]) {
				if id, _, _ = strings.Cut(id, "(a"); !strings.HasPrefix(id, "CM-6") { // IA-4(e) is a part, AC-2(3) an enhancement
					controls = append(controls, id)
				}
			}
			named := texts(rule[c.named])
			if len(controls) == 0 || len(named) == 0 {
				continue
			}
			both++
			if slices.ContainsFunc(m.Of(controls), func(id string) bool { return slices.Contains(named, id) }) {
				agree++
			}
		}
		share := float64(agree) / float64(both)
		t.Logf("%s (%s) agrees with %d of %d published rules", m.ID(), m.Basis, agree, both)
		if share < c.least {
			t.Errorf("%s agrees with %.2f of the published rules, want %.2f", m.ID(), share, c.least)
		}
	}
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, e := range list {
		if text, ok := e.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// The coverage map says of each framework by whose word its controls are covered.
func TestCoverage(t *testing.T) {
	t.Parallel()
	l := library(t)
	for _, f := range l.Frameworks() {
		c := f.Coverage(l)
		checked := 0
		for _, control := range f.Controls {
			if len(f.Checks(l, control.ID)) > 0 {
				checked++
			}
		}
		if c.Covered() != checked || c.Controls != len(f.Controls) {
			t.Errorf("%s: %+v, but %d of %d controls have a check", f.ID, c, checked, len(f.Controls))
		}
		t.Logf("%-16s %4d of %4d covered: %4d by checks' own word, %3d by a published mapping, %3d by ours", f.ID, checked, c.Controls, c.Own, c.Published, c.Ours)
	}
	if c := l.Framework("soc2").Coverage(l); c.Ours == 0 || c.Published != 0 {
		t.Errorf("what is said of SOC 2 is our own judgement, the map says %+v", c)
	}
	if c := l.Framework("iso27001-2022").Coverage(l); c.Published == 0 || c.Ours != 0 {
		t.Errorf("what leads to ISO 27001 is published, the map says %+v", c)
	}
}
