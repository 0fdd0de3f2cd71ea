package cloudsim

import (
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/apigateway"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/dynamodb"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/ecr"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/iam"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/kms"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/lambda"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/logs"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/s3"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/secretsmanager"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sqs"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/ssm"
	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sts"
)

// compose makes every service of the cloud. To add one: write its package with New(*sim.World, what it asks of others) and
// put it in this list; routes and snapshots follow from its Names.
func compose(w *sim.World, cfg Config) (*sts.Service, []sim.Service) {
	roles := iam.New(w)
	tokens := sts.New(w, roles)
	keys := kms.New(w)
	buckets, images, queues := s3.New(w, s3.HoldNames(cfg.HoldNames), s3.EncryptWith(keys)), ecr.New(w), sqs.New(w, keys)
	return tokens, []sim.Service{
		tokens,
		roles,
		buckets,
		dynamodb.New(w, buckets, keys),
		images,
		keys,
		queues,
		lambda.New(w, lambda.Sources{Images: images, Objects: buckets, Queues: queues, Roles: roles, Keys: keys, Concurrency: cfg.Concurrency}),
		logs.New(w, keys),
		apigateway.New(w, roles),
		secretsmanager.New(w, keys),
		ssm.New(w, keys),
	}
}
