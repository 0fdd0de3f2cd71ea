package s3

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// limit reads a page size; more than most is most.
func (r *request) limit(name string, most int) (int, error) {
	text := r.query.Get(name)
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fail(http.StatusBadRequest, "InvalidArgument", "Provided %s not an integer or within integer range", name)
	}
	return min(n, most), nil
}

// listing is what every list of keys is asked.
type listing struct {
	prefix, delimiter string
	limit             int
	encode            func(string) string // how keys are written
	encoding          string
}

func (r *request) listing(sizeName string) (l listing, err error) {
	l = listing{prefix: r.query.Get("prefix"), delimiter: r.query.Get("delimiter"), encode: func(s string) string { return s }}
	switch l.encoding = r.query.Get("encoding-type"); l.encoding {
	case "":
	case "url":
		l.encode = func(s string) string { return strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(s)) }
	default:
		return l, fail(http.StatusBadRequest, "InvalidArgument", "Invalid Encoding Method specified in Request")
	}
	l.limit, err = r.limit(sizeName, 1000)
	return l, err
}

// entry is one line of a list: a key, or a prefix that stands for all keys up to the delimiter.
type entry struct {
	name   string
	common bool
}

// page walks sorted keys and gives the entries after a key or prefix, of the keys that keep says. It tells whether more follow.
func (l listing) page(keys []string, after string, keep func(key string) bool) (entries []entry, more bool) {
	start, _ := slices.BinarySearch(keys, max(l.prefix, after))
	for i := start; i < len(keys); i++ {
		key := keys[i]
		if !strings.HasPrefix(key, l.prefix) {
			break
		}
		e := entry{name: key}
		if j := strings.Index(key[len(l.prefix):], l.delimiter); l.delimiter != "" && j >= 0 {
			e = entry{key[:len(l.prefix)+j+len(l.delimiter)], true}
		}
		again := len(entries) > 0 && e.common && entries[len(entries)-1] == e
		if again || after != "" && key <= after || e.common && e.name == after || !keep(key) {
			continue
		}
		if len(entries) == l.limit {
			return entries, l.limit > 0
		}
		entries = append(entries, e)
	}
	return entries, false
}

type commonPrefix struct {
	Prefix string
}

type content struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string
	ChecksumType      string
	Size              int
	StorageClass      string
	Owner             *owner
}

func (l listing) content(b *bucket, key string, o *object, withOwner bool) content {
	c := content{
		Key: l.encode(key), LastModified: stamp(o.Modified), ETag: o.ETag, Size: len(o.Data), StorageClass: o.class(),
		ChecksumAlgorithm: o.Sum.Algorithm, ChecksumType: o.Sum.Type,
	}
	if withOwner {
		c.Owner = ownerOf(b.Account)
	}
	return c
}

func (o *object) class() string {
	if c := o.Header["X-Amz-Storage-Class"]; c != "" {
		return c
	}
	return "STANDARD"
}

type objectList struct {
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	Marker                *string
	NextMarker            string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              *int
	MaxKeys               int
	IsTruncated           bool
	EncodingType          string `xml:",omitempty"`
	Contents              []content
	CommonPrefixes        []commonPrefix
}

// listObjects is ListObjectsV2, and ListObjects without list-type=2.
func (s *Service) listObjects(r *request) error {
	l, err := r.listing("max-keys")
	if err != nil {
		return err
	}
	v2 := r.query.Get("list-type") == "2"
	out := objectList{
		Name: r.bucket, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), MaxKeys: l.limit, EncodingType: l.encoding,
	}
	after := r.query.Get("marker")
	if v2 {
		after = r.query.Get("start-after")
		out.StartAfter = l.encode(after)
		if out.ContinuationToken = r.query.Get("continuation-token"); out.ContinuationToken != "" {
			if after, err = fromToken(out.ContinuationToken); err != nil {
				return err
			}
		}
	}
	return s.change(r, func(b *bucket) error { // keys may have to be sorted
		entries, more := l.page(b.keys(), after, func(key string) bool { return b.current(key) != nil })
		for _, e := range entries {
			if e.common {
				out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{l.encode(e.name)})
				continue
			}
			out.Contents = append(out.Contents, l.content(b, e.name, b.current(e.name), !v2 || r.query.Get("fetch-owner") == "true"))
		}
		out.IsTruncated = more
		count := len(entries)
		switch {
		case v2:
			out.KeyCount = &count
			if more {
				out.NextContinuationToken = toToken(entries[count-1].name)
			}
		default:
			marker := l.encode(after)
			out.Marker = &marker
			if more && l.delimiter != "" {
				out.NextMarker = l.encode(entries[count-1].name)
			}
		}
		return writeXML(r, "ListBucketResult", out)
	})
}

type versionEntry struct {
	content
	VersionID string `xml:"VersionId"`
	IsLatest  bool
}

type markerEntry struct {
	Key          string
	VersionID    string `xml:"VersionId"`
	IsLatest     bool
	LastModified string
	Owner        *owner
}

type versionList struct {
	Name                string
	Prefix              string
	Delimiter           string `xml:",omitempty"`
	KeyMarker           string
	VersionIDMarker     string `xml:"VersionIdMarker"`
	NextKeyMarker       string `xml:",omitempty"`
	NextVersionIDMarker string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys             int
	IsTruncated         bool
	EncodingType        string `xml:",omitempty"`
	Version             []versionEntry
	DeleteMarker        []markerEntry
	CommonPrefixes      []commonPrefix
}

func (s *Service) listVersions(r *request) error {
	l, err := r.listing("max-keys")
	if err != nil {
		return err
	}
	after, afterID := r.query.Get("key-marker"), r.query.Get("version-id-marker")
	out := versionList{
		Name: r.bucket, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), MaxKeys: l.limit, EncodingType: l.encoding,
		KeyMarker: l.encode(after), VersionIDMarker: afterID,
	}
	return s.change(r, func(b *bucket) error {
		if afterID != "" {
			out.add(l, b, after, afterID)
		}
		entries, more := l.page(b.keys(), after, func(string) bool { return true })
		for _, e := range entries {
			switch {
			case out.IsTruncated:
			case out.full():
				out.IsTruncated = true
			case e.common:
				out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{l.encode(e.name)})
				out.NextKeyMarker, out.NextVersionIDMarker = l.encode(e.name), ""
			default:
				out.add(l, b, e.name, "")
			}
		}
		if out.IsTruncated = out.IsTruncated || more; !out.IsTruncated {
			out.NextKeyMarker, out.NextVersionIDMarker = "", ""
		}
		return writeXML(r, "ListVersionsResult", out)
	})
}

func (v *versionList) full() bool {
	return len(v.Version)+len(v.DeleteMarker)+len(v.CommonPrefixes) >= v.MaxKeys
}

// add lists the versions of a key after the one with an id, the newest first, as far as the page has room.
func (v *versionList) add(l listing, b *bucket, key, afterID string) {
	versions := b.Objects[key]
	skip := afterID != ""
	for i, o := range slices.Backward(versions) {
		switch {
		case skip:
			skip = o.ID != afterID
			continue
		case v.full():
			v.IsTruncated = true
			return
		case o.Marker:
			v.DeleteMarker = append(v.DeleteMarker, markerEntry{l.encode(key), o.ID, i == len(versions)-1, stamp(o.Modified), ownerOf(b.Account)})
		default:
			v.Version = append(v.Version, versionEntry{l.content(b, key, o, true), o.ID, i == len(versions)-1})
		}
		v.NextKeyMarker, v.NextVersionIDMarker = l.encode(key), o.ID
	}
}
