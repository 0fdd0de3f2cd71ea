package s3

import (
	"net"
	"strings"
)

// address tells the bucket and the key of a request, in virtual-host style (bucket.s3.eu-west-2.amazonaws.com/key,
// bucket.localhost:4566/key) and in path style (S3 User Guide, "Virtual hosting of general purpose buckets").
func address(host, path string) (bucket, key string) {
	path = strings.TrimPrefix(path, "/")
	if b := hostBucket(host); b != "" {
		return b, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func hostBucket(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	for _, local := range [...]string{".localhost", ".127.0.0.1"} {
		if b, ok := strings.CutSuffix(host, local); ok {
			return strings.TrimSuffix(b, ".s3")
		}
	}
	h, ok := strings.CutSuffix(host, ".amazonaws.com")
	if !ok {
		return ""
	}
	for i := strings.LastIndex(h, ".s3"); i > 0; i = strings.LastIndex(h[:i], ".s3") {
		if rest := h[i+len(".s3"):]; rest == "" || rest[0] == '.' || rest[0] == '-' {
			return h[:i]
		}
	}
	return ""
}

// validName follows S3 User Guide, "General purpose bucket naming rules".
func validName(name string) bool {
	if len(name) < 3 || len(name) > 63 || strings.Contains(name, "..") || net.ParseIP(name) != nil {
		return false
	}
	for _, p := range [...]string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	for _, p := range [...]string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(name, p) {
			return false
		}
	}
	alphanumeric := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	for i := range len(name) {
		if !alphanumeric(name[i]) && name[i] != '-' && name[i] != '.' {
			return false
		}
	}
	return alphanumeric(name[0]) && alphanumeric(name[len(name)-1])
}
