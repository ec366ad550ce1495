package outbound

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// blockedRanges are the addresses that a flow must not reach: those that lead back
// into the network of this server, those that stand for another address, and
// those that no service has. IPv4 inside IPv6 is unwrapped before. Source: the
// IANA special-purpose address registries.
var blockedRanges = [...]string{
	"0.0.0.0/8",        // this network; 0.0.0.0 reaches the machine itself
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // carrier NAT, and a cloud's metadata service
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // a cloud's platform service, though the range is public
	"169.254.0.0/16",   // link-local, and most metadata services
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
	"::/96",            // unspecified, loopback, IPv4-compatible
	"::ffff:0:0:0/96",  // IPv4-translated
	"64:ff9b::/96",     // NAT64: stands for an IPv4 address
	"64:ff9b:1::/48",   // local NAT64
	"100::/64",         // discard
	"2001::/23",        // protocol assignments, with Teredo
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4: stands for an IPv4 address
	"3fff::/20",        // documentation
	"5f00::/16",        // segment routing
	"fc00::/7",         // unique local, and a cloud's metadata service
	"fe80::/10",        // link-local
	"fec0::/10",        // site-local
	"ff00::/8",         // multicast
}

// guard decides about addresses after DNS resolution.
type guard struct {
	blocked []netip.Prefix
	allowed []netip.Prefix
}

func newGuard(allowed []netip.Prefix) *guard {
	g := &guard{allowed: allowed}
	for _, text := range blockedRanges {
		g.blocked = append(g.blocked, netip.MustParsePrefix(text))
	}
	return g
}

// permits reports whether a flow may connect to addr.
func (g *guard) permits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range g.allowed {
		if p.Contains(addr) {
			return true
		}
	}
	for _, p := range g.blocked {
		if p.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}

// blockedError says which address was refused.
type blockedError struct{ addr string }

func (e *blockedError) Error() string {
	return fmt.Sprintf("address %s is private or reserved", e.addr)
}

// control runs for each address that is about to be connected to, after the name
// was resolved: a name that changes its address between a check and the
// connection gains nothing, and a redirect is checked like the first request.
func (g *guard) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return &blockedError{addr: network}
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil || !g.permits(at.Addr()) {
		return &blockedError{addr: address}
	}
	return nil
}

// dialer connects under the guard.
func (g *guard) dialer(resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Timeout: connectTimeout, ControlContext: g.control, Resolver: resolver}
}

// connectTimeout bounds one connection and one TLS handshake.
const connectTimeout = 5 * time.Second
