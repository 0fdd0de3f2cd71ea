package s3

import (
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/policy"
)

// setting is a sub-resource of a bucket that is one document, stored as it was given and served again.
type setting struct {
	noun      string // in the names of its actions: Put<noun>
	root      string // the document's root element; empty for JSON
	absent    string // the answer while it is not set; empty when that is the error below
	code      string
	message   string
	deletable bool
	// check refuses a document, or changes the bucket by it.
	check func(r *request, b *bucket, body string) error
}

// document is a stored setting.
type document struct {
	Body string `json:"body"`
	// Minimum is the x-amz-transition-default-minimum-object-size of a lifecycle.
	Minimum string `json:"minimum,omitempty"`
}

const minimumHeader = "X-Amz-Transition-Default-Minimum-Object-Size"

// settingTable has every one-document setting (S3 API Reference, "Bucket operations"; the codes: "Error responses").
func (s *Service) settingTable() map[string]setting {
	empty := func(root string) string { return "<" + root + ` xmlns="` + namespace + `"/>` }
	return map[string]setting{
		"accelerate":   {noun: "AccelerateConfiguration", root: "AccelerateConfiguration", absent: empty("AccelerateConfiguration")},
		"logging":      {noun: "BucketLogging", root: "BucketLoggingStatus", absent: empty("BucketLoggingStatus")},
		"notification": {noun: "BucketNotification", root: "NotificationConfiguration", absent: empty("NotificationConfiguration")},
		"requestPayment": {
			noun: "BucketRequestPayment", root: "RequestPaymentConfiguration",
			absent: `<RequestPaymentConfiguration xmlns="` + namespace + `"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>`,
		},
		"versioning": {noun: "BucketVersioning", root: "VersioningConfiguration", absent: empty("VersioningConfiguration"), check: checkVersioning},
		"encryption": {noun: "EncryptionConfiguration", root: "ServerSideEncryptionConfiguration", absent: defaultEncryption, deletable: true, check: checkEncryption},
		"cors": {
			noun: "BucketCORS", root: "CORSConfiguration", deletable: true,
			code: "NoSuchCORSConfiguration", message: "The CORS configuration does not exist",
		},
		"lifecycle": {
			noun: "LifecycleConfiguration", root: "LifecycleConfiguration", deletable: true,
			code: "NoSuchLifecycleConfiguration", message: "The lifecycle configuration does not exist",
		},
		"object-lock": {
			noun: "BucketObjectLockConfiguration", root: "ObjectLockConfiguration", check: refuseLock,
			code: "ObjectLockConfigurationNotFoundError", message: "Object Lock configuration does not exist for this bucket",
		},
		"ownershipControls": {
			noun: "BucketOwnershipControls", root: "OwnershipControls", deletable: true,
			code: "OwnershipControlsNotFoundError", message: "The bucket ownership controls were not found",
		},
		"policy": {
			noun: "BucketPolicy", deletable: true, check: checkPolicy,
			code: "NoSuchBucketPolicy", message: "The bucket policy does not exist",
		},
		"publicAccessBlock": {
			noun: "BucketPublicAccessBlock", root: "PublicAccessBlockConfiguration", deletable: true,
			code: "NoSuchPublicAccessBlockConfiguration", message: "The public access block configuration was not found",
		},
		"replication": {
			noun: "ReplicationConfiguration", root: "ReplicationConfiguration", deletable: true, check: checkReplication,
			code: "ReplicationConfigurationNotFoundError", message: "The replication configuration was not found",
		},
		"tagging": {
			noun: "BucketTagging", root: "Tagging", deletable: true, check: checkTagging,
			code: "NoSuchTagSet", message: "The TagSet does not exist",
		},
		"website": {
			noun: "BucketWebsite", root: "WebsiteConfiguration", deletable: true,
			code: "NoSuchWebsiteConfiguration", message: "The specified bucket does not have a website configuration",
		},
	}
}

// addSettings puts the operations of all settings in the table of bucket operations.
func (s *Service) addSettings(t map[string]operation) {
	for name, set := range s.settings {
		t["GET "+name] = operation{"Get" + set.noun, "s3:Get" + set.noun, func(r *request) error { return s.getSetting(r, name, set) }}
		t["PUT "+name] = operation{"Put" + set.noun, "s3:Put" + set.noun, func(r *request) error { return s.putSetting(r, name, set) }}
		if set.deletable {
			t["DELETE "+name] = operation{"Delete" + set.noun, "s3:Put" + set.noun, func(r *request) error { return s.deleteSetting(r, name) }}
		}
	}
	t["GET acl"] = operation{"GetBucketAcl", "s3:GetBucketAcl", s.getACL}
	t["PUT acl"] = operation{"PutBucketAcl", "s3:PutBucketAcl", s.putACL}
	t["GET policyStatus"] = operation{"GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", s.policyStatus}
	for name, list := range map[string]string{
		"analytics":           "ListBucketAnalyticsConfigurationResult",
		"intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
		"inventory":           "ListInventoryConfigurationsResult",
		"metrics":             "ListMetricsConfigurationsResult",
	} {
		t["GET "+name] = operation{"List " + name, "s3:Get" + name, func(r *request) error { return s.getNamed(r, name, list) }}
		t["PUT "+name] = operation{"Put " + name, "s3:Put" + name, func(r *request) error { return s.putNamed(r, name) }}
		t["DELETE "+name] = operation{"Delete " + name, "s3:Put" + name, func(r *request) error { return s.deleteSetting(r, named(name, r)) }}
	}
}

func (s *Service) getSetting(r *request, name string, set setting) error {
	return s.see(r, func(b *bucket) error {
		d, ok := b.Settings[name]
		if !ok && set.absent == "" {
			return fail(http.StatusNotFound, set.code, "%s", set.message)
		}
		if !ok {
			d.Body = set.absent
		}
		if d.Minimum != "" {
			r.w.Header().Set(minimumHeader, d.Minimum)
		}
		if set.root == "" {
			return writeText(r, "application/json", d.Body)
		}
		return writeText(r, "application/xml", xml.Header+d.Body)
	})
}

func (s *Service) putSetting(r *request, name string, set setting) error {
	d, err := readDocument(r, set.root)
	if err != nil {
		return err
	}
	if name == "lifecycle" {
		if d.Minimum = r.Header.Get(minimumHeader); d.Minimum == "" {
			d.Minimum = "all_storage_classes_128K"
		}
		r.w.Header().Set(minimumHeader, d.Minimum)
	}
	return s.change(r, func(b *bucket) error {
		if set.check != nil {
			if err := set.check(r, b, d.Body); err != nil {
				return err
			}
		}
		b.Settings[name] = d
		if name == "policy" || name == "tagging" {
			r.w.WriteHeader(http.StatusNoContent)
		}
		return nil
	})
}

func (s *Service) deleteSetting(r *request, name string) error {
	return s.change(r, func(b *bucket) error {
		delete(b.Settings, name)
		r.w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// readDocument reads a setting and sees that it is one XML document with the right root; without a root it is JSON.
func readDocument(r *request, root string) (document, error) {
	p, err := readPayload(r, 1<<20)
	if err != nil {
		return document{}, err
	}
	body := string(p.data)
	if root == "" {
		return document{Body: body}, nil
	}
	got, err := rootOf(body)
	if err != nil || root != "*" && got != root {
		return document{}, malformedXML()
	}
	if strings.HasPrefix(body, "<?") {
		_, body, _ = strings.Cut(body, "?>") // named settings are served inside a list
	}
	return document{Body: strings.TrimSpace(body)}, nil
}

// rootOf gives the name of a document's root element, when the whole document is well-formed.
func rootOf(body string) (root string, err error) {
	dec := xml.NewDecoder(strings.NewReader(body))
	for {
		tok, err := dec.Token()
		if err == io.EOF { //nolint:errorlint // Token gives io.EOF itself
			return root, nil
		}
		if err != nil {
			return "", err
		}
		if start, ok := tok.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
}

// named is where one of several settings of a kind is kept.
func named(kind string, r *request) string { return kind + "/" + r.query.Get("id") }

func (s *Service) putNamed(r *request, kind string) error {
	if r.query.Get("id") == "" {
		return fail(http.StatusBadRequest, "InvalidArgument", "the id of the %s configuration is missing", kind)
	}
	return s.putSetting(r, named(kind, r), setting{root: "*"})
}

func (s *Service) getNamed(r *request, kind, list string) error {
	if r.query.Has("id") {
		return s.getSetting(r, named(kind, r), setting{root: "*", code: "NoSuchConfiguration", message: "The specified configuration does not exist."})
	}
	return s.see(r, func(b *bucket) error {
		var all strings.Builder
		for _, name := range slices.Sorted(maps.Keys(b.Settings)) {
			if strings.HasPrefix(name, kind+"/") {
				all.WriteString(b.Settings[name].Body)
			}
		}
		return writeXML(r, list, struct {
			IsTruncated bool
			All         string `xml:",innerxml"`
		}{All: "<IsTruncated>false</IsTruncated>" + all.String()})
	})
}

func (s *Service) policyStatus(r *request) error {
	return s.see(r, func(b *bucket) error {
		d, ok := b.Settings["policy"]
		if !ok {
			return fail(http.StatusNotFound, "NoSuchBucketPolicy", "The bucket policy does not exist")
		}
		p, err := policy.Parse(d.Body)
		return writeXML(r, "PolicyStatus", struct{ IsPublic bool }{err == nil && p.Public()})
	})
}
