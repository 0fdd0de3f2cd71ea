// Package parameter is the step for an SSM parameter that Terraform only reads.
//
// Promise: afterwards the parameter is at the site, of its source's type. It is copied from the first source that has it; one that is there is
// left as it is. No error, outcome or progress holds a value.
package parameter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/source"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Key is the key in Call.Answers of the request to create a parameter that has no source.
const Key = "typed"

// Sites gives the AWS clients of a site. *awscloud.Cloud does.
type Sites interface {
	At(context.Context, *plan.Site) (*awscloud.Clients, error)
}

// API are the operations that the step uses. *ssm.Client has them.
type API interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

var _ API = (*ssm.Client)(nil)

// New makes the kind. A Spec's Config is a *step.ParameterConfig; its sources are sites of p.
func New(sites Sites, p *plan.Plan) step.Maker {
	return func(spec step.Spec) (step.Step, error) {
		cfg, ok := spec.Config.(*step.ParameterConfig)
		if !ok {
			return nil, fmt.Errorf("step %s: parameter needs a *step.ParameterConfig, not %T", spec.ID, spec.Config)
		}
		return &parameter{want: cfg.Parameter, plan: p, sites: sites}, nil
	}
}

type parameter struct {
	want  *plan.Parameter
	plan  *plan.Plan
	sites Sites
}

var _ step.Step = (*parameter)(nil)

// Probe looks whether the parameter is there.
func (s *parameter) Probe(ctx context.Context, call *step.Call) (step.Probe, error) {
	c, err := s.sites.At(ctx, call.Site)
	if err != nil {
		return step.Probe{}, err
	}
	there, err := s.there(ctx, c.SSM, call.Site)
	if err != nil {
		return step.Probe{}, err
	}
	if there {
		return step.Probe{Status: step.Done, Reason: "parameter " + s.want.Parameter + " is there"}, nil
	}
	return step.Probe{Status: step.Needed, Reason: "parameter " + s.want.Parameter + " does not exist"}, nil
}

// Ensure copies the parameter if it is not there.
func (s *parameter) Ensure(ctx context.Context, call *step.Call) (step.Outcome, error) {
	name, site := s.want.Parameter, call.Site
	c, err := s.sites.At(ctx, site)
	if err != nil {
		return step.Outcome{}, err
	}
	api := API(c.SSM)
	present := step.Outcome{Summary: "parameter " + name + " is there"}
	if there, err := s.there(ctx, api, site); err != nil || there {
		return present, err
	}
	if len(s.want.From) == 0 {
		return step.Outcome{}, s.byHand(call)
	}
	got, from, err := source.First(ctx, s.plan, s.want.From, "parameter "+name, s.read)
	if err != nil {
		return step.Outcome{}, err
	}
	_, err = api.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &name, Value: got.Value, Type: got.Type, DataType: got.DataType,
		Overwrite: aws.Bool(false), Tier: types.ParameterTierIntelligentTiering, // values of more than 4 KB need the advanced tier
	})
	// Without an overwrite "it exists" is the answer to our own request when its first answer was lost: we had just seen that it did not.
	if err != nil && awscloud.Code(err) != "ParameterAlreadyExists" {
		return step.Outcome{}, awscloud.Explain(err, "parameter "+name+" cannot be written", site)
	}
	return step.Outcome{Changed: true, Summary: fmt.Sprintf("parameter %s copied from site %q%s", name, from.Name, source.Traces(s.plan, site, aws.ToString(got.Value)))}, nil
}

// byHand asks a person to create what the plan gives no source for.
func (s *parameter) byHand(call *step.Call) error {
	name := s.want.Parameter
	detail := fmt.Sprintf("The plan names no source for it that the disaster left. Create it at site %q:\n  aws ssm put-parameter --region %s --name %s --type SecureString --value file://VALUE", call.Site.Name, call.Site.Region, name)
	if a, ok := call.Answers[Key]; ok {
		return &step.Error{Class: step.Permanent, Site: call.Site.Name, What: fmt.Sprintf("parameter %s does not exist, though %s answered %s", name, a.By, a.Decision), Next: detail}
	}
	return &step.Ask{Key: Key, Prompt: "Is parameter " + name + " created?", Detail: detail}
}

func (s *parameter) there(ctx context.Context, api API, site *plan.Site) (bool, error) {
	name := s.want.Parameter
	_, err := api.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	switch {
	case err == nil:
		return true, nil
	case awscloud.Code(err) == "ParameterNotFound":
		return false, nil
	}
	return false, awscloud.Explain(err, "parameter "+name+" cannot be looked at", site)
}

func (s *parameter) read(ctx context.Context, site *plan.Site) (*types.Parameter, error) {
	c, err := s.sites.At(ctx, site)
	if err != nil {
		return nil, err
	}
	out, err := c.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: &s.want.Parameter, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	return out.Parameter, nil
}
