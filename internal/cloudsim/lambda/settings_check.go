package lambda

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

var rolePattern = regexp.MustCompile(`^arn:aws[a-zA-Z-]*:iam::(\d{12}):role/(?:[a-zA-Z_0-9+=,.@\-/]*/)?([a-zA-Z_0-9+=,.@\-]+)$`)

// check refuses settings that AWS refuses.
func (s *Service) check(c *sim.Call, t *settings) error {
	switch {
	case t.MemorySize < 128 || t.MemorySize > 10240:
		return constraint(t.MemorySize, "memorySize", "Member must have value between 128 and 10240")
	case t.Timeout < 1 || t.Timeout > 900:
		return constraint(t.Timeout, "timeout", "Member must have value between 1 and 900")
	case t.EphemeralStorage.Size < 512 || t.EphemeralStorage.Size > 10240:
		return constraint(t.EphemeralStorage.Size, "ephemeralStorage.size", "Member must have value between 512 and 10240")
	case len(t.Description) > 256:
		return constraint(t.Description, "description", "Member must have length less than or equal to 256")
	}
	if err := s.checkRole(c, t.Role); err != nil {
		return err
	}
	if err := checkEnvironment(t.Environment); err != nil {
		return err
	}
	return s.checkDeadLetter(c, t.DeadLetterConfig)
}

func (s *Service) checkRole(c *sim.Call, arn string) error {
	m := rolePattern.FindStringSubmatch(arn)
	if m == nil {
		return constraint(arn, "role", `Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`)
	}
	if m[1] != c.Account {
		return denied("Cross-account pass role is not allowed.")
	}
	if s.sources.Roles != nil {
		if _, _, ok := s.sources.Roles.Role(m[1], m[2]); !ok {
			return invalid("The role defined for the function cannot be assumed by Lambda.")
		}
	}
	return nil
}

// checkEnvironment holds the variables to the Lambda quotas and to "Defined runtime environment variables".
func checkEnvironment(e *environment) error {
	if e == nil {
		return nil
	}
	size := 0
	var reserved []string
	for k, v := range e.Variables {
		size += len(k) + len(v)
		switch k {
		case "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
			"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
			"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
			"AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR":
			reserved = append(reserved, k)
		}
	}
	const failed = "Lambda was unable to configure your environment variables because the environment variables you have provided "
	slices.Sort(reserved)
	switch {
	case len(reserved) > 0:
		return invalid(failed+"contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", strings.Join(reserved, ", "))
	case size > 4096:
		return invalid(failed + "exceeded the 4KB limit.")
	}
	return nil
}

func (s *Service) checkDeadLetter(c *sim.Call, d *deadLetter) error {
	if d == nil {
		return nil
	}
	queue := strings.HasPrefix(d.TargetArn, "arn:aws:sqs:")
	if !queue && !strings.HasPrefix(d.TargetArn, "arn:aws:sns:") {
		return constraint(d.TargetArn, "deadLetterConfig.targetArn", "Member must be the ARN of an SQS queue or an SNS topic")
	}
	if strings.Split(d.TargetArn, ":")[3] != c.Region {
		return invalid("The dead-letter target %s is not in the function's region, %s", d.TargetArn, c.Region)
	}
	if queue && s.sources.Queues != nil {
		if _, ok := s.sources.Queues.Visibility(d.TargetArn); !ok {
			return invalid("The dead-letter queue %s does not exist", d.TargetArn)
		}
	}
	return nil
}

func constraint(value any, member, rule string) error {
	return sim.Errorf("ValidationException", "1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, member, rule)
}
