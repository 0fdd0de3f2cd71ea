package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

// The KMS limits: 4096 bytes of plaintext to Encrypt, 1024 bytes of data key.
const (
	maxPlaintext = 4096
	maxDataKey   = 1024
)

type encryptionContext map[string]string

// bytes is the context in one order; encoding/json sorts keys.
func (e encryptionContext) bytes() []byte {
	if len(e) == 0 {
		return nil
	}
	b, err := json.Marshal(map[string]string(e))
	if err != nil {
		return nil // a map of strings always marshals
	}
	return b
}

// seal makes a ciphertext: the key's ARN, a line feed, a nonce, and AES-256-GCM of the text bound to the context and the ARN.
func (s *Service) seal(c *sim.Call, k *key, text []byte, ctx encryptionContext) ([]byte, error) {
	gcm, err := k.cipher()
	if err != nil {
		return nil, err
	}
	nonce, err := hex.DecodeString(s.world.Hex(2 * gcm.NonceSize()))
	if err != nil {
		return nil, err
	}
	head := k.arn(c) + "\n"
	return gcm.Seal(append([]byte(head), nonce...), nonce, text, append([]byte(head), ctx.bytes()...)), nil
}

func (k *key) cipher() (cipher.AEAD, error) {
	raw, err := hex.DecodeString(k.Material)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
