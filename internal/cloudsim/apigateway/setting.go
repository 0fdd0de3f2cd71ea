package apigateway

import (
	"reflect"
	"slices"
	"strings"
)

// methodSetting is how a stage treats a method's calls (MethodSetting).
type methodSetting struct {
	MetricsEnabled           bool    `json:"metricsEnabled"`
	LoggingLevel             string  `json:"loggingLevel"`
	DataTraceEnabled         bool    `json:"dataTraceEnabled"`
	ThrottlingBurstLimit     int     `json:"throttlingBurstLimit"`
	ThrottlingRateLimit      float64 `json:"throttlingRateLimit"` // calls a second
	CachingEnabled           bool    `json:"cachingEnabled"`
	CacheTTLInSeconds        int     `json:"cacheTtlInSeconds"`
	CacheDataEncrypted       bool    `json:"cacheDataEncrypted"`
	RequireAuthorization     bool    `json:"requireAuthorizationForCacheControl"`
	UnauthorizedCacheControl string  `json:"unauthorizedCacheControlHeaderStrategy"`
}

// member gives what a patch path's end names (API Gateway V1 API Reference, "Patch Operations").
func (m *methodSetting) member(group, name string) any {
	switch group + "/" + name {
	case "metrics/enabled":
		return &m.MetricsEnabled
	case "logging/loglevel":
		return &m.LoggingLevel
	case "logging/dataTrace":
		return &m.DataTraceEnabled
	case "throttling/burstLimit":
		return &m.ThrottlingBurstLimit
	case "throttling/rateLimit":
		return &m.ThrottlingRateLimit
	case "caching/enabled":
		return &m.CachingEnabled
	case "caching/ttlInSeconds":
		return &m.CacheTTLInSeconds
	case "caching/dataEncrypted":
		return &m.CacheDataEncrypted
	case "caching/requireAuthorizationForCacheControl":
		return &m.RequireAuthorization
	case "caching/unauthorizedCacheControlHeaderStrategy":
		return &m.UnauthorizedCacheControl
	}
	return nil
}

func newSetting() *methodSetting {
	return &methodSetting{
		LoggingLevel: "OFF", ThrottlingBurstLimit: 5000, ThrottlingRateLimit: 10000, // the account's own limits
		CacheTTLInSeconds: 300, RequireAuthorization: true, UnauthorizedCacheControl: "SUCCEED_WITH_RESPONSE_HEADER",
	}
}

// patch changes one thing of a stage. Logging wants a role in the account settings. The keys of method settings stay escaped, as
// callers write them.
func (st *stage) patch(p patch, mayLog bool) error {
	path := strings.Split(strings.TrimPrefix(p.Path, "/"), "/")
	n := len(path)
	ofMethod := n >= 4 && newSetting().member(path[n-2], path[n-1]) != nil
	logs := path[0] == "accessLogSettings" || ofMethod && path[n-1] == "loglevel" && p.Value != "OFF"
	if logs && p.Op != "remove" && !mayLog {
		return bad("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	if whole := strings.Join(path, "/"); p.Op == "remove" && st.MethodSettings[whole] != nil {
		delete(st.MethodSettings, whole)
		return nil
	}
	if !ofMethod {
		return p.apply(reflect.ValueOf(st).Elem(), p.segments())
	}
	key := strings.Join(path[:n-2], "/")
	m := newSetting()
	if old := st.MethodSettings[key]; old != nil {
		*m = *old
	}
	if err := p.scalar(reflect.ValueOf(m.member(path[n-2], path[n-1])).Elem()); err != nil {
		return err
	}
	if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, m.LoggingLevel) {
		return bad("Invalid logging level specified. Must be one of: [OFF, ERROR, INFO]")
	}
	put(&st.MethodSettings, key, m)
	return nil
}
