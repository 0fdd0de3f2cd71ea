package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// fail is an S3 error (S3 API Reference, "Error responses").
func fail(status int, code, format string, args ...any) *sim.Error {
	return sim.Errorf(code, format, args...).WithStatus(status)
}

func noSuchKey(key string) *sim.Error {
	e := fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	e.Extra = map[string]any{"Key": key}
	return e
}

func malformedXML() *sim.Error {
	return fail(http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}

func writeError(r *request, err error) {
	e := sim.AsError(err)
	if e.HTTPStatus() == http.StatusNotModified {
		r.w.WriteHeader(http.StatusNotModified)
		return
	}
	var b strings.Builder
	element := func(name, value string) {
		b.WriteString("<" + name + ">")
		_ = xml.EscapeText(&b, []byte(value)) // a strings.Builder does not fail
		b.WriteString("</" + name + ">")
	}
	b.WriteString(xml.Header + "<Error>")
	element("Code", e.Code)
	element("Message", e.Message)
	for _, name := range slices.Sorted(maps.Keys(e.Extra)) {
		element(name, fmt.Sprint(e.Extra[name]))
	}
	if r.bucket != "" {
		element("BucketName", r.bucket)
	}
	element("RequestId", r.call.RequestID)
	element("HostId", r.call.RequestID)
	b.WriteString("</Error>")
	r.w.Header().Set("Content-Type", "application/xml")
	r.w.WriteHeader(e.HTTPStatus())
	_, _ = r.w.Write([]byte(b.String()))
}

// writeXML answers 200 with a document whose root is name, in S3's namespace.
func writeXML(r *request, name string, v any) error {
	var b strings.Builder
	b.WriteString(xml.Header)
	root := xml.StartElement{Name: xml.Name{Local: name}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}}
	if err := xml.NewEncoder(&b).EncodeElement(v, root); err != nil {
		return err
	}
	return writeText(r, "application/xml", b.String())
}

func writeText(r *request, ctype, text string) error {
	r.w.Header().Set("Content-Type", ctype)
	_, _ = r.w.Write([]byte(text))
	return nil
}

// readXML reads a document of at most 16 MiB: DeleteObjects, the largest, names 1,000 keys of 1,024 bytes.
func readXML(r *request, v any) error {
	p, err := readPayload(r, 16<<20)
	if err != nil {
		return err
	}
	return parseXML(p.data, v)
}

func parseXML(body []byte, v any) error {
	if xml.Unmarshal(body, v) != nil { //nolint:gosec // into structs of text and numbers
		return malformedXML()
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// owner is an account as access control lists and listings show it: a canonical user id.
type owner struct {
	ID string
}

func ownerOf(account string) *owner {
	sum := sha256.Sum256([]byte("canonical user " + account))
	return &owner{ID: hex.EncodeToString(sum[:])}
}
