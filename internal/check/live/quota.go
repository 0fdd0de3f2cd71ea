package live

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/check"
)

// quota asks for what there may be and what there is. The codes are those of Service Quotas; addresses and networks count for a region, as tables
// and keys do.
func quota(ctx context.Context, c *awscloud.Clients, q check.Question) (check.Fact, error) {
	var f check.Fact
	var service, code string
	var err error
	switch q.Name {
	case check.QuotaTables:
		service, code = "dynamodb", "L-F98FE922"
		f.Names, err = tables(ctx, c)
		f.Used = len(f.Names)
	case check.QuotaKeys:
		service, code = "kms", "L-C2F1777E"
		f.Used, err = keys(ctx, c)
	case check.QuotaNetworks:
		service, code = "vpc", "L-F678F1CE"
		f.Used, err = networks(ctx, c)
	case check.QuotaAddresses:
		service, code = "ec2", "L-0263D0A3"
		f.Used, err = addresses(ctx, c)
	default:
		err = fmt.Errorf("nobody knows how to ask for the quota of %s", q.Name)
	}
	if err != nil {
		return f, err
	}
	f.There = true
	f.Limit, err = limit(ctx, c, service, code)
	return f, err
}

// limit is what Service Quotas says of the account; where it has no value of the account's own, AWS's default is the value.
func limit(ctx context.Context, c *awscloud.Clients, service, code string) (int, error) {
	read := func(operation string) (int, error) {
		var out struct{ Quota struct{ Value *float64 } }
		err := c.Ask(ctx, awscloud.Read{
			Service: "Service Quotas", Name: "servicequotas", Operation: operation, Target: "ServiceQuotasV20190624",
			In: map[string]string{"ServiceCode": service, "QuotaCode": code},
		}, &out)
		if err == nil && (out.Quota.Value == nil || *out.Quota.Value < 0 || *out.Quota.Value > math.MaxInt32) {
			err = fmt.Errorf("service quotas answered without a value for %s of %s", code, service)
		}
		if err != nil {
			return 0, err
		}
		return int(*out.Quota.Value), nil
	}
	n, err := read("GetServiceQuota")
	if awscloud.Code(err) == "NoSuchResourceException" {
		return read("GetAWSDefaultServiceQuota")
	}
	return n, err
}

func tables(ctx context.Context, c *awscloud.Clients) ([]string, error) {
	var names []string
	pages := dynamodb.NewListTablesPaginator(c.DynamoDB, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		names = append(names, page.TableNames...)
	}
	return names, nil
}

// keys counts all keys. AWS's own, which the quota does not count, are few.
func keys(ctx context.Context, c *awscloud.Clients) (int, error) {
	n := 0
	pages := kms.NewListKeysPaginator(c.KMS, &kms.ListKeysInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		n += len(page.Keys)
	}
	return n, nil
}

// ec2 is a read of Amazon EC2.
func ec2(operation string) awscloud.Read {
	return awscloud.Read{Service: "EC2", Name: "ec2", Operation: operation, Version: "2016-11-15"}
}

// networks counts VPCs: without MaxResults all are on one page (EC2 API Reference, DescribeVpcs).
func networks(ctx context.Context, c *awscloud.Clients) (int, error) {
	var out struct {
		VPCs []struct{} `xml:"vpcSet>item"`
		Next string     `xml:"nextToken"`
	}
	if err := c.Ask(ctx, ec2("DescribeVpcs"), &out); err != nil {
		return 0, err
	}
	if out.Next != "" {
		return 0, errors.New("ec2 told of some VPCs only")
	}
	return len(out.VPCs), nil
}

func addresses(ctx context.Context, c *awscloud.Clients) (int, error) {
	var out struct {
		Addresses []struct{} `xml:"addressesSet>item"`
	}
	err := c.Ask(ctx, ec2("DescribeAddresses"), &out)
	return len(out.Addresses), err
}
