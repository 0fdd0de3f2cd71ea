package stage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
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

// Consume calls an API as a consumer would, with the value of a key that the drill cloud has: by GET, or where that is no method of the API, by one
// that wants a key, there or below. Only invoke URLs of API Gateway can be called: names of
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
	here := s.Endpoint + "/_aws/execute-api/" + m[1]
	path := u.EscapedPath()
	status, err := ask(ctx, http.MethodGet, here+path+query(u), aws.ToString(k.Value))
	if err != nil {
		return err
	}
	if status == http.StatusForbidden { // the API may want another method, or a path below
		if method, below := wanted(ctx, c.APIGateway, m[1], path); method != "" {
			if status, err = ask(ctx, method, here+below, aws.ToString(k.Value)); err != nil {
				return err
			}
		}
	}
	if status >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %d %s", address, status, http.StatusText(status))
	}
	return nil
}

func query(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}

// ask calls an address with a key, and gives the status of the answer.
func ask(ctx context.Context, method, address, key string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	r.Header.Set("X-Api-Key", key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16)
	return resp.StatusCode, nil
}

// wanted is a method of an API that wants a key, and its path, at a path of a stage or below it; empty if there is none. The first by path is taken.
func wanted(ctx context.Context, c *apigateway.Client, api, path string) (method, at string) {
	stage, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	var paths []string
	methods := map[string]string{}
	for pages := apigateway.NewGetResourcesPaginator(c, &apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", ""
		}
		for _, r := range page.Items {
			p := aws.ToString(r.Path)
			for _, name := range slices.Sorted(maps.Keys(r.ResourceMethods)) {
				if aws.ToBool(r.ResourceMethods[name].ApiKeyRequired) && leads(rest, p) {
					paths, methods[p] = append(paths, p), name
				}
			}
		}
	}
	if len(paths) == 0 {
		return "", ""
	}
	first := slices.Min(paths)
	if method = methods[first]; method == "ANY" {
		method = http.MethodGet
	}
	return method, "/" + stage + regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(first, "x") // a parameter takes anything
}

// leads tells whether a path is that of a resource, whose parameters take anything, or above it.
func leads(path, resource string) bool {
	want, has := strings.FieldsFunc(path, isSlash), strings.FieldsFunc(resource, isSlash)
	for i, w := range want {
		if i >= len(has) || has[i] != w && !strings.HasPrefix(has[i], "{") {
			return false
		}
	}
	return true
}

func isSlash(r rune) bool { return r == '/' }
