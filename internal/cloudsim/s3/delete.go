package s3

import (
	"net/http"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// removal is what a delete did.
type removal struct {
	id     string // of the version that ended, or of the marker that was made; empty when there are no versions
	marker bool
}

// drop deletes a version for good, or the object: by a delete marker where there are versions.
func (s *Service) drop(b *bucket, key, id string) removal {
	switch {
	case id != "":
		o := b.remove(key, id)
		return removal{id, o != nil && o.Marker}
	case b.Versioning == "":
		b.remove(key, nullID)
		return removal{}
	}
	marker := &object{Marker: true}
	s.add(b, key, marker)
	return removal{marker.ID, true}
}

func (s *Service) deleteObject(r *request) error {
	return s.change(r, func(b *bucket) error {
		if err := deleteCondition(r.Header.Get("If-Match"), b.current(r.key)); err != nil {
			return err
		}
		done := s.drop(b, r.key, r.query.Get("versionId"))
		if done.id != "" {
			r.w.Header().Set("X-Amz-Version-Id", done.id)
		}
		if done.marker {
			r.w.Header().Set("X-Amz-Delete-Marker", "true")
		}
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

func deleteCondition(etag string, current *object) error {
	if etag == "" {
		return nil
	}
	return writeCondition(http.Header{"If-Match": {etag}}, current)
}

type deleteRequest struct {
	Quiet  bool
	Object []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	}
}

type deleted struct {
	Key             string
	VersionID       string `xml:"VersionId,omitempty"`
	DeleteMarker    bool   `xml:",omitempty"`
	MarkerVersionID string `xml:"DeleteMarkerVersionId,omitempty"`
}

type deleteError struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
	Code      string
	Message   string
}

func (s *Service) deleteObjects(r *request) error {
	var in deleteRequest
	if err := readXML(r, &in); err != nil {
		return err
	}
	if len(in.Object) == 0 || len(in.Object) > 1000 {
		return malformedXML()
	}
	var out struct {
		Deleted []deleted
		Error   []deleteError
	}
	return s.change(r, func(b *bucket) error {
		for _, o := range in.Object {
			err := deleteCondition(o.ETag, b.current(o.Key))
			if err == nil && !b.allows(r.call, "s3:DeleteObject", o.Key) {
				err = denied(r.call, "s3:DeleteObject", b.Name, o.Key)
			}
			if err != nil {
				e := sim.AsError(err)
				out.Error = append(out.Error, deleteError{o.Key, o.VersionID, e.Code, e.Message})
				continue
			}
			done := s.drop(b, o.Key, o.VersionID)
			d := deleted{Key: o.Key, VersionID: o.VersionID, DeleteMarker: done.marker}
			if done.marker {
				d.MarkerVersionID = done.id
			}
			if !in.Quiet {
				out.Deleted = append(out.Deleted, d)
			}
		}
		return writeXML(r, "DeleteResult", out)
	})
}
