package awscloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// Identity is who the credentials of a site are.
type Identity struct {
	Account string
	ARN     string
}

// caller is the operation that tells who we are.
type caller interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

// guard opens when the site's credentials were seen to reach the site's account, through the STS of the site's region.
type guard struct {
	site *plan.Site
	sts  caller
	turn chan struct{} // one asks, the others wait for the answer
	open atomic.Bool
	who  Identity // written once, before open
}

var _ middleware.InitializeMiddleware = (*guard)(nil)

func (g *guard) verify(ctx context.Context) (Identity, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return Identity{}, ctx.Err()
	}
	if g.open.Load() {
		return g.who, nil
	}
	const what = "the site's account does not answer"
	out, err := g.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, Explain(err, what, g.site)
	}
	if out.Account == nil || out.Arn == nil {
		return Identity{}, Explain(errors.New("STS answered without an account"), what, g.site)
	}
	if *out.Account != g.site.Account {
		return Identity{}, &step.Error{
			Class: step.Permanent, Site: g.site.Name, Action: "sts:GetCallerIdentity",
			What: fmt.Sprintf("the credentials reach account %s, not %s", *out.Account, g.site.Account),
			Why:  "They are " + *out.Arn + ". Nothing is changed at a site whose account is not the plan's",
			Next: credentialAdvice(g.site),
		}
	}
	g.who = Identity{Account: *out.Account, ARN: *out.Arn}
	g.open.Store(true)
	return g.who, nil
}

// ID names the middleware.
func (*guard) ID() string { return "lifeboat/guard" }

// HandleInitialize lets read-only operations pass, and others once the site is verified.
func (g *guard) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	if !g.open.Load() && !ReadOnly(middleware.GetOperationName(ctx)) {
		if _, err := g.verify(ctx); err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, err
		}
	}
	return next.HandleInitialize(ctx, in)
}

// ReadOnly tells whether an operation of the AWS API changes nothing, by its name. What is not known to be so is taken to change.
func ReadOnly(operation string) bool {
	for _, verb := range [...]string{"Get", "List", "Describe", "Head", "BatchGet", "BatchCheck", "Query", "Scan", "TransactGet"} {
		rest, ok := strings.CutPrefix(operation, verb)
		if ok && (rest == "" || rest[0] >= 'A' && rest[0] <= 'Z') {
			return true
		}
	}
	return false
}
