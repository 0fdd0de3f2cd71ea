package sqs

import (
	"crypto/md5" //nolint:gosec // the protocol's checksum
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
)

type attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

func size(in *sendInput) int {
	n := len(in.MessageBody)
	for name, a := range in.MessageAttributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

func hexMD5(b []byte) string {
	sum := md5.Sum(b) //nolint:gosec // the protocol's checksum
	return hex.EncodeToString(sum[:])
}

// attributesMD5 is the checksum of message attributes (SQS developer guide, "Calculating the MD5 message digest").
func attributesMD5(m map[string]attribute) string {
	if len(m) == 0 {
		return ""
	}
	var b []byte
	field := func(s []byte) {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) //nolint:gosec // bounded by sim.MaxBody
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		a := m[name]
		field([]byte(name))
		field([]byte(a.DataType))
		if a.BinaryValue != nil {
			b = append(b, 2)
			field(a.BinaryValue)
			continue
		}
		b = append(b, 1)
		field([]byte(a.StringValue))
	}
	return hexMD5(b)
}
