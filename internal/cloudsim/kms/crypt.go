package kms

import (
	"encoding/hex"
	"strings"

	"github.com/lifeboat-dr/lifeboat/internal/cloudsim/sim"
)

type cryptOutput struct {
	CiphertextBlob      []byte `json:",omitempty"`
	Plaintext           []byte `json:",omitempty"`
	EncryptionAlgorithm string `json:",omitempty"`
	KeyID               string `json:"KeyId"`
}

func (s *Service) encrypt(r *region, c *sim.Call, in *struct {
	keyInput
	Plaintext         []byte
	EncryptionContext encryptionContext
},
) (out cryptOutput, err error) {
	if len(in.Plaintext) == 0 || len(in.Plaintext) > maxPlaintext {
		return out, sim.Errorf("ValidationException", "plaintext must have between 1 and %d bytes, not %d", maxPlaintext, len(in.Plaintext))
	}
	k, err := s.usable(r, c, in.KeyID)
	if err != nil {
		return out, err
	}
	blob, err := s.seal(c, k, in.Plaintext, in.EncryptionContext)
	return cryptOutput{CiphertextBlob: blob, EncryptionAlgorithm: symmetric, KeyID: k.arn(c)}, err
}

func (s *Service) decrypt(r *region, c *sim.Call, in *struct {
	keyInput
	CiphertextBlob    []byte
	EncryptionContext encryptionContext
},
) (out cryptOutput, err error) {
	arn, rest, ok := strings.Cut(string(in.CiphertextBlob), "\n")
	if !ok || !strings.HasPrefix(arn, "arn:aws:kms:") {
		return out, invalidCiphertext()
	}
	if _, err := s.find(r, c, arn); err != nil {
		return out, sim.Errorf("AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.")
	}
	k, err := s.usable(r, c, arn)
	if err != nil {
		return out, err
	}
	if in.KeyID != "" {
		if want, err := s.find(r, c, in.KeyID); err != nil || want != k {
			return out, sim.Errorf("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	gcm, err := k.cipher()
	if err != nil {
		return out, err
	}
	if len(rest) < gcm.NonceSize() {
		return out, invalidCiphertext()
	}
	nonce, sealed := []byte(rest[:gcm.NonceSize()]), []byte(rest[gcm.NonceSize():])
	text, err := gcm.Open(nil, nonce, sealed, append([]byte(arn+"\n"), in.EncryptionContext.bytes()...))
	if err != nil {
		return out, invalidCiphertext()
	}
	return cryptOutput{Plaintext: text, EncryptionAlgorithm: symmetric, KeyID: k.arn(c)}, nil
}

func invalidCiphertext() error {
	return sim.Errorf("InvalidCiphertextException", "The ciphertext is damaged, or the encryption context is not the one it was made with.")
}

type dataKeyInput struct {
	keyInput
	EncryptionContext encryptionContext
	KeySpec           string
	NumberOfBytes     int
}

func (s *Service) dataKey(plain bool) func(*region, *sim.Call, *dataKeyInput) (cryptOutput, error) {
	return func(r *region, c *sim.Call, in *dataKeyInput) (out cryptOutput, err error) {
		n := in.NumberOfBytes
		switch {
		case in.KeySpec == "AES_256" && n == 0:
			n = 32
		case in.KeySpec == "AES_128" && n == 0:
			n = 16
		case in.KeySpec != "" || n < 1 || n > maxDataKey:
			return out, sim.Errorf("ValidationException", "give either KeySpec AES_128 or AES_256, or NumberOfBytes from 1 to %d", maxDataKey)
		}
		k, err := s.usable(r, c, in.KeyID)
		if err != nil {
			return out, err
		}
		raw, err := hex.DecodeString(s.world.Hex(2 * n))
		if err != nil {
			return out, err
		}
		out.KeyID = k.arn(c)
		if plain {
			out.Plaintext = raw
		}
		out.CiphertextBlob, err = s.seal(c, k, raw, in.EncryptionContext)
		return out, err
	}
}
