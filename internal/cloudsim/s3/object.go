package s3

import (
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// object is one version of an object, or a delete marker.
type object struct {
	ID       string            `json:"id"` // "null" when made while versioning was not enabled
	Modified time.Time         `json:"modified"`
	Marker   bool              `json:"marker,omitempty"`
	ETag     string            `json:"etag,omitempty"` // with its quotes
	Data     []byte            `json:"data,omitempty"`
	Header   map[string]string `json:"header,omitempty"` // what GET gives back: content headers, metadata, encryption, class
	Tags     []tag             `json:"tags,omitempty"`
	Sum      checksum          `json:"sum,omitzero"`
	Parts    []int64           `json:"parts,omitempty"` // sizes, when it was uploaded in parts
}

const nullID = "null"

// latest gives the newest version of an object, a marker too; nil when there is none.
func (b *bucket) latest(key string) *object {
	if v := b.Objects[key]; len(v) > 0 {
		return v[len(v)-1]
	}
	return nil
}

// current gives the object that a plain GET gives: nil when it does not exist or its newest version is a delete marker.
func (b *bucket) current(key string) *object {
	if o := b.latest(key); o != nil && !o.Marker {
		return o
	}
	return nil
}

// version finds a version by its id.
func (b *bucket) version(key, id string) *object {
	for _, o := range b.Objects[key] {
		if o.ID == id {
			return o
		}
	}
	return nil
}

// add puts a version in front: beside the others when versioning is enabled, else instead of the null version.
func (s *Service) add(b *bucket, key string, o *object) {
	o.Modified = s.world.Now().UTC()
	if b.Versioning == "Enabled" {
		o.ID = s.world.Text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
	} else {
		o.ID = nullID
		b.remove(key, nullID)
	}
	if b.Objects[key] == nil {
		b.sorted = nil
	}
	b.Objects[key] = append(b.Objects[key], o)
}

// remove ends a version and gives it; nil when there is none.
func (b *bucket) remove(key, id string) *object {
	o := b.version(key, id)
	if o == nil {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(b.Objects[key]), func(v *object) bool { return v == o })
	b.Objects[key] = rest
	if len(rest) == 0 {
		delete(b.Objects, key)
		b.sorted = nil
	}
	return o
}

func (s *Service) objectTable() map[string]operation {
	return map[string]operation{
		"GET ":            {"GetObject", "s3:GetObject", s.getObject},
		"HEAD ":           {"HeadObject", "s3:GetObject", s.getObject},
		"PUT ":            {"PutObject", "s3:PutObject", s.putObject},
		"COPY ":           {"CopyObject", "s3:PutObject", s.copyObject},
		"DELETE ":         {"DeleteObject", "s3:DeleteObject", s.deleteObject},
		"GET acl":         {"GetObjectAcl", "s3:GetObjectAcl", s.getACL},
		"PUT acl":         {"PutObjectAcl", "s3:PutObjectAcl", s.putACL},
		"GET tagging":     {"GetObjectTagging", "s3:GetObjectTagging", s.getTags},
		"PUT tagging":     {"PutObjectTagging", "s3:PutObjectTagging", s.putTags},
		"DELETE tagging":  {"DeleteObjectTagging", "s3:DeleteObjectTagging", s.deleteTags},
		"POST uploads":    {"CreateMultipartUpload", "s3:PutObject", s.createUpload},
		"PUT uploadId":    {"UploadPart", "s3:PutObject", s.uploadPart},
		"COPY uploadId":   {"UploadPartCopy", "s3:PutObject", s.copyPart},
		"GET uploadId":    {"ListParts", "s3:ListMultipartUploadParts", s.listParts},
		"POST uploadId":   {"CompleteMultipartUpload", "s3:PutObject", s.completeUpload},
		"DELETE uploadId": {"AbortMultipartUpload", "s3:AbortMultipartUpload", s.abortUpload},
	}
}

func (s *Service) putObject(r *request) error {
	o, err := newObject(r)
	if err != nil {
		return err
	}
	p, err := readPayload(r, maxObject)
	if err != nil {
		return err
	}
	o.Data, o.Sum, o.ETag = p.data, p.sum, `"`+hex.EncodeToString(p.md5[:])+`"`
	return s.change(r, func(b *bucket) error {
		if err := writeCondition(r.Header, b.current(r.key)); err != nil {
			return err
		}
		b.encrypt(o)
		if err := s.checkKey(b, o); err != nil {
			return err
		}
		s.add(b, r.key, o)
		b.showWrite(r.w.Header(), o)
		r.w.Header().Set("Etag", o.ETag)
		o.Sum.show(r.w.Header())
		return nil
	})
}

// newObject takes from a request's headers what S3 keeps with an object.
func newObject(r *request) (*object, error) {
	if len(r.key) > 1024 {
		return nil, fail(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	o := &object{Header: map[string]string{"Content-Type": "binary/octet-stream"}}
	for name := range r.Header {
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "x-amz-server-side-encryption-customer-"), strings.HasPrefix(lower, "x-amz-object-lock-"):
			return nil, fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement the header %s", lower)
		case kept(lower):
			o.Header[name] = strings.Join(r.Header[name], ",")
		}
	}
	var encodings []string
	for e := range strings.SplitSeq(o.Header["Content-Encoding"], ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			encodings = append(encodings, e)
		}
	}
	o.Header["Content-Encoding"] = strings.Join(encodings, ",")
	maps.DeleteFunc(o.Header, func(_, v string) bool { return v == "" })
	if o.Header["X-Amz-Storage-Class"] == "STANDARD" {
		delete(o.Header, "X-Amz-Storage-Class")
	}
	tags, err := headerTags(r.Header.Get("X-Amz-Tagging"))
	o.Tags = tags
	return o, err
}

func kept(lower string) bool {
	switch lower {
	case "content-type", "content-encoding", "content-language", "content-disposition", "cache-control", "expires",
		"x-amz-website-redirect-location", "x-amz-storage-class":
		return true
	}
	return strings.HasPrefix(lower, "x-amz-meta-") || strings.HasPrefix(lower, "x-amz-server-side-encryption")
}

// encrypt notes what an object is encrypted with: as its request asked, else as the bucket does by default.
func (b *bucket) encrypt(o *object) {
	const header = encryptionHeader
	if o.Header[header] != "" {
		return
	}
	body := b.Settings["encryption"].Body
	if body == "" {
		body = defaultEncryption
	}
	var e encryption
	_ = parseXML([]byte(body), &e) // checked when it was set
	o.Header[header] = e.Rule.Default.Algorithm
	if e.Rule.Default.Key != "" {
		o.Header[header+"-Aws-Kms-Key-Id"] = e.Rule.Default.Key
	}
	if e.Rule.BucketKey {
		o.Header[header+"-Bucket-Key-Enabled"] = "true"
	}
}

const encryptionHeader = "X-Amz-Server-Side-Encryption"

// checkKey refuses an object whose key KMS does not use (S3 API reference, "List of SSE-related error codes").
func (s *Service) checkKey(b *bucket, o *object) error {
	if !strings.HasPrefix(o.Header[encryptionHeader], "aws:kms") {
		return nil
	}
	if f := sim.KeyFault(s.keys, b.scope(), o.Header[encryptionHeader+"-Aws-Kms-Key-Id"]); f != nil {
		return fail(http.StatusBadRequest, "KMS."+f.Code, "%s", f.Message)
	}
	return nil
}

// showWrite tells a writer which version it made and how that is encrypted.
func (b *bucket) showWrite(h http.Header, o *object) {
	if b.Versioning != "" {
		h.Set("X-Amz-Version-Id", o.ID)
	}
	for name, value := range o.Header {
		if strings.HasPrefix(name, "X-Amz-Server-Side-Encryption") {
			h.Set(name, value)
		}
	}
}

// find gives the version that a request is about, and puts its id on the answer.
func (b *bucket) find(r *request) (*object, error) {
	h, id := r.w.Header(), r.query.Get("versionId")
	o := b.latest(r.key)
	if id != "" {
		o = b.version(r.key, id)
	}
	if o != nil && b.Versioning != "" {
		h.Set("X-Amz-Version-Id", o.ID)
	}
	switch {
	case o == nil && id != "":
		return nil, fail(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
	case o == nil && !b.allows(r.call, "s3:ListBucket", ""):
		return nil, denied(r.call, "s3:ListBucket", b.Name, "") // who may not list is not told what is missing (GetObject, "Permissions")
	case o == nil:
		return nil, noSuchKey(r.key)
	case o.Marker:
		h.Set("X-Amz-Delete-Marker", "true")
		h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
		if id != "" {
			return nil, fail(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		}
		return nil, noSuchKey(r.key)
	}
	return o, nil
}

func (s *Service) getObject(r *request) error {
	h := r.w.Header()
	var part slice
	err := s.see(r, func(b *bucket) error {
		o, err := b.find(r)
		if err != nil {
			return err
		}
		if part, err = o.slice(r); err != nil {
			return err
		}
		if err := readCondition(r.Header, o); err != nil {
			h.Set("Etag", o.ETag)
			return err
		}
		if r.Method == http.MethodGet {
			if err := s.checkKey(b, o); err != nil {
				return err
			}
		}
		o.show(h)
		if r.query.Has("partNumber") && len(o.Parts) > 0 { // HeadObject, "x-amz-mp-parts-count"
			h.Set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(o.Parts)))
		}
		if strings.EqualFold(r.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && part.header == "" {
			o.Sum.show(h)
		}
		return nil
	})
	if err != nil {
		return err
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.Itoa(len(part.data)))
	overrideHeaders(h, r.query)
	if part.header != "" {
		h.Set("Content-Range", part.header)
		r.w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodGet {
		_, _ = r.w.Write(part.data)
	}
	return nil
}

// show puts on an answer what was kept with the object.
func (o *object) show(h http.Header) {
	for name, value := range o.Header {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			name = strings.ToLower(name) // as S3 writes it; some clients keep the case that they see
		}
		h[name] = []string{value}
	}
	h.Set("Etag", o.ETag)
	h.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	if len(o.Tags) > 0 {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(len(o.Tags)))
	}
}

// overrideHeaders does what response-content-type and its siblings ask (GetObject, "Overriding response header values").
func overrideHeaders(h http.Header, q url.Values) {
	for name := range q {
		if header, ok := strings.CutPrefix(name, "response-"); ok && kept(header) {
			h.Set(header, q.Get(name))
		}
	}
}
