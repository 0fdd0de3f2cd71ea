package sim

// Keys is what services ask of KMS.
type Keys interface {
	// Usable gives nil when a key, named by id, ARN or alias, encrypts and decrypts for callers of a place; else KMS's error:
	// NotFoundException, DisabledException, KMSInvalidStateException while the key waits for its deletion.
	Usable(at Scope, key string) error
}

// KeyFault is the error of a key that does not encrypt and decrypt; nil when it does, when there is none, and when nobody knows keys.
func KeyFault(keys Keys, at Scope, key string) *Error {
	if keys == nil || key == "" {
		return nil
	}
	if err := keys.Usable(at, key); err != nil {
		return AsError(err)
	}
	return nil
}
