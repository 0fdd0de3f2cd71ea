package live_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim"
	"github.com/lifeboat-dr/lifeboat/internal/steps/cloudtest"
)

// besides is a drill cloud whose upstream answers for the services that it lacks.
func besides(t *testing.T, upstream string) *cloudtest.Cloud {
	t.Helper()
	sim, err := cloudsim.New(cloudsim.Config{Seed: 1, Upstream: upstream})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim)
	t.Cleanup(srv.Close)
	return &cloudtest.Cloud{URL: srv.URL, Sim: sim}
}

// world answers as Service Quotas, EC2, ACM, Route 53 and Application Auto Scaling do, by operation. What it has no answer for it refuses.
type world map[string]string

func (w world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, _ := url.ParseQuery(string(body))
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case operation == "":
		if operation = form.Get("Action"); operation == "" {
			operation = "ListHostedZonesByName"
		}
	case operation == "GetServiceQuota":
		_, code, _ := strings.Cut(string(body), `"QuotaCode":"`)
		operation = code[:strings.Index(code, `"`)]
	case strings.Contains(r.Header.Get("Authorization"), "/us-east-1/"):
		operation += " us-east-1"
	}
	answer, ok := w[operation]
	if !ok {
		out.WriteHeader(http.StatusBadRequest)
		answer = `{"__type":"AccessDeniedException","Message":"not authorized"}`
	}
	fmt.Fprint(out, answer)
}

// roomy is a world in which the standby has everything.
func roomy() world {
	value := func(n int) string { return fmt.Sprintf(`{"Quota":{"Value":%d}}`, n) }
	issued := func(name, more string) string {
		return fmt.Sprintf(`{"CertificateSummaryList":[{"DomainName":%q,"SubjectAlternativeNameSummaries":[%q],"Status":"ISSUED"}]}`, name, more)
	}
	return world{
		"L-F98FE922": value(2500), "L-C2F1777E": value(100000), "L-F678F1CE": value(5), "L-0263D0A3": value(5),
		"DescribeVpcs":               `<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>`,
		"DescribeAddresses":          `<DescribeAddressesResponse><addressesSet/></DescribeAddressesResponse>`,
		"ListCertificates us-east-1": issued("www.example.org", "www.example.org"),
		"ListCertificates":           issued("example.org", "*.example.org"),
		"ListHostedZonesByName":      `<ListHostedZonesByNameResponse><HostedZones><HostedZone><Name>example.org.</Name></HostedZone></HostedZones></ListHostedZonesByNameResponse>`,
		"DescribeScalableTargets":    `{"ScalableTargets":[]}`,
	}
}

// TestStandby keeps the promise that the standby's quotas, certificates, zones and account settings are judged by what it says of them, and that
// what it does not say is unknown.
func TestStandby(t *testing.T) {
	t.Parallel()
	partner := "LB852: unknown: site standby does not tell about zone partner.example"
	norole := "LB453: aws_api_gateway_method_settings.all logs, and the account of site standby has no role for API Gateway's logs in eu-west-1"
	for name, c := range map[string]struct {
		change world
		want   []string
	}{
		"all there": {world{}, nil},
		"no room": {
			world{"L-F678F1CE": `{"Quota":{"Value":2}}`, "L-0263D0A3": `{"Quota":{"Value":1}}`, "L-F98FE922": `{"Quota":{"Value":0}}`, "L-C2F1777E": `{"Quota":{"Value":0}}`},
			[]string{
				"LB452: Site standby has 0 of 0 DynamoDB tables, and the stacks make 1 more",
				"LB452: Site standby has 0 of 0 KMS keys, and the stacks make 1 more",
				"LB452: Site standby has 0 of 1 elastic IP addresses, and the stacks make 2 more",
				"LB452: Site standby has 1 of 2 VPCs, and the stacks make 2 more, unless some of those are theirs from before",
			},
		},
		"nothing prepared": {
			world{
				"ListCertificates us-east-1": `{"CertificateSummaryList":[{"DomainName":"www.example.org","Status":"PENDING_VALIDATION"}]}`, "ListCertificates": `{"CertificateSummaryList":[]}`,
				"ListHostedZonesByName": `<ListHostedZonesByNameResponse><HostedZones><HostedZone><Name>example.orgs.</Name></HostedZone></HostedZones></ListHostedZonesByNameResponse>`,
			},
			[]string{
				"LB851: The certificate of www.example.org at standby (us-east-1) is PENDING_VALIDATION",
				"LB851: There is no certificate of api.example.org at standby: the recovery waits for its validation",
				"LB852: Account 222222222222 of site standby has no zone example.org, and the code looks it up there",
			},
		},
		"refused": {
			world{"L-F678F1CE": "", "ListCertificates": "", "ListHostedZonesByName": "", "DescribeVpcs": "<html>Log in to the hotel's network</html>"},
			[]string{
				"LB452: unknown: site standby does not tell about quota VPCs",
				"LB851: unknown: site standby does not tell about certificate api.example.org",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := roomy()
			for k, v := range c.change {
				if w[k] = v; v == "" {
					delete(w, k)
				}
			}
			srv := httptest.NewServer(w)
			t.Cleanup(srv.Close)
			zones := partner
			if w["ListHostedZonesByName"] == "" {
				zones = strings.Replace(partner, "zone ", "zone example.org, ", 1)
			}
			want := append([]string{norole, zones}, c.want...)
			slices.Sort(want)
			if got := checked(t, besides(t, srv.URL).URL, "web"); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// TestSetByHand keeps the promise that what a table has and its code has not is found, since no restore brings it back; and that an account that has
// its role for API Gateway's logs is believed, against the code.
func TestSetByHand(t *testing.T) {
	t.Parallel()
	w := roomy()
	w["DescribeScalableTargets"] = `{"ScalableTargets":[{"ResourceId":"table/carts"}]}`
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	c := besides(t, srv.URL)
	primary, standby := c.Open(t, cloudtest.Primary()), c.Open(t, cloudtest.Standby())
	do, ctx, name := ok(t), t.Context(), aws.String("carts")
	do(primary.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: name, ProvisionedThroughput: &dbtypes.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(1)},
		AttributeDefinitions: []dbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: dbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dbtypes.KeyTypeHash}},
		StreamSpecification:  &dbtypes.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: dbtypes.StreamViewTypeKeysOnly},
	}))
	quick := func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second }
	if err := dynamodb.NewTableExistsWaiter(primary.DynamoDB, quick).Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	do(primary.DynamoDB.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: name, TimeToLiveSpecification: &dbtypes.TimeToLiveSpecification{Enabled: aws.Bool(true), AttributeName: aws.String("expires")}}))
	do(standby.IAM.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("logs"), AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))
	do(standby.APIGateway.UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: []apitypes.PatchOperation{
		{Op: apitypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String("arn:aws:iam::222222222222:role/logs")},
	}}))
	got := checked(t, c.URL, "web")
	if want := "LB653: Table carts at primary has what its code does not give it: time to live (expires), a stream, auto scaling"; !slices.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, strings.Join(got, "\n"))
	}
	if slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "LB453") }) {
		t.Errorf("the role is there:\n%s", strings.Join(got, "\n"))
	}
}
