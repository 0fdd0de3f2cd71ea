package fence

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/clock"
)

// attempts is how often one call is sent: the engine's patience is not for a site that is lost.
const attempts = 2

// brief bounds one call.
func brief[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := call(ctx)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return out, err
}

// matches tells whether a name is one of those that the patterns mean. A * stands for any characters.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return regexp.MustCompile(`^` + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, `.*`) + `$`).MatchString(name)
	})
}

// mappings are what calls functions by itself.
func (f *fence) mappings() *sort {
	quick := func(o *lambda.Options) { o.RetryMaxAttempts = attempts }
	region := f.site.Region
	return &sort{
		what: "event source mappings of functions", patterns: f.want.Functions, region: region,
		by: fmt.Sprintf("`aws lambda list-event-source-mappings --region %[1]s`, then for each `aws lambda update-event-source-mapping --region %[1]s --uuid UUID --no-enabled`", region),
		list: func(ctx context.Context, c *awscloud.Clients) ([]thing, error) {
			var out []thing
			in := &lambda.ListEventSourceMappingsInput{}
			for {
				page, err := brief(ctx, func(ctx context.Context) (*lambda.ListEventSourceMappingsOutput, error) {
					return c.Lambda.ListEventSourceMappings(ctx, in, quick)
				})
				if err != nil {
					return nil, err
				}
				for _, m := range page.EventSourceMappings {
					name := functionName(aws.ToString(m.FunctionArn))
					if matches(f.want.Functions, name) {
						state := aws.ToString(m.State)
						out = append(out, thing{
							id: aws.ToString(m.UUID), name: fmt.Sprintf("event source mapping %s of %s", aws.ToString(m.UUID), name),
							on: state != "Disabled" && state != "Disabling" && state != "Deleting",
						})
					}
				}
				if in.Marker = page.NextMarker; aws.ToString(in.Marker) == "" {
					return out, nil
				}
			}
		},
		off: func(ctx context.Context, c *awscloud.Clients, x thing) error {
			_, err := brief(ctx, func(ctx context.Context) (any, error) {
				for {
					_, err := c.Lambda.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: &x.id, Enabled: aws.Bool(false)}, quick)
					// While AWS changes a mapping it takes no other change.
					if awscloud.Code(err) != "ResourceInUseException" || clock.Sleep(ctx, 200*time.Millisecond) != nil {
						return nil, err
					}
				}
			})
			return err
		},
	}
}

// functionName is the name in arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER].
func functionName(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 6 {
		return parts[6]
	}
	return arn
}
