// Package logs is the drill cloud's CloudWatch Logs: groups with retention and tags, streams, and events that can be
// written and read.
//
// Promise: a group's name is taken until the group is deleted, as in AWS, where an orphaned group breaks an apply. Simplified: filter
// patterns are plain terms, there are no subscriptions, metric filters or queries, and a key is checked when it is named, and encrypts nothing.
package logs

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is CloudWatch Logs for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
	keys  sim.Keys
}

type region struct{ Groups map[string]*group }

type group struct {
	Name, Key, Class string
	Created          time.Time
	Retention        int // days; 0 is for ever
	Tags             map[string]string
	Streams          map[string]*stream
}

// New makes a CloudWatch Logs without groups. Nil keys takes every key for a good one.
func New(w *sim.World, keys sim.Keys) *Service {
	s := &Service{world: w, keys: keys}
	st := &s.Store
	s.Handler = sim.JSONHandler("CloudWatch Logs", "1.1", map[string]sim.JSONOp{
		"AssociateKmsKey":       sim.Locked(st, s.associateKey),
		"CreateLogGroup":        sim.Locked(st, s.create),
		"CreateLogStream":       sim.Locked(st, s.createStream),
		"DeleteLogGroup":        sim.Locked(st, s.remove),
		"DeleteLogStream":       sim.Locked(st, s.removeStream),
		"DeleteRetentionPolicy": sim.Locked(st, s.deleteRetention),
		"DescribeLogGroups":     sim.Locked(st, s.describe),
		"DescribeLogStreams":    sim.Locked(st, s.describeStreams),
		"DisassociateKmsKey":    sim.Locked(st, s.disassociateKey),
		"FilterLogEvents":       sim.Locked(st, s.filter),
		"GetLogEvents":          sim.Locked(st, s.events),
		"ListTagsForResource":   sim.Locked(st, s.tags),
		"ListTagsLogGroup":      sim.Locked(st, s.tags),
		"PutLogEvents":          sim.Locked(st, s.put),
		"PutRetentionPolicy":    sim.Locked(st, s.putRetention),
		"TagLogGroup":           sim.Locked(st, s.tag),
		"TagResource":           sim.Locked(st, s.tag),
		"UntagLogGroup":         sim.Locked(st, s.untag),
		"UntagResource":         sim.Locked(st, s.untag),
	})
	return s
}

// Names is logs.
func (*Service) Names() []string { return []string{"logs"} }

type none = struct{}

// ref names a group: by name, or by ARN with or without the ":*" of DescribeLogGroups.
type ref struct{ LogGroupName, LogGroupIdentifier, ResourceArn, ResourceIdentifier string }

func (r *region) find(c *sim.Call, in ref) (*group, error) {
	name := in.LogGroupName + in.LogGroupIdentifier + in.ResourceArn + in.ResourceIdentifier
	if arn, ok := strings.CutPrefix(name, c.ARN("logs", "log-group:")); ok {
		name = strings.TrimSuffix(arn, ":*")
	}
	if g := r.Groups[name]; g != nil {
		return g, nil
	}
	return nil, sim.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
}

func (s *Service) create(r *region, c *sim.Call, in *struct {
	LogGroupName, KmsKeyID, LogGroupClass string
	Tags                                  map[string]string
},
) (none, error) {
	if !sim.Within(in.LogGroupName, 1, 512) || !sim.Only(in.LogGroupName, ".-_/#") {
		return none{}, sim.Errorf("InvalidParameterException", "1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint", in.LogGroupName)
	}
	if r.Groups[in.LogGroupName] != nil {
		return none{}, sim.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	if err := s.checkKey(c, in.KmsKeyID); err != nil {
		return none{}, err
	}
	if r.Groups == nil {
		r.Groups = map[string]*group{}
	}
	g := &group{Name: in.LogGroupName, Key: in.KmsKeyID, Class: in.LogGroupClass, Created: s.world.Now(), Tags: map[string]string{}, Streams: map[string]*stream{}}
	if g.Class == "" {
		g.Class = "STANDARD"
	}
	maps.Copy(g.Tags, in.Tags)
	r.Groups[g.Name] = g
	return none{}, nil
}

func (s *Service) remove(r *region, c *sim.Call, in *ref) (none, error) {
	g, err := r.find(c, *in)
	if err == nil {
		delete(r.Groups, g.Name)
	}
	return none{}, err
}

type groupOutput struct {
	Arn               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"`
	KmsKeyID          string `json:"kmsKeyId,omitempty"`
	LogGroupArn       string `json:"logGroupArn"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupName      string `json:"logGroupName"`
	MetricFilterCount int    `json:"metricFilterCount"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	StoredBytes       int    `json:"storedBytes"`
}

func (s *Service) describe(r *region, c *sim.Call, in *struct {
	LogGroupNamePrefix, LogGroupNamePattern, NextToken string
	Limit                                              int
},
) (any, error) {
	var all []groupOutput
	for _, name := range slices.Sorted(maps.Keys(r.Groups)) {
		if !strings.HasPrefix(name, in.LogGroupNamePrefix) || !strings.Contains(name, in.LogGroupNamePattern) {
			continue
		}
		g, arn := r.Groups[name], c.ARN("logs", "log-group:"+name)
		size := 0
		for _, st := range g.Streams {
			size += st.size()
		}
		all = append(all, groupOutput{arn + ":*", g.Created.UnixMilli(), g.Key, arn, g.Class, name, 0, g.Retention, size})
	}
	part, next, err := sim.Page(all, in.NextToken, in.Limit, 50)
	return listed("logGroups", part, next), err
}

func listed[E any](name string, items []E, next string) map[string]any {
	out := map[string]any{name: append([]E{}, items...)}
	if next != "" {
		out["nextToken"] = next
	}
	return out
}

// retentions are the days that PutRetentionPolicy accepts.
func retentions() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

func (s *Service) putRetention(r *region, c *sim.Call, in *struct {
	ref
	RetentionInDays int
},
) (none, error) {
	g, err := r.find(c, in.ref)
	if err != nil {
		return none{}, err
	}
	if !slices.Contains(retentions(), in.RetentionInDays) {
		return none{}, sim.Errorf("InvalidParameterException", "retentionInDays must be one of %v, not %d", retentions(), in.RetentionInDays)
	}
	g.Retention = in.RetentionInDays
	return none{}, nil
}

func (s *Service) deleteRetention(r *region, c *sim.Call, in *ref) (none, error) {
	g, err := r.find(c, *in)
	if err == nil {
		g.Retention = 0
	}
	return none{}, err
}

func (s *Service) associateKey(r *region, c *sim.Call, in *struct {
	ref
	KmsKeyID string
},
) (none, error) {
	g, err := r.find(c, in.ref)
	if err == nil {
		err = s.checkKey(c, in.KmsKeyID)
	}
	if err == nil {
		g.Key = in.KmsKeyID
	}
	return none{}, err
}

// checkKey: "if you attempt to associate a KMS key with the log group but the KMS key doesn't exist or is deactivated, you receive an
// InvalidParameterException" (AssociateKmsKey).
func (s *Service) checkKey(c *sim.Call, key string) error {
	if f := sim.KeyFault(s.keys, c.Scope, key); f != nil {
		return sim.Errorf("InvalidParameterException", "The specified KMS key does not exist or is not allowed to be used: %s", f.Message)
	}
	return nil
}

func (s *Service) disassociateKey(r *region, c *sim.Call, in *ref) (none, error) {
	g, err := r.find(c, *in)
	if err == nil {
		g.Key = ""
	}
	return none{}, err
}

func (s *Service) tags(r *region, c *sim.Call, in *ref) (any, error) {
	g, err := r.find(c, *in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tags": maps.Clone(g.Tags)}, nil
}

func (s *Service) tag(r *region, c *sim.Call, in *struct {
	ref
	Tags map[string]string
},
) (none, error) {
	g, err := r.find(c, in.ref)
	if err == nil {
		maps.Copy(g.Tags, in.Tags)
	}
	return none{}, err
}

// untag takes the names of tags as TagKeys (UntagResource) or as Tags (UntagLogGroup).
func (s *Service) untag(r *region, c *sim.Call, in *struct {
	ref
	TagKeys, Tags []string
},
) (none, error) {
	g, err := r.find(c, in.ref)
	if err == nil {
		maps.DeleteFunc(g.Tags, func(k, _ string) bool { return slices.Contains(in.TagKeys, k) || slices.Contains(in.Tags, k) })
	}
	return none{}, err
}
