package stage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lifeboat-dr/lifeboat/internal/awscloud"
	"github.com/lifeboat-dr/lifeboat/internal/drill"
	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// furnishKeys puts invented values of consumers' keys where the plan keeps them: 52 letters and digits, as API Gateway takes them.
func furnishKeys(ctx context.Context, c *awscloud.Clients, k *plan.APIKey) error {
	doc := map[string]string{}
	for _, x := range k.Consumers {
		doc[x.Name] = rand.Text() + rand.Text()
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, err = c.SecretsManager.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &k.Secret, SecretString: aws.String(string(b))})
	if _, there := errors.AsType[*smtypes.ResourceExistsException](err); there {
		return nil
	}
	return err
}

// Consume calls an API as a consumer would, with the value of a key that the drill cloud has. Only invoke URLs of API Gateway can be called: names of
// one's own resolve to nothing in a drill, which is drill.ErrNoAddress.
func (s *Stage) Consume(ctx context.Context, site *plan.Site, keyID, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return drill.ErrNoAddress
	}
	m := regexp.MustCompile(`^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com$`).FindStringSubmatch(u.Host)
	if m == nil {
		return drill.ErrNoAddress
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	c, err := s.Sites.At(ctx, site)
	if err != nil {
		return err
	}
	k, err := c.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: &keyID, IncludeValue: aws.Bool(true)})
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	here := s.Endpoint + "/_aws/execute-api/" + m[1] + u.EscapedPath()
	if u.RawQuery != "" {
		here += "?" + u.RawQuery
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, here, http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("X-Api-Key", aws.ToString(k.Value))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16)
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return nil
}
