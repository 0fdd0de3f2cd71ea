package value

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/secret"
)

// parameterLimit is the most bytes of a standard parameter (AWS Systems Manager quotas, Parameter Store).
const parameterLimit = 4096

// parameterAPI are the operations that are used of Parameter Store. *ssm.Client has them.
type parameterAPI interface {
	DescribeParameters(context.Context, *ssm.DescribeParametersInput, ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error)
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	GetParameterHistory(context.Context, *ssm.GetParameterHistoryInput, ...func(*ssm.Options)) (*ssm.GetParameterHistoryOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

var _ parameterAPI = (*ssm.Client)(nil)

// parameterStore is one parameter of Parameter Store.
type parameterStore struct {
	api  parameterAPI
	name string
}

var _ store = (*parameterStore)(nil)

// look tells what is there. A parameter has no client token: this run's write is known by its description.
func (s *parameterStore) look(ctx context.Context, mark string) (state, error) {
	_, err := s.api.GetParameter(ctx, &ssm.GetParameterInput{Name: &s.name})
	switch {
	case awscloud.Code(err) == "ParameterNotFound":
		return state{}, nil
	case err != nil:
		return state{}, err
	case mark == "":
		return state{there: true, valued: true}, nil
	}
	d, err := s.api.DescribeParameters(ctx, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{s.name}}},
	})
	if err != nil {
		return state{}, err
	}
	mine := len(d.Parameters) == 1 && aws.ToString(d.Parameters[0].Description) == description(mark)
	return state{there: true, valued: true, mine: mine}, nil
}

func description(mark string) string { return "Made anew by Lifeboat, " + mark }

// restore has nothing to do: a deleted parameter is gone.
func (*parameterStore) restore(context.Context) error { return nil }

func (s *parameterStore) get(ctx context.Context, name string) (content, error) {
	out, err := s.api.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return content{}, err
	}
	return content{text: secret.New(aws.ToString(out.Parameter.Value)), sort: string(out.Parameter.Type), data: aws.ToString(out.Parameter.DataType)}, nil
}

func (s *parameterStore) read(ctx context.Context, until time.Time) (content, error) {
	if until.IsZero() {
		return s.get(ctx, s.name)
	}
	var versions []types.ParameterHistory
	in := &ssm.GetParameterHistoryInput{Name: &s.name, MaxResults: aws.Int32(50)}
	for {
		out, err := s.api.GetParameterHistory(ctx, in)
		if err != nil {
			return content{}, err
		}
		versions = append(versions, out.Parameters...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	best, newer, err := pick("parameter "+s.name, versions, func(v types.ParameterHistory) time.Time { return aws.ToTime(v.LastModifiedDate) }, until)
	if err != nil {
		return content{}, err
	}
	c, err := s.get(ctx, fmt.Sprintf("%s:%d", s.name, best.Version))
	c.made, c.newer = aws.ToTime(best.LastModifiedDate), newer
	return c, err
}

func (s *parameterStore) write(ctx context.Context, mark string, c content, there bool) error {
	in := &ssm.PutParameterInput{
		Name: &s.name, Value: aws.String(c.text.Reveal()), Overwrite: &there,
		Tier: types.ParameterTierIntelligentTiering, // copies of more than 4 KB need the advanced tier
	}
	if !there { // the type of one that is there cannot be changed
		in.Type = types.ParameterType(cmp.Or(c.sort, string(types.ParameterTypeSecureString)))
	}
	if c.data != "" {
		in.DataType = &c.data
	}
	if mark != "" && c.sort == "" {
		in.Description = aws.String(description(mark))
	}
	_, err := s.api.PutParameter(ctx, in)
	if awscloud.Code(err) == "ParameterAlreadyExists" {
		return nil // the answer to our own request, whose first answer was lost: we had just seen that it did not exist
	}
	return err
}
