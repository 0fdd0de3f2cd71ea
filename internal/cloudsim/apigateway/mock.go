package apigateway

import (
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// answer is what a method's integration gives. Only MOCK ones are played.
func (m *method) answer(r *http.Request, body []byte) reply {
	if m.Integration.Type != "MOCK" {
		return reply{status: http.StatusOK, body: `{"simulated":true}`}
	}
	return m.Integration.mock(r, body)
}

// mock answers as a MOCK integration does (Developer Guide, "Mock integrations"): the request template names a status code, which
// selects the response. Templates are taken as they are: their variables and directives are not evaluated.
func (i *integration) mock(r *http.Request, body []byte) reply {
	failed := reply{status: http.StatusInternalServerError, kind: "InternalServerErrorException", message: "Internal server error"}
	kind := "application/json"
	if given, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil {
		kind = given
	}
	text, known := i.RequestTemplates[kind]
	if !known {
		if i.PassthroughBehavior == "NEVER" || i.PassthroughBehavior == "WHEN_NO_TEMPLATES" && len(i.RequestTemplates) > 0 {
			return reply{status: http.StatusUnsupportedMediaType, kind: "BadRequestException", message: "Unsupported Media Type"}
		}
		text = string(body)
	}
	var request struct {
		StatusCode int `json:"statusCode"`
	}
	if err := json.Unmarshal([]byte(text), &request); err != nil || request.StatusCode == 0 {
		return failed
	}
	chosen := i.choose(strconv.Itoa(request.StatusCode))
	if chosen == nil {
		return failed
	}
	status, err := strconv.Atoi(chosen.StatusCode)
	if err != nil {
		return failed
	}
	out := reply{status: status, header: http.Header{}, body: chosen.ResponseTemplates["application/json"]}
	for name, value := range chosen.ResponseParameters {
		header, ok := strings.CutPrefix(name, "method.response.header.")
		if plain := strings.Trim(value, "'"); ok && value == "'"+plain+"'" {
			out.header.Set(header, plain)
		}
	}
	return out
}

// choose finds the response whose pattern matches, or else the one without a pattern.
func (i *integration) choose(code string) *integrationResponse {
	var fallback *integrationResponse
	for _, r := range sorted(i.Responses) {
		if r.SelectionPattern == "" {
			if fallback == nil {
				fallback = r
			}
			continue
		}
		if ok, err := regexp.MatchString("^(?:"+r.SelectionPattern+")$", code); err == nil && ok {
			return r
		}
	}
	return fallback
}
