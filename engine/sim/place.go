package sim

import "strings"

// Place is where Twilio believes a telephone number to be. What it does not know
// is sent empty.
type Place struct{ City, State, Zip, Country string }

// callingCodes are the countries of calling codes that belong to one country, or
// mostly to one. No code is the beginning of another.
var callingCodes = readCallingCodes(`1 US 7 RU 20 EG 27 ZA 30 GR 31 NL 32 BE 33 FR 34 ES 36 HU 39 IT 40 RO 41 CH 43 AT 44 GB 45 DK
	46 SE 47 NO 48 PL 49 DE 51 PE 52 MX 54 AR 55 BR 56 CL 57 CO 58 VE 60 MY 61 AU 62 ID 63 PH 64 NZ 65 SG 66 TH 81 JP 82 KR 84 VN
	86 CN 90 TR 91 IN 92 PK 212 MA 234 NG 254 KE 351 PT 352 LU 353 IE 354 IS 355 AL 356 MT 357 CY 358 FI 359 BG 370 LT 371 LV 372 EE
	380 UA 381 RS 385 HR 386 SI 420 CZ 421 SK 852 HK 855 KH 886 TW 966 SA 971 AE 972 IL`)

func readCallingCodes(list string) map[string]string {
	words := strings.Fields(list)
	countries := make(map[string]string, len(words)/2)
	for i := 0; i < len(words); i += 2 {
		countries[words[i]] = words[i+1]
	}
	return countries
}

// countryOf is the country of an E.164 number, or "".
func countryOf(number string) string {
	digits := strings.TrimPrefix(number, "+")
	for n := 1; n <= 3 && n <= len(digits); n++ {
		if country := callingCodes[digits[:n]]; country != "" {
			return country
		}
	}
	return ""
}

// fields are the four parameters that begin with the given word, none for an
// address that is no telephone number.
func (p Place) fields(word, address string) form {
	if !e164.MatchString(address) {
		return nil
	}
	if p.Country == "" {
		p.Country = countryOf(address)
	}
	return form{{word + "City", p.City}, {word + "State", p.State}, {word + "Zip", p.Zip}, {word + "Country", p.Country}}
}

// places are those of the caller and of the called side.
func (c *Call) places() (from, to Place) {
	own := func(address string) Place {
		if p := c.sim.numbers[address]; p != nil {
			return p.own.Place
		}
		return Place{}
	}
	if c.direction == "inbound" {
		return c.party.Place, own(c.to)
	}
	return own(c.from), c.party.Place
}
