package sim

import "strings"

// IsAccount tells whether s has the form of an AWS account number.
func IsAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// KnownRegion tells whether a region exists in the commercial partition (AWS Regions and Availability Zones User Guide,
// "AWS Regions", November 2026).
func KnownRegion(name string) bool {
	switch name {
	case "us-east-1", "us-east-2", "us-west-1", "us-west-2",
		"ca-central-1", "ca-west-1", "mx-central-1", "sa-east-1",
		"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
		"af-south-1", "il-central-1", "me-central-1", "me-south-1",
		"ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7":
		return true
	}
	return false
}

// IsName tells whether s is made of the characters that IAM and STS allow in names: [\w+=,.@-]+.
func IsName(s string) bool { return s != "" && Only(s, "_+=,.@-") }

// Only tells whether s has nothing but ASCII letters, digits and the signs that are named. Names are checked by it rather than by regular
// expressions with a length, each of which takes a part of a millisecond to compile whenever the program starts.
func Only(s, signs string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(signs, r)
	})
}

// Within tells whether a text has from least to most bytes.
func Within(s string, least, most int) bool { return len(s) >= least && len(s) <= most }
