package cloud

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// ec2Metadata is what Amazon tells of the machine.
type ec2Metadata struct {
	InstanceID       string              `col:"instance_id" doc:"Identifier of the instance."`
	InstanceType     string              `col:"instance_type" doc:"Type of the instance: t3.micro."`
	Architecture     string              `col:"architecture" doc:"Processor architecture."`
	Region           string              `col:"region" doc:"Region of the cloud."`
	AvailabilityZone string              `col:"availability_zone" doc:"Zone in the region."`
	LocalHostname    tables.Null[string] `col:"local_hostname" doc:"Private name of the host."`
	LocalIPv4        string              `col:"local_ipv4" doc:"Private IPv4 address."`
	MAC              tables.Null[string] `col:"mac" collate:"NOCASE" doc:"Hardware address of the first interface."`
	SecurityGroups   tables.Null[string] `col:"security_groups" doc:"Security groups, parted by commas."`
	IAMARN           tables.Null[string] `col:"iam_arn" doc:"Name of the role's profile; NULL where it has none."`
	AMIID            string              `col:"ami_id" doc:"Identifier of the image."`
	ReservationID    tables.Null[string] `col:"reservation_id" doc:"Identifier of the reservation."`
	AccountID        string              `col:"account_id" doc:"Account that owns the instance."`
	SSHPublicKey     tables.Null[string] `col:"ssh_public_key" doc:"Public key that the instance was started with."`
}

// EC2InstanceMetadata has one row on an instance of Amazon EC2.
// Source: instance metadata service, version 2 where it is served.
var EC2InstanceMetadata = tables.DefineByPlatform(tables.Spec{
	Name: "ec2_instance_metadata", Doc: "What Amazon EC2 tells of the instance that the machine is.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT instance_id, region, instance_type, account_id FROM ec2_instance_metadata"},
}, tables.Generators[ec2Metadata]{Linux: generateEC2Metadata, Windows: generateEC2Metadata})

func generateEC2Metadata(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*ec2Metadata) error) error {
	s, ok := inCloud(ctx, host, aws)
	if !ok {
		return nil
	}
	defer s.close()
	row, err := askEC2(ctx, s)
	if err != nil {
		return err
	}
	return emit(row)
}

// openEC2 fetches the session token that version 2 of the service wants. A service of version 1 only refuses the method.
func openEC2(ctx context.Context, s *service) error {
	token, err := s.ask(ctx, http.MethodPut, "/latest/api/token", http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"60"}})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		s.header = http.Header{"X-Aws-Ec2-Metadata-Token": {strings.TrimSpace(string(token))}}
	}
	return nil
}

func askEC2(ctx context.Context, s *service) (*ec2Metadata, error) {
	if err := openEC2(ctx, s); err != nil {
		return nil, err
	}
	var document struct{ InstanceID, InstanceType, PrivateIP, AvailabilityZone, Region, AccountID, Architecture, ImageID string }
	if err := s.json(ctx, "/latest/dynamic/instance-identity/document", &document); err != nil {
		return nil, err
	}
	row := &ec2Metadata{
		InstanceID: document.InstanceID, InstanceType: document.InstanceType, Architecture: document.Architecture, Region: document.Region,
		AvailabilityZone: document.AvailabilityZone, LocalIPv4: document.PrivateIP, AMIID: document.ImageID, AccountID: document.AccountID,
	}
	var err error
	for _, entry := range []struct {
		path string
		into *tables.Null[string]
	}{
		{"mac", &row.MAC}, {"local-hostname", &row.LocalHostname}, {"public-keys/0/openssh-key", &row.SSHPublicKey},
		{"reservation-id", &row.ReservationID}, {"security-groups", &row.SecurityGroups},
	} {
		if *entry.into, err = s.optional(ctx, "/latest/meta-data/"+entry.path); err != nil {
			return nil, err
		}
	}
	row.SecurityGroups.V = strings.ReplaceAll(row.SecurityGroups.V, "\n", ",")
	var profile struct{ InstanceProfileArn string }
	if err := s.json(ctx, "/latest/meta-data/iam/info", &profile); err == nil {
		row.IAMARN = tables.Some(profile.InstanceProfileArn)
	} else if !errors.Is(err, errAbsent) {
		return nil, err
	}
	return row, nil
}

// ec2Tag is one tag.
type ec2Tag struct {
	InstanceID string `col:"instance_id" doc:"Identifier of the instance."`
	Key        string `col:"key" doc:"Name of the tag."`
	Value      string `col:"value" doc:"Value of the tag."`
}

// EC2InstanceTags has a row for each tag, where the instance was started with its tags in the metadata. The cloud's API is not
// asked: that takes credentials.
// Source: instance metadata service, tags/instance.
var EC2InstanceTags = tables.DefineByPlatform(tables.Spec{
	Name: "ec2_instance_tags", Doc: "Tags of the Amazon EC2 instance that the machine is.",
	Category: tables.System, Platforms: tables.AllPlatforms, Cost: tables.Moderate,
	Examples: []string{"SELECT value FROM ec2_instance_tags WHERE key = 'Name'"},
}, tables.Generators[ec2Tag]{Linux: generateEC2Tags, Windows: generateEC2Tags})

func generateEC2Tags(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*ec2Tag) error) error {
	s, ok := inCloud(ctx, host, aws)
	if !ok {
		return nil
	}
	defer s.close()
	return askEC2Tags(ctx, s, emit)
}

func askEC2Tags(ctx context.Context, s *service, emit func(*ec2Tag) error) error {
	if err := openEC2(ctx, s); err != nil {
		return err
	}
	instance, err := s.text(ctx, "/latest/meta-data/instance-id")
	if err != nil {
		return err
	}
	keys, err := s.text(ctx, "/latest/meta-data/tags/instance")
	if errors.Is(err, errAbsent) {
		return nil // the instance keeps its tags from its metadata
	}
	if err != nil {
		return err
	}
	for _, key := range strings.Fields(keys) {
		value, err := s.optional(ctx, "/latest/meta-data/tags/instance/"+key)
		if err != nil {
			return err
		}
		if !value.Valid {
			continue
		}
		if err := emit(&ec2Tag{InstanceID: instance, Key: key, Value: value.V}); err != nil {
			return err
		}
	}
	return nil
}
