package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// goneDigest stands for something that is not there.
const goneDigest = "gone"

// digest is a short name for an observation: equal observations have equal digests.
func digest(observation any) (string, error) {
	b, err := json.Marshal(observation)
	if err != nil {
		return "", fmt.Errorf("digest of %T: %w", observation, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
