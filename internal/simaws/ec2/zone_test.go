package ec2

import "testing"

func TestZonePrefix(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "use1", "eu-west-1": "euw1", "eu-central-1": "euc1", "ap-southeast-2": "apse2", "ap-northeast-1": "apne1",
		"us-gov-west-1": "usgw1", "cn-north-1": "cnn1", "sa-east-1": "sae1", "ca-central-1": "cac1",
	} {
		t.Run(region, func(t *testing.T) {
			if got := zonePrefix(region); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestZonesAreTheSameEachTime(t *testing.T) {
	one, other := zones("111111111111", "eu-west-1"), zones("111111111111", "eu-west-1")
	for i := range one {
		if one[i] != other[i] {
			t.Errorf("got %v and %v", one, other)
		}
	}
}
