package awscloud

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/plan"
)

// advise gives why a call failed and what to do about it, for the causes that people meet in a recovery.
func advise(err error, action string, site *plan.Site) (why, next string) {
	code := Code(err)
	var cred *credentialsError
	key, locked := ofKey(err)
	switch {
	case locked:
		return keyAdvice(key, site)
	case Denied(err):
		return deniedAdvice(action, site)
	case expired(code):
		return "The credentials have expired", "Renew them (aws sso login, or a new session token), then run `lifeboat resume`"
	case unknownKey(code):
		why = "AWS does not know these credentials: they are wrong or deleted, or the region is not enabled in the account"
		return why, credentialAdvice(site) + "; enable opt-in regions with `aws account enable-region`"
	case code == "SignatureDoesNotMatch" || code == "InvalidSignatureException" || code == "RequestTimeTooSkewed":
		return "The signature was refused: the secret key is wrong, or this machine's clock is", "Check the clock and the secret key"
	case errors.As(err, &cred) && code == "":
		return "No credentials were found", credentialAdvice(site)
	case noSuchHost(err):
		return "The name of the endpoint does not exist: there is no such region, or no DNS here", "Check the region's name in the plan, and the network"
	case code == "" && unreachable(err):
		return "The region, or the network to it, is down", "Check https://health.aws.amazon.com and your network, then run `lifeboat resume`"
	}
	return "", ""
}

func deniedAdvice(action string, site *plan.Site) (why, next string) {
	if action == "" {
		return "A permission is missing", "Give the credentials the permission, then run `lifeboat resume`"
	}
	if action == "sts:AssumeRole" {
		return "The role may not be assumed by the credentials at hand", "Let them perform sts:AssumeRole, and let the role's trust policy name them"
	}
	return "The permission " + action + " is missing", fmt.Sprintf("Allow %s to perform %s, then run `lifeboat resume`", Principal(site), action)
}

func expired(code string) bool {
	return strings.HasPrefix(code, "ExpiredToken") || code == "RequestExpired"
}

func unknownKey(code string) bool {
	switch code {
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure":
		return true
	}
	return false
}

// credentialAdvice says how the credentials of a site are chosen.
func credentialAdvice(site *plan.Site) string {
	if site == nil {
		return "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	}
	if site.Profile != "" {
		return fmt.Sprintf("Check profile %q in the shared AWS configuration (aws sts get-caller-identity --profile %s)", site.Profile, site.Profile)
	}
	text := fmt.Sprintf("Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `profile` or `assume_role` in the block of site %q", site.Name)
	if site.AssumeRole != "" {
		text = fmt.Sprintf("Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials that may assume %s", site.AssumeRole)
	}
	return text
}
