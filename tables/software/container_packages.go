package software

import "github.com/tenantra/tenantra/tables"

// containerPackage is one thing that is installed in a container.
type containerPackage struct {
	ContainerID      string              `col:"container_id" opt:"index" doc:"Identifier of the container, as its control group has it."`
	ContainerRuntime tables.Null[string] `col:"container_runtime" doc:"docker, containerd, cri-o, podman, lxc or nspawn; NULL where the control group does not tell."`
	ContainerName    tables.Null[string] `col:"container_name" doc:"Name of the container, in Kubernetes that in its pod."`
	ContainerImage   tables.Null[string] `col:"container_image" doc:"Image that it was made from, as named then."`
	ContainerPod     tables.Null[string] `col:"container_pod" doc:"Its pod in Kubernetes, as namespace/name."`
	PID              int64               `col:"pid" doc:"Process by whose root the container was looked into."`
	Name             string              `col:"name" doc:"Name of the package."`
	Version          string              `col:"version" collate:"VERSION" doc:"Version as the source writes it, with its epoch and revision."`
	Source           string              `col:"source" opt:"index" doc:"What installed it: deb, rpm, apk, portage, snap, pypi, npm or homebrew."`
	Vendor           string              `col:"vendor" doc:"Who made or packaged it, where the source tells."`
	Arch             string              `col:"arch" doc:"Architecture that it is for, where the source tells."`
	Path             string              `col:"path" doc:"Where it is installed in the container, where the source tells."`
	SourceName       string              `col:"source_name" doc:"Source package that it was built from; its own name where it has none."`
	Purl             tables.Null[string] `col:"purl" doc:"Package URL with the version; NULL for sources that have no type of it."`
}

// ContainerPackages has a row for each package in each running container: what installed_software has, seen by the container's own
// root. Nothing in the container is run, and links in it do not lead out of it.
// Source: as containers and installed_software.
var ContainerPackages = tables.DefineByPlatform(tables.Spec{
	Name: "container_packages", Doc: "Packages that are installed in running containers, with the container and its image.",
	Category: tables.System, Platforms: tables.Linux, Cost: tables.Expensive, Privilege: tables.Root,
	Examples: []string{
		"SELECT container_image, name, version FROM container_packages WHERE source_name = 'openssl'",
		"SELECT container_image, source, count(*) AS packages FROM container_packages GROUP BY container_image, source",
	},
}, tables.Generators[containerPackage]{}.OnBuild(generateContainerPackages))
