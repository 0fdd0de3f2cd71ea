package lambda

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// settings are what CreateFunction and UpdateFunctionConfiguration set. They are never changed in place: versions share them.
type settings struct {
	Description       string            `json:"Description"`
	Role              string            `json:"Role"`
	Runtime           string            `json:"Runtime,omitempty"`
	Handler           string            `json:"Handler,omitempty"`
	KMSKeyArn         string            `json:"KMSKeyArn,omitempty"`
	MemorySize        int               `json:"MemorySize"` // MB
	Timeout           int               `json:"Timeout"`    // seconds
	Environment       *environment      `json:"Environment,omitempty"`
	DeadLetterConfig  *deadLetter       `json:"DeadLetterConfig,omitempty"`
	EphemeralStorage  *ephemeralStorage `json:"EphemeralStorage,omitempty"`
	TracingConfig     *tracing          `json:"TracingConfig,omitempty"`
	LoggingConfig     *logging          `json:"LoggingConfig,omitempty"`
	ImageConfig       *imageConfig      `json:"ImageConfig,omitempty"`
	SnapStart         *snapStart        `json:"SnapStart,omitempty"`
	VPCConfig         *vpcConfig        `json:"VpcConfig,omitempty"`
	Layers            []string          `json:"Layers,omitempty"`
	FileSystemConfigs []json.RawMessage `json:"FileSystemConfigs,omitempty"`
}

type environment struct {
	Variables map[string]string `json:"Variables,omitempty"`
}

type deadLetter struct {
	TargetArn string `json:"TargetArn,omitempty"`
}

type ephemeralStorage struct {
	Size int `json:"Size"` // MB
}

type tracing struct {
	Mode string `json:"Mode"`
}

type logging struct {
	LogFormat           string `json:"LogFormat,omitempty"`
	LogGroup            string `json:"LogGroup,omitempty"`
	ApplicationLogLevel string `json:"ApplicationLogLevel,omitempty"`
	SystemLogLevel      string `json:"SystemLogLevel,omitempty"`
}

type imageConfig struct {
	Command          []string `json:"Command,omitempty"`
	EntryPoint       []string `json:"EntryPoint,omitempty"`
	WorkingDirectory string   `json:"WorkingDirectory,omitempty"`
}

type snapStart struct {
	ApplyOn            string `json:"ApplyOn"`
	OptimizationStatus string `json:"OptimizationStatus"`
}

type vpcConfig struct {
	SubnetIDs        []string `json:"SubnetIds"`
	SecurityGroupIDs []string `json:"SecurityGroupIds"`
	DualStack        bool     `json:"Ipv6AllowedForDualStack"`
	VPC              string   `json:"VpcId"`
}

// fill sets what the caller left out (CreateFunction, "Request Body").
func (t *settings) fill(name string) {
	t.MemorySize = cmp.Or(t.MemorySize, 128)
	t.Timeout = cmp.Or(t.Timeout, 3)
	t.EphemeralStorage = cmp.Or(t.EphemeralStorage, &ephemeralStorage{512})
	t.TracingConfig = cmp.Or(t.TracingConfig, &tracing{"PassThrough"})
	l := logging{}
	if t.LoggingConfig != nil {
		l = *t.LoggingConfig
	}
	l.LogFormat, l.LogGroup = cmp.Or(l.LogFormat, "Text"), cmp.Or(l.LogGroup, "/aws/lambda/"+name)
	if l.LogFormat == "JSON" {
		l.ApplicationLogLevel, l.SystemLogLevel = cmp.Or(l.ApplicationLogLevel, "INFO"), cmp.Or(l.SystemLogLevel, "INFO")
	} else {
		l.ApplicationLogLevel, l.SystemLogLevel = "", ""
	}
	t.LoggingConfig = &l
	t.SnapStart = &snapStart{ApplyOn: "None", OptimizationStatus: "Off"}
	t.settle()
}

// settle leaves out what is empty: that is how callers take a setting away.
func (t *settings) settle() {
	if t.DeadLetterConfig != nil && t.DeadLetterConfig.TargetArn == "" {
		t.DeadLetterConfig = nil
	}
	if t.Environment != nil && len(t.Environment.Variables) == 0 {
		t.Environment = nil
	}
	if c := t.ImageConfig; c != nil && len(c.Command)+len(c.EntryPoint)+len(c.WorkingDirectory) == 0 {
		t.ImageConfig = nil
	}
	if v := t.VPCConfig; v != nil && len(v.SubnetIDs)+len(v.SecurityGroupIDs) == 0 {
		t.VPCConfig = nil
	}
}

// changed gives the settings with those that a request's body names replaced.
func (t settings) changed(q *request) (settings, error) {
	next := t
	// Decoding merges into what a pointer, map or slice holds, and the old values are shared with published versions.
	next.Environment, next.DeadLetterConfig, next.EphemeralStorage, next.TracingConfig = nil, nil, nil, nil
	next.LoggingConfig, next.ImageConfig, next.VPCConfig, next.Layers, next.FileSystemConfigs = nil, nil, nil, nil, nil
	if err := q.into(&next); err != nil {
		return t, err
	}
	next.Environment = cmp.Or(next.Environment, t.Environment)
	next.DeadLetterConfig = cmp.Or(next.DeadLetterConfig, t.DeadLetterConfig)
	next.EphemeralStorage = cmp.Or(next.EphemeralStorage, t.EphemeralStorage)
	next.TracingConfig = cmp.Or(next.TracingConfig, t.TracingConfig)
	next.LoggingConfig = cmp.Or(next.LoggingConfig, t.LoggingConfig)
	next.ImageConfig = cmp.Or(next.ImageConfig, t.ImageConfig)
	next.VPCConfig = cmp.Or(next.VPCConfig, t.VPCConfig)
	if next.Layers == nil {
		next.Layers = t.Layers
	}
	if next.FileSystemConfigs == nil {
		next.FileSystemConfigs = t.FileSystemConfigs
	}
	return next, nil
}

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
