package lambda

import (
	"cmp"
	"encoding/json"
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
