package ecr

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// tokenLife is how long a login is good for (GetAuthorizationToken: "valid for 12 hours").
const tokenLife = 12 * time.Hour

// token is what the password of a login says, under the service's signature.
type token struct {
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Expires time.Time `json:"expires"`
}

func (s *Service) sign(claims string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	mac := hmac.New(sha256.New, []byte(s.state.Key))
	_, _ = mac.Write([]byte(claims))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *Service) getToken(c *sim.Call, _ *nothing) (map[string]any, error) {
	t := token{c.Account, c.Region, s.world.Wall().Add(tokenLife)}
	b, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	claims := base64.RawURLEncoding.EncodeToString(b)
	endpoint := "http://" + c.Host
	if c.Host == "" || strings.Contains(c.Host, ".amazonaws.com") {
		endpoint = "https://" + registryHost(c.Scope)
	}
	return map[string]any{"authorizationData": []map[string]any{{
		"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:" + claims + "." + s.sign(claims))),
		"expiresAt":          seconds(t.Expires), "proxyEndpoint": endpoint,
	}}}, nil
}

// login reads the token of a registry request; false when there is none, or it is not ours, or over.
func (s *Service) login(r *http.Request) (token, bool) {
	var t token
	user, password, ok := r.BasicAuth()
	claims, signature, dot := strings.Cut(password, ".")
	if !ok || !dot || user != "AWS" || !hmac.Equal([]byte(signature), []byte(s.sign(claims))) {
		return t, false
	}
	b, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil || json.Unmarshal(b, &t) != nil {
		return t, false
	}
	return t, s.world.Wall().Before(t.Expires)
}
