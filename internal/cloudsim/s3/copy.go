package s3

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// source is what a copy copies from.
type source struct {
	object
	bucket, key string
}

// source reads x-amz-copy-source: [/]bucket/key[?versionId=...], which may lie in another region.
func (s *Service) source(r *request) (source, error) {
	escaped, version, _ := strings.Cut(r.Header.Get("X-Amz-Copy-Source"), "?versionId=")
	name, err := url.PathUnescape(strings.TrimPrefix(escaped, "/"))
	bucket, key, ok := strings.Cut(name, "/")
	if err != nil || !ok || key == "" {
		return source{}, fail(http.StatusBadRequest, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	from, scope, err := s.lookup(r.call, bucket, key, version)
	if s.world.Vanish(r.w, r.Request, scope) {
		return source{}, errGone
	}
	if err != nil {
		return source{}, err
	}
	if from.ID != nullID {
		r.w.Header().Set("X-Amz-Copy-Source-Version-Id", from.ID)
	}
	return source{from, bucket, key}, copyCondition(r.Header, &from)
}

// lookup reads a version (the current one without an id) of another bucket than the request's, and tells where that is.
func (s *Service) lookup(c *sim.Call, bucket, key, version string) (object, sim.Scope, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.state.Buckets[bucket]
	if b == nil {
		return object{}, sim.Scope{}, noSuchBucket()
	}
	o := b.current(key)
	if version != "" {
		o = b.version(key, version)
	}
	switch {
	case !b.allows(c, "s3:GetObject", key):
		return object{}, b.scope(), denied(c, "s3:GetObject", bucket, key)
	case o == nil || o.Marker:
		return object{}, b.scope(), noSuchKey(key)
	}
	return *o, b.scope(), s.checkKey(b, o)
}

type copied struct {
	LastModified string
	ETag         string
	sums
}

func (s *Service) copyObject(r *request) error {
	from, err := s.source(r)
	if err != nil {
		return err
	}
	o, err := newObject(r)
	if err != nil {
		return err
	}
	replace := r.Header.Get("X-Amz-Metadata-Directive") == "REPLACE"
	if !replace {
		keepHeaders(o, &from.object)
	}
	if r.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" {
		o.Tags = from.Tags
	}
	o.Data, o.ETag, o.Sum = from.Data, from.ETag, from.Sum
	if len(from.Parts) > 0 { // a copy is one part again
		o.ETag, o.Sum = etagOf(o.Data), sumOf(defaultAlgorithm, o.Data)
	}
	if a := r.Header.Get("X-Amz-Checksum-Algorithm"); newHash(a) != nil {
		o.Sum = sumOf(a, o.Data)
	}
	return s.change(r, func(b *bucket) error {
		self := from.bucket == b.Name && from.key == r.key && b.current(r.key) != nil && b.current(r.key).ID == from.ID
		if self && !replace && r.Header.Get("X-Amz-Storage-Class") == "" && r.Header.Get("X-Amz-Server-Side-Encryption") == "" {
			return fail(http.StatusBadRequest, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without "+
				"changing the object's metadata, storage class, website redirect location or encryption attributes.")
		}
		if err := writeCondition(r.Header, b.current(r.key)); err != nil {
			return err
		}
		b.encrypt(o)
		if err := s.checkKey(b, o); err != nil {
			return err
		}
		s.add(b, r.key, o)
		b.showWrite(r.w.Header(), o)
		return writeXML(r, "CopyObjectResult", copied{stamp(o.Modified), o.ETag, sumsOf(o.Sum)})
	})
}

// keepHeaders gives a copy the source's metadata; class and encryption are the request's, or the default.
func keepHeaders(o, from *object) {
	class, own := o.Header["X-Amz-Storage-Class"], map[string]string{}
	for name, value := range o.Header {
		if strings.HasPrefix(name, "X-Amz-Server-Side-Encryption") {
			own[name] = value
		}
	}
	o.Header = maps.Clone(from.Header)
	maps.DeleteFunc(o.Header, func(name, _ string) bool {
		return name == "X-Amz-Storage-Class" || strings.HasPrefix(name, "X-Amz-Server-Side-Encryption")
	})
	maps.Copy(o.Header, own)
	if class != "" {
		o.Header["X-Amz-Storage-Class"] = class
	}
}
