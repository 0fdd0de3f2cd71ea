package awscloud

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// refusal is the error that an answer tells, as the SDK's clients would give it.
func refusal(q Read, resp *http.Response, body []byte) error {
	api := &smithy.GenericAPIError{Code: "UnknownError", Message: resp.Status}
	if q.Target != "" {
		jsonError(api, resp.Header.Get("X-Amzn-Errortype"), body)
	} else {
		xmlError(api, body)
	}
	return &awshttp.ResponseError{
		RequestID:     cmp.Or(resp.Header.Get("X-Amzn-Requestid"), resp.Header.Get("X-Amz-Request-Id")),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: api},
	}
}

// jsonError reads the code and message of AWS JSON (Smithy, AWS JSON protocols: the code follows a # and may have an address behind it).
func jsonError(api *smithy.GenericAPIError, header string, body []byte) {
	var e struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"` // or Message: encoding/json does not mind
	}
	if json.Unmarshal(body, &e) != nil && header == "" {
		return
	}
	code, _, _ := strings.Cut(cmp.Or(header, e.Type, e.Code), ":")
	code = code[strings.LastIndexByte(code, '#')+1:]
	api.Code, api.Message = cmp.Or(code, api.Code), cmp.Or(e.Message, api.Message)
}

// xmlError reads the code and message of the query protocol, of EC2 (Response, Errors, Error) or of others (ErrorResponse, Error).
func xmlError(api *smithy.GenericAPIError, body []byte) {
	type code struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
	}
	var e struct {
		Errors []code `xml:"Errors>Error"`
		Error  code   `xml:"Error"`
	}
	if xml.Unmarshal(body, &e) != nil {
		return
	}
	for _, one := range append(e.Errors, e.Error) {
		if one.Code != "" {
			api.Code, api.Message = one.Code, cmp.Or(one.Message, api.Message)
			return
		}
	}
}

// decodeXML reads a document of one root element only: what somebody else on the way has answered is no empty list.
func decodeXML(body []byte, root string, out any) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("it has no %s: %w", root, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local != root {
				return fmt.Errorf("it is a %s, not a %s", start.Name.Local, root)
			}
			return d.DecodeElement(out, &start)
		}
	}
}
