package s3

import (
	"crypto/md5" //nolint:gosec // ETags are MD5
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// minPart is the least size of all parts but the last (S3 User Guide, "Amazon S3 multipart upload limits").
const minPart = 5 << 20

// upload is a multipart upload under way.
type upload struct {
	Key       string        `json:"key"`
	Begun     time.Time     `json:"begun"`
	Object    *object       `json:"object"`          // with what its headers asked; data comes at the end
	Algorithm string        `json:"algorithm"`       // of the checksum
	Whole     bool          `json:"whole,omitempty"` // the checksum is of the whole, not of the parts' checksums
	Parts     map[int]*part `json:"parts"`
}

type part struct {
	Modified time.Time `json:"modified"`
	Data     []byte    `json:"data"`
	ETag     string    `json:"etag"`
	Sum      checksum  `json:"sum"`
}

func etagOf(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // as above
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (s *Service) createUpload(r *request) error {
	o, err := newObject(r)
	if err != nil {
		return err
	}
	algorithm := r.Header.Get("X-Amz-Checksum-Algorithm")
	switch {
	case algorithm == "":
		algorithm = defaultAlgorithm
	case newHash(algorithm) == nil:
		return fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud does not implement the checksum %s", algorithm)
	}
	// SHA checksums of parts cannot make one of the whole; CRC64NVME is always of the whole.
	whole := algorithm == defaultAlgorithm || r.Header.Get("X-Amz-Checksum-Type") == "FULL_OBJECT"
	if whole && strings.HasPrefix(algorithm, "SHA") {
		return fail(http.StatusBadRequest, "InvalidRequest", "The FULL_OBJECT checksum type cannot be used with the %s checksum algorithm.", algorithm)
	}
	return s.change(r, func(b *bucket) error {
		id := s.world.Text(64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
		b.encrypt(o)
		if err := s.checkKey(b, o); err != nil {
			return err
		}
		if b.Uploads == nil {
			b.Uploads = map[string]*upload{}
		}
		b.Uploads[id] = &upload{Key: r.key, Begun: s.world.Now().UTC(), Object: o, Algorithm: algorithm, Whole: whole, Parts: map[int]*part{}}
		r.w.Header().Set("X-Amz-Checksum-Algorithm", algorithm)
		r.w.Header().Set("X-Amz-Checksum-Type", checksumType(whole))
		b.showUpload(r, o)
		return writeXML(r, "InitiateMultipartUploadResult", struct{ Bucket, Key, UploadId string }{b.Name, r.key, id})
	})
}

func checksumType(whole bool) string {
	if whole {
		return "FULL_OBJECT"
	}
	return "COMPOSITE"
}

// showUpload is showWrite before there is a version.
func (b *bucket) showUpload(r *request, o *object) {
	h := http.Header{}
	b.showWrite(h, o)
	h.Del("X-Amz-Version-Id")
	maps.Copy(r.w.Header(), h)
}

// upload finds the upload of a request.
func (b *bucket) upload(r *request) (*upload, error) {
	u := b.Uploads[r.query.Get("uploadId")]
	if u == nil || u.Key != r.key {
		return nil, fail(http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
	}
	return u, nil
}

func (s *Service) uploadPart(r *request) error {
	p, err := readPayload(r, maxObject)
	if err != nil {
		return err
	}
	one, err := s.putPart(r, p.data, p.sum)
	if err != nil {
		return err
	}
	r.w.Header().Set("Etag", one.ETag)
	r.w.Header().Set(one.Sum.header(), one.Sum.Value)
	return nil
}

// copyPart is UploadPartCopy: a part from an object, or from a range of it.
func (s *Service) copyPart(r *request) error {
	from, err := s.source(r)
	if err != nil {
		return err
	}
	data := from.Data
	if spec := r.Header.Get("X-Amz-Copy-Source-Range"); spec != "" {
		first, last, ok, err := parseRange(spec, int64(len(data)))
		if err != nil || !ok {
			return fail(http.StatusBadRequest, "InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last, within the source")
		}
		data = data[first:last]
	}
	one, err := s.putPart(r, data, checksum{})
	if err != nil {
		return err
	}
	return writeXML(r, "CopyPartResult", copied{stamp(one.Modified), one.ETag, sumsOf(one.Sum)})
}

func (s *Service) putPart(r *request, data []byte, sum checksum) (*part, error) {
	number, err := strconv.Atoi(r.query.Get("partNumber"))
	if err != nil || number < 1 || number > 10000 {
		return nil, fail(http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	one := &part{Modified: s.world.Now().UTC(), Data: data, ETag: etagOf(data), Sum: sum}
	return one, s.change(r, func(b *bucket) error {
		u, err := b.upload(r)
		if err != nil {
			return err
		}
		if one.Sum.Algorithm != u.Algorithm {
			one.Sum = sumOf(u.Algorithm, data)
		}
		u.Parts[number] = one
		b.showUpload(r, u.Object)
		return nil
	})
}

func (s *Service) abortUpload(r *request) error {
	return s.change(r, func(b *bucket) error {
		if _, err := b.upload(r); err != nil {
			return err
		}
		delete(b.Uploads, r.query.Get("uploadId"))
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

type completeRequest struct {
	Part []struct {
		PartNumber int
		ETag       string
	}
}

func (s *Service) completeUpload(r *request) error {
	stated, err := claimed(r.Header) // of the object, not of this request's body
	if err != nil {
		return err
	}
	r.Header.Del(stated.header())
	var in completeRequest
	if err := readXML(r, &in); err != nil {
		return err
	}
	return s.change(r, func(b *bucket) error {
		u, err := b.upload(r)
		if err != nil {
			return err
		}
		if err := writeCondition(r.Header, b.current(r.key)); err != nil {
			return err
		}
		o, err := u.join(in)
		if err != nil {
			return err
		}
		if stated.Value != "" && (stated.Algorithm != u.Algorithm || stated.Value != o.Sum.Value) {
			return fail(http.StatusBadRequest, "BadDigest", "The %s you specified did not match the calculated checksum.", stated.Algorithm)
		}
		s.add(b, r.key, o)
		delete(b.Uploads, r.query.Get("uploadId"))
		b.showWrite(r.w.Header(), o)
		return writeXML(r, "CompleteMultipartUploadResult", struct {
			Location, Bucket, Key, ETag string
			sums
		}{"http://" + r.Host + "/" + b.Name + "/" + r.key, b.Name, r.key, o.ETag, sumsOf(o.Sum)})
	})
}

// check tells whether a completion names parts that are there, in order and large enough.
func (u *upload) check(in completeRequest) error {
	small := false
	for i, p := range in.Part {
		one := u.Parts[p.PartNumber]
		switch {
		case i > 0 && p.PartNumber <= in.Part[i-1].PartNumber:
			return fail(http.StatusBadRequest, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
		case one == nil || strings.Trim(p.ETag, `"`) != strings.Trim(one.ETag, `"`):
			return fail(http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found. "+
				"The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		}
		small = small || i < len(in.Part)-1 && len(one.Data) < minPart
	}
	switch {
	case len(in.Part) == 0:
		return malformedXML()
	case small:
		return fail(http.StatusBadRequest, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
	}
	return nil
}

// join makes the object of the parts that a completion names.
func (u *upload) join(in completeRequest) (*object, error) {
	if err := u.check(in); err != nil {
		return nil, err
	}
	o := *u.Object
	var data [][]byte
	digests, sums := md5.New(), newHash(u.Algorithm) //nolint:gosec // as above
	for _, p := range in.Part {
		one := u.Parts[p.PartNumber]
		digest, _ := hex.DecodeString(strings.Trim(one.ETag, `"`)) // ours
		sum, _ := base64.StdEncoding.DecodeString(one.Sum.Value)   // ours
		_, _ = digests.Write(digest)
		_, _ = sums.Write(sum)
		o.Parts = append(o.Parts, int64(len(one.Data)))
		data = append(data, one.Data)
	}
	o.Data = slices.Concat(data...)
	count := "-" + strconv.Itoa(len(in.Part))
	o.ETag = `"` + hex.EncodeToString(digests.Sum(nil)) + count + `"`
	o.Sum = checksum{u.Algorithm, base64.StdEncoding.EncodeToString(sums.Sum(nil)) + count, checksumType(false)}
	if u.Whole {
		o.Sum = sumOf(u.Algorithm, o.Data)
	}
	return &o, nil
}

// sums is a checksum as XML answers have it.
type sums struct {
	CRC32        string `xml:"ChecksumCRC32,omitempty"`
	CRC32C       string `xml:"ChecksumCRC32C,omitempty"`
	CRC64NVME    string `xml:"ChecksumCRC64NVME,omitempty"`
	SHA1         string `xml:"ChecksumSHA1,omitempty"`
	SHA256       string `xml:"ChecksumSHA256,omitempty"`
	ChecksumType string `xml:",omitempty"`
}

func sumsOf(c checksum) sums {
	s := sums{ChecksumType: c.Type}
	switch c.Algorithm {
	case "CRC32":
		s.CRC32 = c.Value
	case "CRC32C":
		s.CRC32C = c.Value
	case "CRC64NVME":
		s.CRC64NVME = c.Value
	case "SHA1":
		s.SHA1 = c.Value
	case "SHA256":
		s.SHA256 = c.Value
	}
	return s
}
