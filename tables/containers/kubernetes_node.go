package containers

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/mask"
)

// kubernetesFact is one setting of a node of Kubernetes.
type kubernetesFact struct {
	Component string `col:"component" doc:"Part of the node: kubelet, kubeconfig, or the name of a static pod: kube-apiserver, etcd."`
	Name      string `col:"name" doc:"Name of the setting: authentication.anonymous.enabled, or a flag without its dashes: anonymous-auth."`
	Value     string `col:"value" doc:"Value of the setting, with credentials masked; a flag without a value is true."`
	Source    string `col:"source" doc:"File that sets it."`
}

// KubernetesNode has a row for each setting of the kubelet's file, each flag of a static pod, and the address of the cluster. Users'
// tokens and keys of a kubeconfig are not read.
// Source: /var/lib/kubelet/config.yaml, /etc/kubernetes/manifests, /etc/kubernetes/kubelet.conf.
var KubernetesNode = tables.DefineByPlatform(tables.Spec{
	Name: "kubernetes_node", Doc: "Settings of the machine as a node of Kubernetes.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Cheap, Privilege: tables.Root,
	Examples: []string{
		"SELECT value FROM kubernetes_node WHERE component = 'kubelet' AND name = 'authentication.anonymous.enabled'",
		"SELECT component, value FROM kubernetes_node WHERE name = 'anonymous-auth'",
	},
}, tables.Generators[kubernetesFact]{Linux: generateKubernetesNode})

func generateKubernetesNode(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*kubernetesFact) error) error {
	read := func(file string, parse func([]byte) ([]kubernetesFact, error)) error {
		data, err := host.ReadFile(file)
		if err != nil {
			if !hostfile.Absent(err) {
				hostfile.Skipped(ctx, host, file, err)
			}
			return nil
		}
		facts, err := parse(data)
		if err != nil {
			hostfile.Skipped(ctx, host, file, err)
			return nil
		}
		for _, row := range facts {
			row.Source = file
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := read("/var/lib/kubelet/config.yaml", parseKubelet); err != nil {
		return err
	}
	if err := read("/etc/kubernetes/kubelet.conf", parseKubeconfig); err != nil {
		return err
	}
	for _, file := range hostfile.Files(ctx, host, "/etc/kubernetes/manifests") {
		if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		if err := read(file, parseManifest); err != nil {
			return err
		}
	}
	return nil
}

const (
	kubernetesFileMax  = 256 << 10
	kubernetesDepth    = 16
	kubernetesFactsMax = 4096
)

var (
	errKubernetesFile = errors.New("not a file as Kubernetes writes it: too large, or with anchors or tags")
	// anchorOrTag begins a node that others repeat, of which a small file grows without bound, or one of a type of its own.
	anchorOrTag = lazyregexp.New(`(?m)(^|[\s\[{,:-])[&*!][^\s]`)
)

// decodeKubernetes reads YAML or JSON. The library panics on some broken files (fuzzing found a tag without a value), which
// must cost that file only.
func decodeKubernetes(data []byte, into any) (err error) {
	if len(data) > kubernetesFileMax || anchorOrTag().Match(data) {
		return errKubernetesFile
	}
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("read YAML: %v", reason)
		}
	}()
	return yaml.Unmarshal(data, into)
}

// parseKubelet flattens the settings; names of nested ones are joined by points, lists by commas.
func parseKubelet(data []byte) ([]kubernetesFact, error) {
	var settings map[string]any
	if err := decodeKubernetes(data, &settings); err != nil {
		return nil, err
	}
	var facts []kubernetesFact
	flattenKubelet("", settings, kubernetesDepth, &facts)
	return facts, nil
}

func flattenKubelet(prefix string, value any, depth int, facts *[]kubernetesFact) {
	if depth == 0 || len(*facts) >= kubernetesFactsMax {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			name := key
			if prefix != "" {
				name = prefix + "." + key
			}
			flattenKubelet(name, v[key], depth-1, facts)
		}
	case []any:
		words := make([]string, 0, len(v))
		for _, item := range v {
			switch item.(type) {
			case map[string]any, []any: // lists of objects have no name for their parts
			default:
				words = append(words, fmt.Sprint(item))
			}
		}
		*facts = append(*facts, kubernetesFact{Component: "kubelet", Name: prefix, Value: strings.Join(words, ",")})
	case nil:
		*facts = append(*facts, kubernetesFact{Component: "kubelet", Name: prefix})
	case string, bool, int, int64, uint64, float64:
		*facts = append(*facts, kubernetesFact{Component: "kubelet", Name: prefix, Value: fmt.Sprint(v)})
	}
}

// parseKubeconfig reads the addresses of clusters and nothing of users.
func parseKubeconfig(data []byte) ([]kubernetesFact, error) {
	var config struct {
		Clusters []struct {
			Name    string
			Cluster struct {
				Server   string
				Insecure bool `yaml:"insecure-skip-tls-verify"`
			}
		}
	}
	if err := decodeKubernetes(data, &config); err != nil {
		return nil, err
	}
	var facts []kubernetesFact
	for _, c := range config.Clusters {
		facts = append(facts,
			kubernetesFact{Component: "kubeconfig", Name: "server", Value: mask.CommandLine(c.Cluster.Server)},
			kubernetesFact{Component: "kubeconfig", Name: "insecure-skip-tls-verify", Value: fmt.Sprint(c.Cluster.Insecure)})
	}
	return facts, nil
}

// parseManifest reads the flags of a pod's containers: --name=value.
func parseManifest(data []byte) ([]kubernetesFact, error) {
	var pod struct {
		Spec struct {
			HostNetwork bool `yaml:"hostNetwork"`
			Containers  []struct {
				Name, Image   string
				Command, Args []string
			}
		}
	}
	if err := decodeKubernetes(data, &pod); err != nil {
		return nil, err
	}
	var facts []kubernetesFact
	for _, c := range pod.Spec.Containers {
		facts = append(facts, kubernetesFact{Component: c.Name, Name: "image", Value: c.Image})
		for _, word := range append(c.Command, c.Args...) {
			flag, ok := strings.CutPrefix(word, "--")
			if !ok || flag == "" {
				continue
			}
			name, value, ok := strings.Cut(strings.TrimPrefix(mask.CommandLine("--"+flag), "--"), "=")
			if !ok {
				value = "true"
			}
			facts = append(facts, kubernetesFact{Component: c.Name, Name: name, Value: value})
		}
	}
	return facts, nil
}
