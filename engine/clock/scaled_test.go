package clock_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

func TestScaledRunsFaster(t *testing.T) {
	t.Parallel()
	c := clock.Scaled(1000)
	before, real := c.Now(), time.Now()
	if err := c.Sleep(context.Background(), 20*time.Second); err != nil {
		t.Fatal(err)
	}
	if passed := c.Now().Sub(before); passed < 20*time.Second {
		t.Errorf("%v have passed on the scaled clock, want at least 20 s", passed)
	}
	if took := time.Since(real); took > 10*time.Second {
		t.Errorf("the sleep took %v", took)
	}
	if c.NewWaiter().Wait(context.Background(), time.Second) {
		t.Error("a waiter that nobody woke was woken")
	}
	w := c.NewWaiter()
	c.AfterFunc(time.Second, w.Wake)
	if !w.Wait(context.Background(), clock.Forever) {
		t.Error("the timer did not wake the waiter")
	}
}

func TestScaledTakesAnySpeed(t *testing.T) {
	t.Parallel()
	for _, speed := range []float64{0, -1, math.NaN(), math.Inf(1), 1, 1e-9, 1e12} {
		c := clock.Scaled(speed)
		c.Now()
		c.AfterFunc(time.Hour, func() {}).Stop()
	}
}
