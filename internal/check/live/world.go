package live

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// maxPages bounds how many pages of certificates are read; each has a hundred or more.
const maxPages = 100

// certificate looks for one of the domain, an issued one if there is any. A wildcard or a further name of it serves, except for code that looks up by
// the domain's own name, as Terraform's data source does.
func certificate(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	in := map[string]any{
		"MaxItems": 1000,
		// Without this ACM tells of RSA keys of 2048 bits only (ACM API Reference, Filters).
		"Includes": map[string]any{"keyTypes": []string{"RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"}},
	}
	f := check.Fact{}
	for range maxPages {
		var out struct {
			CertificateSummaryList []struct {
				DomainName                      string
				SubjectAlternativeNameSummaries []string
				Status                          string
			}
			NextToken string
		}
		if err := c.Ask(ctx, awscloud.Read{Service: "ACM", Name: "acm", Operation: "ListCertificates", Target: "CertificateManager", Region: q.Area, In: in}, &out); err != nil {
			return f, err
		}
		for _, one := range out.CertificateSummaryList {
			names := append(one.SubjectAlternativeNameSummaries, one.DomainName)
			if q.Looked {
				names = []string{one.DomainName}
			}
			if slices.ContainsFunc(names, func(n string) bool { return n == q.Name || !q.Looked && covers(n, q.Name) }) && f.Status != "ISSUED" {
				f.There, f.Status = true, one.Status
			}
		}
		if out.NextToken == "" {
			return f, nil
		}
		in["NextToken"] = out.NextToken
	}
	return f, errors.New("there are too many certificates to look through")
}

// covers tells whether a wildcard stands for a name: for one label, the first (RFC 6125, 6.4.3).
func covers(wildcard, name string) bool {
	rest, is := strings.CutPrefix(wildcard, "*")
	_, parent, _ := strings.Cut(name, ".")
	return is && rest == "."+parent
}

// zone looks for a hosted zone by its name.
func zone(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	var out struct {
		Zones []struct{ Name string } `xml:"HostedZones>HostedZone"`
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name, ".")) + "."
	err := c.Ask(ctx, awscloud.Read{
		Service: "Route 53", Name: "route53", Operation: "ListHostedZonesByName", Path: "/2013-04-01/hostedzonesbyname", Form: url.Values{"dnsname": {name}, "maxitems": {"1"}},
	}, &out)
	return check.Fact{There: len(out.Zones) > 0 && out.Zones[0].Name == name}, err
}

// role looks for the account's role for API Gateway's logs.
func role(ctx context.Context, c *awscloud.Clients) (check.Fact, error) {
	out, err := c.APIGateway.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err != nil {
		return check.Fact{}, err
	}
	return check.Fact{There: aws.ToString(out.CloudwatchRoleArn) != ""}, nil
}
