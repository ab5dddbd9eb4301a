package render

import (
	"fmt"
	"time"
)

// Duration writes a span of time as people say it, in its two largest units: "4s", "2m10s", "3h5m", "12d4h".
func Duration(d time.Duration) string {
	const day = 24 * time.Hour
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return units(d, time.Minute, "m", time.Second, "s")
	case d < day:
		return units(d, time.Hour, "h", time.Minute, "m")
	}
	return units(d, day, "d", time.Hour, "h")
}

func units(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf("%d%s", rest, smallName)
	}
	return text
}

// span writes how long something took that is over; what is quick is told more finely.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", max(d, 0).Seconds())
	}
	return Duration(d)
}

// age is how long ago something was; empty when it never was.
func age(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Duration(now.Sub(t))
}

// moment writes a point in time in the time zone that now is told in.
func moment(t, now time.Time) string { return t.In(now.Location()).Format("2006-01-02 15:04:05 MST") }
