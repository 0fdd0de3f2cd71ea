// Package kms is the drill cloud's Key Management Service: symmetric keys, their policies, rotation and deletion, aliases,
// and encryption that another region or account cannot undo.
//
// Promise: what one key encrypted, only that key decrypts, in its account and region, while it is enabled and not pending
// deletion. Simplified: keys are SYMMETRIC_DEFAULT only, without grants, replicas, imported material or use from
// other accounts; policies are stored, not evaluated.
package kms

import (
	"net/http"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// Service is KMS for all accounts and regions.
type Service struct {
	http.Handler
	sim.Store[region]
	world *sim.World
}

type region struct {
	Keys    map[string]*key
	Aliases map[string]*alias
}

type key struct {
	ID, Material, Description, Policy, Manager string
	Created                                    time.Time
	Deletion                                   time.Time // when it goes; zero unless pending deletion
	Disabled, MultiRegion                      bool
	Rotation                                   int // days; 0 is off
	RotationSet                                time.Time
	Tags                                       map[string]string
}

type alias struct {
	Name, Key        string
	Created, Updated time.Time
}

// New makes an empty KMS.
func New(w *sim.World) *Service {
	s := &Service{world: w}
	st := &s.Store
	s.Handler = sim.JSONHandler("KMS", "1.1", map[string]sim.JSONOp{
		"CancelKeyDeletion":               sim.Locked(st, s.cancelDeletion),
		"CreateAlias":                     sim.Locked(st, s.createAlias),
		"CreateKey":                       sim.Locked(st, s.createKey),
		"Decrypt":                         sim.Locked(st, s.decrypt),
		"DeleteAlias":                     sim.Locked(st, s.deleteAlias),
		"DescribeKey":                     sim.Locked(st, s.describeKey),
		"DisableKey":                      sim.Locked(st, s.enable(false)),
		"DisableKeyRotation":              sim.Locked(st, s.rotate(false)),
		"EnableKey":                       sim.Locked(st, s.enable(true)),
		"EnableKeyRotation":               sim.Locked(st, s.rotate(true)),
		"Encrypt":                         sim.Locked(st, s.encrypt),
		"GenerateDataKey":                 sim.Locked(st, s.dataKey(true)),
		"GenerateDataKeyWithoutPlaintext": sim.Locked(st, s.dataKey(false)),
		"GetKeyPolicy":                    sim.Locked(st, s.getPolicy),
		"GetKeyRotationStatus":            sim.Locked(st, s.rotationStatus),
		"ListAliases":                     sim.Locked(st, s.listAliases),
		"ListKeyPolicies":                 sim.Locked(st, s.listPolicies),
		"ListKeys":                        sim.Locked(st, s.listKeys),
		"ListResourceTags":                sim.Locked(st, s.listTags),
		"PutKeyPolicy":                    sim.Locked(st, s.putPolicy),
		"ScheduleKeyDeletion":             sim.Locked(st, s.scheduleDeletion),
		"TagResource":                     sim.Locked(st, s.tag),
		"UntagResource":                   sim.Locked(st, s.untag),
		"UpdateAlias":                     sim.Locked(st, s.updateAlias),
		"UpdateKeyDescription":            sim.Locked(st, s.describe),
	})
	return s
}

// Names is kms.
func (*Service) Names() []string { return []string{"kms"} }

type none = struct{}

func (k *key) arn(c *sim.Call) string { return c.ARN("kms", "key/"+k.ID) }
