package procedure

import (
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The forecast's durations. Each names its source, which `lifeboat plan` shows; none is a promise.
const (
	sourceProvider = "hashicorp/aws 5.100, measured: a stack of one kind of resource takes 4-53 s to apply, 330 resources in five stacks 5 min 45 s"
	sourceBackend  = "Amazon DynamoDB Developer Guide: a new table is CREATING for seconds before it is ACTIVE; Amazon S3: a new bucket is usable at once"
	sourceECR      = "Amazon ECR service quotas: PutImage 10/s, layer parts of 5-10 MiB; a 300 MB image at 10 MB/s"
	sourceValue    = "AWS Secrets Manager and Systems Manager: a few calls, with the SDK's retries"
	sourceKey      = "Amazon API Gateway quotas: CreateApiKey 5/s, all control-plane calls 10/s; people's confirmation is not in the forecast"
	sourceFence    = "AWS Lambda: UpdateEventSourceMapping, 15/s; a lost site is given up on after seconds"
	sourceRestore  = "AWS knowledge centre: a point-in-time restore takes at least 20 minutes at any size, usually under an hour; it cannot be calculated"
	sourceLoad     = "measured: 60,000 items of 450 B a second from 2 cores into a table that takes them; a new on-demand table takes 4,000 a second"
	sourceImport   = "Amazon DynamoDB Developer Guide, DynamoDB data import from Amazon S3: an import takes as long as its data; nothing is promised. 10 minutes are a guess"
	sourceSTS      = "AWS STS: one call, with the SDK's retries"
	sourcePeople   = "people: not in the forecast"
	sourcePlan     = "the plan's own time limit is the only bound known"
	sourceLambda   = "AWS Lambda Developer Guide: a new image function is Pending until its image is optimised, usually under a minute"
)

// forecast is how long a step of a kind takes, typically.
func forecast(k step.Kind) step.Forecast {
	switch k {
	case step.Manual:
		return step.Forecast{Source: sourcePeople}
	case step.Identity:
		return step.Forecast{Typical: 2 * time.Second, Source: sourceSTS}
	case step.StateBackend:
		return step.Forecast{Typical: 20 * time.Second, Source: sourceBackend}
	case step.Image:
		return step.Forecast{Typical: 30 * time.Second, Source: sourceECR}
	case step.Secret, step.Parameter:
		return step.Forecast{Typical: 2 * time.Second, Source: sourceValue}
	case step.Stack:
		return step.Forecast{Typical: 70 * time.Second, Source: sourceProvider}
	case step.Verify:
		return step.Forecast{Typical: 30 * time.Second, Source: sourceLambda}
	case step.Command:
		return step.Forecast{Typical: 30 * time.Second, Source: sourcePlan}
	case step.APIKey:
		return step.Forecast{Typical: 2 * time.Second, Source: sourceKey}
	case step.FirstCall:
		return step.Forecast{Source: sourcePeople}
	case step.Fence:
		return step.Forecast{Typical: 10 * time.Second, Source: sourceFence}
	case step.Table: // its own strategy says
		return step.Forecast{}
	default:
		return step.Forecast{}
	}
}

// Default time limits. They bound a hang, and are far above what the work takes.
func timeout(k step.Kind, b plan.Block) time.Duration {
	if b.Timeout > 0 {
		return b.Timeout
	}
	switch k {
	case step.Manual, step.FirstCall:
		return 0 // people take as long as they take
	case step.Stack:
		return time.Hour
	case step.Image, step.Command:
		return 30 * time.Minute
	case step.Table:
		return 24 * time.Hour
	case step.Identity, step.StateBackend, step.Secret, step.Parameter, step.Verify, step.APIKey, step.Fence:
		return 10 * time.Minute
	default:
		return 10 * time.Minute
	}
}

// retry is how a kind is tried again. A command's idempotency is its author's promise, so it is not repeated unasked.
func retry(k step.Kind) step.Retry {
	if k == step.Command {
		return step.Retry{Attempts: 1}
	}
	return step.Retry{Attempts: 4, Delay: 2 * time.Second, Max: time.Minute}
}

// uses is what a kind takes of the machine. terraform and the real AWS provider hold about 620 MB. A stack computes for about 6 s of its
// forecast and waits for AWS in the rest; one without a provider waits for its backend half of the time. So four share a core.
func uses(k step.Kind) step.Uses {
	switch k {
	case step.Stack:
		return step.Uses{MemoryMB: 620, Cores: 0.25}
	case step.Image:
		return step.Uses{MemoryMB: 64, Cores: 0.25}
	case step.Manual, step.Identity, step.StateBackend, step.Secret, step.Parameter, step.Verify, step.Command, step.APIKey, step.FirstCall, step.Fence, step.Table:
		return step.Uses{}
	default:
		return step.Uses{}
	}
}

// tableForecast is how long data takes to come back, as far as it does not depend on its size, which no plan knows.
func tableForecast(s step.TableStrategy) step.Forecast {
	switch s {
	case step.Load:
		return step.Forecast{Typical: time.Minute, Source: sourceLoad}
	case step.Import:
		return step.Forecast{Typical: 10 * time.Minute, Source: sourceImport}
	case step.Restore:
		return step.Forecast{Typical: 20 * time.Minute, Source: sourceRestore}
	case step.Rewind, step.Swap:
		return step.Forecast{Typical: 25 * time.Minute, Source: sourceRestore}
	case step.Empty:
		return step.Forecast{Source: sourcePeople}
	default:
		return step.Forecast{}
	}
}
