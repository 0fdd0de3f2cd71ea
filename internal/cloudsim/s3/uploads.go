package s3

import (
	"cmp"
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// toToken makes a continuation token of the last entry of a page.
func toToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

func fromToken(token string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", fail(http.StatusBadRequest, "InvalidArgument", "The continuation token provided is incorrect")
	}
	return string(b), nil
}

type uploadEntry struct {
	Key               string
	UploadID          string `xml:"UploadId"`
	Initiated         string
	StorageClass      string
	ChecksumAlgorithm string
	Owner             *owner
}

// listUploads lists uploads by key and id. Delimiters are not taken.
func (s *Service) listUploads(r *request) error {
	l, err := r.listing("max-uploads")
	if err != nil {
		return err
	}
	if l.delimiter != "" {
		return fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement a delimiter for s3 ListMultipartUploads")
	}
	out := struct {
		Bucket, KeyMarker  string
		UploadIDMarker     string `xml:"UploadIdMarker"`
		NextKeyMarker      string `xml:",omitempty"`
		NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
		Prefix             string
		MaxUploads         int
		IsTruncated        bool
		EncodingType       string `xml:",omitempty"`
		Upload             []uploadEntry
	}{
		Bucket: r.bucket, KeyMarker: l.encode(r.query.Get("key-marker")), UploadIDMarker: r.query.Get("upload-id-marker"),
		Prefix: l.encode(l.prefix), MaxUploads: l.limit, EncodingType: l.encoding,
	}
	return s.see(r, func(b *bucket) error {
		after := [2]string{r.query.Get("key-marker"), out.UploadIDMarker}
		order := func(x, y string) int {
			return cmp.Or(strings.Compare(b.Uploads[x].Key, b.Uploads[y].Key), strings.Compare(x, y))
		}
		for _, id := range slices.SortedFunc(maps.Keys(b.Uploads), order) {
			u := b.Uploads[id]
			passed := u.Key < after[0] || u.Key == after[0] && after[0] != "" && id <= cmp.Or(after[1], "\xff")
			if passed || !strings.HasPrefix(u.Key, l.prefix) {
				continue
			}
			if len(out.Upload) == l.limit {
				out.IsTruncated = l.limit > 0
				break
			}
			out.Upload = append(out.Upload, uploadEntry{l.encode(u.Key), id, stamp(u.Begun), u.Object.class(), u.Algorithm, ownerOf(b.Account)})
			out.NextKeyMarker, out.NextUploadIDMarker = l.encode(u.Key), id
		}
		if !out.IsTruncated {
			out.NextKeyMarker, out.NextUploadIDMarker = "", ""
		}
		return writeXML(r, "ListMultipartUploadsResult", out)
	})
}

type partEntry struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int
	sums
}

func (s *Service) listParts(r *request) error {
	limit, err := r.limit("max-parts", 1000)
	if err != nil {
		return err
	}
	after, _ := strconv.Atoi(r.query.Get("part-number-marker")) // none is 0
	out := struct {
		Bucket, Key          string
		UploadID             string `xml:"UploadId"`
		PartNumberMarker     int
		NextPartNumberMarker int
		MaxParts             int
		IsTruncated          bool
		Initiator, Owner     *owner
		StorageClass         string
		ChecksumAlgorithm    string
		ChecksumType         string
		Part                 []partEntry
	}{Bucket: r.bucket, Key: r.key, UploadID: r.query.Get("uploadId"), PartNumberMarker: after, MaxParts: limit}
	return s.see(r, func(b *bucket) error {
		u, err := b.upload(r)
		if err != nil {
			return err
		}
		out.Initiator, out.Owner = ownerOf(b.Account), ownerOf(b.Account)
		out.StorageClass, out.ChecksumAlgorithm, out.ChecksumType = u.Object.class(), u.Algorithm, checksumType(u.Whole)
		for _, n := range slices.Sorted(maps.Keys(u.Parts)) {
			if n <= after {
				continue
			}
			if len(out.Part) == limit {
				out.IsTruncated = limit > 0
				break
			}
			p, sum := u.Parts[n], u.Parts[n].Sum
			sum.Type = ""
			out.Part = append(out.Part, partEntry{n, stamp(p.Modified), p.ETag, len(p.Data), sumsOf(sum)})
			out.NextPartNumberMarker = n
		}
		return writeXML(r, "ListPartsResult", out)
	})
}
