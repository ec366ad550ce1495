package outbound

import (
	"context"
	"net/netip"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{ // address: permitted
		"8.8.8.8": true, "172.15.255.255": true, "172.32.0.1": true, "100.63.255.255": true, "100.128.0.1": true,
		"169.253.0.1": true, "192.0.1.1": true, "223.255.255.255": true, "2606:4700::1111": true, "2a00:1450::1": true,
		"::ffff:8.8.8.8": true,

		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "10.255.255.255": false,
		"100.64.0.1": false, "100.100.100.200": false, "127.0.0.1": false, "127.255.0.1": false, "168.63.129.16": false,
		"169.254.0.1": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.192": false,
		"192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false, "198.19.255.255": false,
		"198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false,

		"::": false, "::1": false, "::7f00:1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false,
		"::ffff:0:7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::808:808": false, "64:ff9b:1::1": false, "100::1": false,
		"2001::1": false, "2001:db8::1": false, "2002:7f00:1::": false, "3fff::1": false, "5f00::1": false,
		"fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false,
	}
	g := newGuard(nil)
	for text, want := range tests {
		addr := netip.MustParseAddr(text)
		if got := g.permits(addr); got != want {
			t.Errorf("%s: permitted %v, want %v", text, got, want)
		}
		network := "tcp4"
		if addr.Is6() {
			network = "tcp6"
		}
		err := g.control(context.Background(), network, netip.AddrPortFrom(addr, 80).String(), nil)
		if (err == nil) != want {
			t.Errorf("%s: control says %v", text, err)
		}
	}
	if g.permits(netip.Addr{}) {
		t.Error("no address is permitted")
	}
	if g.control(context.Background(), "unix", "/run/x", nil) == nil {
		t.Error("a unix socket is permitted")
	}
}

func TestGuardAllows(t *testing.T) {
	t.Parallel()
	g := newGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("fd00::/8")})
	for text, want := range map[string]bool{"127.0.0.1": true, "::ffff:127.0.0.1": true, "127.0.0.2": false, "fd00::5": true, "10.0.0.1": false} {
		if got := g.permits(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: permitted %v", text, got)
		}
	}
}
