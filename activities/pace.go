package activities

import "time"

// Pace is how patiently a worker asks the cloud again. The longer something has taken, the longer it is left
// alone, between the two bounds: what changes within seconds is seen within seconds, and what takes days is
// asked every few minutes.
type Pace struct {
	Min, Max time.Duration
}

// DefaultPace is right for the real clouds.
var DefaultPace = Pace{Min: 5 * time.Second, Max: 5 * time.Minute}

// After is how long to wait before the next look at something that has taken age so far: an eighth of it.
func (p Pace) After(age time.Duration) time.Duration {
	return min(max(age/8, p.Min), p.Max)
}
