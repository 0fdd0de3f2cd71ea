package cloudsim

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// protocol is how a client speaks, and so how an error must be written for it (Smithy AWS protocols).
type protocol int

const (
	restJSON protocol = iota
	awsJSON           // 1.0 and 1.1
	query             // form in, XML out
	ec2Query
	cbor // Smithy RPC v2
	restXML
	s3XML
)

// protocolOf tells a request's protocol by its shape; only those of XML services need the service's name.
func protocolOf(service string, r *http.Request) protocol {
	ctype := r.Header.Get("Content-Type")
	switch {
	case service == "s3":
		return s3XML
	case service == "ec2":
		return ec2Query
	case service == "route53" || service == "cloudfront":
		return restXML
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return cbor
	case r.Header.Get("X-Amz-Target") != "" || strings.HasPrefix(ctype, "application/x-amz-json"):
		return awsJSON
	case strings.HasPrefix(ctype, "application/x-www-form-urlencoded") || strings.Contains(r.URL.RawQuery, "Action="):
		return query
	}
	return restJSON
}

// writeError writes an error as the protocol of the request has it.
func writeError(w http.ResponseWriter, r *http.Request, c *sim.Call, e *sim.Error) {
	switch protocolOf(c.Service, r) {
	case awsJSON:
		ctype := r.Header.Get("Content-Type")
		if ctype == "" {
			ctype = "application/x-amz-json-1.0"
		}
		sim.WriteJSONError(w, ctype, e)
	case restJSON:
		sim.WriteJSONError(w, "application/json", e)
	case query, restXML:
		sim.WriteQueryError(w, c, e)
	case ec2Query:
		writeXMLError(w, e, struct {
			XMLName   xml.Name `xml:"Response"`
			Code      string   `xml:"Errors>Error>Code"`
			Message   string   `xml:"Errors>Error>Message"`
			RequestID string   `xml:"RequestID"`
		}{Code: e.Code, Message: e.Message, RequestID: c.RequestID})
	case s3XML:
		writeXMLError(w, e, struct {
			XMLName   xml.Name `xml:"Error"`
			Code      string   `xml:"Code"`
			Message   string   `xml:"Message"`
			RequestID string   `xml:"RequestId"`
			HostID    string   `xml:"HostId"`
		}{Code: e.Code, Message: e.Message, RequestID: c.RequestID, HostID: c.RequestID})
	case cbor:
		w.Header().Set("Content-Type", "application/cbor")
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.WriteHeader(e.HTTPStatus())
		_, _ = bytes.NewReader(cborMap("__type", e.Code, "message", e.Message)).WriteTo(w)
	}
}

func writeXMLError(w http.ResponseWriter, e *sim.Error, body any) {
	b, err := xml.Marshal(body)
	if err != nil {
		b = []byte("<Error/>")
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.HTTPStatus())
	_, _ = w.Write(append([]byte(xml.Header), b...))
}

// cborMap writes a CBOR map of up to 23 texts to texts (RFC 8949, section 3).
func cborMap(texts ...string) []byte {
	out := []byte{0xa0 | byte(len(texts)/2)} //nolint:gosec // callers give a handful
	for _, t := range texts {
		out = append(out, 0x79, byte(len(t)>>8), byte(len(t))) //nolint:gosec // text of a 16-bit length: messages are short
		out = append(out, t...)
	}
	return out
}
