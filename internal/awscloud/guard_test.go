package awscloud_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/step"
)

// The promise: nothing is changed at a site whose account is not the plan's; reading is allowed.
func TestMutationsAreRefusedInTheWrongAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := clients(t, f.cloud(home), standby())
	if _, err := s.SQS.ListQueues(t.Context(), &sqs.ListQueuesInput{}); err != nil {
		t.Fatalf("a read-only call was refused: %v", err)
	}
	_, err := s.ECR.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: new("r")})
	var e *step.Error
	if !errors.As(err, &e) || e.Class != step.Permanent || !strings.Contains(e.What, "reach account "+home+", not "+away) || e.Next == "" {
		t.Fatalf("CreateRepository: %v", err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, f.URL+"/v2/r/manifests/1", http.NoBody)
	if resp, err := s.Registry.RoundTrip(req); err == nil {
		_ = resp.Body.Close()
		t.Error("a push to the registry was not refused")
	}
	if n := f.count("CreateRepository") + f.count("PUT /v2/r/manifests/1"); n != 0 {
		t.Errorf("%d mutations reached AWS", n)
	}
	if f.cloud(home).Verified(standby()) {
		t.Error("the site counts as verified")
	}
}

// The promise: the guard asks once per run and site, however many calls wait for it.
func TestTheGuardAsksOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	c := f.cloud(away)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := clients(t, c, standby())
			if _, err := s.DynamoDB.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: new("t")}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := f.count("GetCallerIdentity"); n != 1 {
		t.Errorf("STS was asked %d times", n)
	}
	if n := f.count("DeleteTable"); n != 8 {
		t.Errorf("%d of 8 calls went through", n)
	}
	who, err := c.Verify(t.Context(), standby())
	if err != nil || who.Account != away || !c.Verified(standby()) {
		t.Errorf("Verify gave %+v, %v", who, err)
	}
}

// The promise: what is not known to be read-only is taken to change something.
func TestReadOnlyIsByName(t *testing.T) {
	t.Parallel()
	for op, want := range map[string]bool{
		"GetItem": true, "ListTables": true, "DescribeTable": true, "HeadBucket": true, "BatchGetImage": true, "BatchCheckLayerAvailability": true,
		"Query": true, "Scan": true, "PutItem": false, "CreateBucket": false, "AssumeRole": false, "Getaway": false, "BatchWriteItem": false,
		"RestoreSecret": false, "": false, "InitiateLayerUpload": false,
	} {
		if got := awscloud.ReadOnly(op); got != want {
			t.Errorf("ReadOnly(%q) = %v", op, got)
		}
	}
}
