package s3

import (
	"net/http"
	"strings"
)

// acl is an access control list: the owner's full control.
type acl struct {
	Owner *owner
	Grant grant `xml:"AccessControlList>Grant"`
}

type grant struct {
	Grantee    grantee
	Permission string
}

type grantee struct {
	Namespace string `xml:"xmlns:xsi,attr"`
	Type      string `xml:"xsi:type,attr"`
	ID        string
}

// getACL answers for buckets and objects: the bucket's owner has everything.
func (s *Service) getACL(r *request) error {
	return s.see(r, func(b *bucket) error {
		o := ownerOf(b.Account)
		return writeXML(r, "AccessControlPolicy", acl{o, grant{grantee{"http://www.w3.org/2001/XMLSchema-instance", "CanonicalUser", o.ID}, "FULL_CONTROL"}})
	})
}

// putACL refuses access control lists where they are disabled, and all but the private one elsewhere.
func (s *Service) putACL(r *request) error {
	return s.see(r, func(b *bucket) error {
		if strings.Contains(b.Settings["ownershipControls"].Body, ">BucketOwnerEnforced<") {
			return fail(http.StatusBadRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
		}
		if r.Header.Get("X-Amz-Acl") != "private" {
			return fail(http.StatusNotImplemented, "NotImplemented", "the drill cloud has no access control lists but the canned private one")
		}
		return nil
	})
}
