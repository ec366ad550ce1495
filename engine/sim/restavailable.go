package sim

import (
	"fmt"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// countries are those that the simulated market sells numbers of: the prefix, and
// how many digits follow.
var countries = []struct {
	code, name, prefix string
	digits             int
}{
	{"US", "United States", "+1", 10}, {"CA", "Canada", "+1", 10}, {"GB", "United Kingdom", "+44", 10}, {"DE", "Germany", "+49", 10},
	{"FR", "France", "+33", 9}, {"AU", "Australia", "+61", 9},
}

// numberTypes are the paths below a country.
var numberTypes = []string{"Local", "TollFree", "Mobile", "National", "SharedCost", "Voip", "MachineToMachine"}

var availableFilters = rest.Filters("AreaCode Contains SmsEnabled MmsEnabled VoiceEnabled FaxEnabled ExcludeAllAddressRequired " +
	"ExcludeLocalAddressRequired ExcludeForeignAddressRequired Beta NearNumber NearLatLong Distance InPostalCode InRegion InRateCenter InLata InLocality")

// marketCountry is an AvailablePhoneNumberCountry.
type marketCountry struct {
	sim        *Sim
	code, name string
}

func (m marketCountry) JSON() any {
	uris := object{}
	for _, kind := range numberTypes[:3] {
		uris[map[string]string{"Local": "local", "TollFree": "toll_free", "Mobile": "mobile"}[kind]] = m.sim.uri("AvailablePhoneNumbers", m.code, kind)
	}
	return object{"country_code": m.code, "country": m.name, "beta": false, "uri": m.sim.uri("AvailablePhoneNumbers", m.code), "subresource_uris": uris}
}

func (s *Sim) market() []marketCountry {
	var all []marketCountry
	for _, c := range countries {
		all = append(all, marketCountry{s, c.code, c.name})
	}
	return all
}

func (s *Sim) listCountries(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Unpaged(q, "countries", s.market())
}

func countryAt(s *Sim, q *rest.Request) (marketCountry, *rest.Error) {
	return rest.Among(s.market(), q, func(m marketCountry) bool { return m.code == q.Vars["CountryCode"] })
}

// forSale is an AvailablePhoneNumber.
type forSale struct{ phone, country string }

func (f forSale) JSON() any {
	return object{"phone_number": f.phone, "friendly_name": formatted(f.phone), "iso_country": f.country, "address_requirements": "none",
		"beta": false, "capabilities": object{"voice": true, "sms": true, "mms": f.country == "US", "fax": false}, "lata": nil, "locality": nil, "rate_center": nil,
		"latitude": nil, "longitude": nil, "region": nil, "postal_code": nil}
}

// listAvailable offers numbers of a type.
func listAvailable(kind string) handler {
	return rest.On(countryAt, func(m marketCountry, q *rest.Request) (rest.Answer, *rest.Error) {
		area := q.Get("AreaCode")
		switch {
		case kind == "TollFree" && area == "":
			area = "800"
		case kind != "Local" && kind != "TollFree" && kind != "Mobile":
			return rest.Page[forSale](q, "available_phone_numbers", nil)
		}
		var found []forSale
		for _, phone := range m.sim.available(m.code, area, q.Get("Contains"), 30) {
			found = append(found, forSale{phone, m.code})
		}
		return rest.Page(q, "available_phone_numbers", found)
	})
}

// available makes up numbers that the account does not have: of an area, and with
// digits in them (* for any).
func (s *Sim) available(country, area, contains string, most int) []string {
	var found []string
	for _, c := range countries {
		if c.code != country || len(area) > c.digits-7 && area != "" || strings.Trim(area, "0123456789") != "" {
			continue
		}
		if area == "" {
			area = "555"[:min(3, c.digits-6)]
		}
		for n := 0; len(found) < most && n < 10000; n++ {
			phone := c.prefix + area + fmt.Sprintf("%0*d", c.digits-len(area), 1_000_000+n*7)
			if s.numbers[phone] == nil && numberLike(strings.TrimPrefix(phone, "+"), strings.TrimPrefix(contains, "+")) {
				found = append(found, phone)
			}
		}
	}
	return found
}
